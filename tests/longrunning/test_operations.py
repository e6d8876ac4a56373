"""Long work: done in steps, seen from outside, cancelled, and gone on with after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from gateway import queue
from gateway.channels import Caller, Channel
from gateway.db import Transaction, transaction
from gateway.errors import NotFound
from gateway.longrunning import jobs, kinds, service, work
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from tests.conftest import Api, Cast

SCOPE = "webhooks:read"


class Counting:
    """Work that counts to five, and may go wrong on the way."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.error: Exception | None = None
        self.wait_seconds = 0.0

    def __call__(self, tx: Transaction, operation: Operation) -> Step:
        reached = operation.cursor.get("reached", 0) + 1
        self.steps.append(reached)
        if self.error is not None:
            raise self.error
        return Step(1, 0, {"reached": reached}, reached == 5, 5, {"sum": reached}, self.wait_seconds)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    counting = Counting()
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register("test.count", queue=queue.WEBHOOKS, scope=SCOPE)(counting)
    yield counting


def begin(api: Api) -> UUID:
    """Ask for it in somebody's name."""
    caller = Caller(api.channel, client_id="sayan", partner_id=api.partner_id, scopes=frozenset({SCOPE}))
    with transaction(caller) as tx:
        return service.start(tx, "test.count", {"ad": "İğşı"}).id


def seen(api: Api, operation_id: UUID) -> dict[str, object]:
    """The operation as the API shows it."""
    return dict(api.get(f"/operations/{operation_id}").get_json())


def taken(operation_id: UUID) -> Operation:
    """The operation in a worker's hands."""
    operation = work._take(operation_id)
    assert operation is not None
    return operation


def free(operation_id: UUID) -> None:
    """Let its lease, or its waiting, pass."""
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute(
            "UPDATE operations SET due_at = now(), leased_until = now() - interval '1 s' WHERE id = %s", [operation_id]
        )


def test_work_is_done_step_by_step_and_seen_by_whoever_asked(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.eskisehir)
    assert seen(cast.eskisehir, operation_id)["status"] == "queued"
    jobs.go_on(str(operation_id))
    shown = seen(cast.eskisehir, operation_id)
    assert (shown["status"], shown["done"], shown["total"], shown["result"]) == ("succeeded", 5, 5, {"sum": 5})
    assert counting.steps == [1, 2, 3, 4, 5]


def test_work_of_a_partner_is_not_there_for_another(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.eskisehir)
    assert cast.ankara.get(f"/operations/{operation_id}").status_code == 404
    assert cast.ankara.get("/operations").get_json()["items"] == []
    assert [each["id"] for each in cast.ayse.get("/operations").get_json()["items"]] == [str(operation_id)]


def test_kind_is_shown_only_to_those_with_its_scope(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    with pytest.raises(NotFound), transaction(Caller(Channel.INTRANET, scopes=frozenset({"sync:read"}))) as tx:
        service.get(tx, operation_id)


def test_turn_ends_when_its_time_is_up_and_the_next_goes_on(
    cast: Cast, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation_id = begin(cast.ayse)
    monkeypatch.setattr(work, "SLICE_SECONDS", -1.0)
    jobs.go_on(str(operation_id))
    assert (seen(cast.ayse, operation_id)["status"], counting.steps) == ("running", [1])
    for _ in range(5):
        jobs.go_on(str(operation_id))
    assert (seen(cast.ayse, operation_id)["status"], counting.steps) == ("succeeded", [1, 2, 3, 4, 5])


def test_killed_workers_work_goes_on_at_the_last_committed_step(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    counting.error = KeyboardInterrupt()  # type: ignore[assignment]  # what no handler of ours stops
    with pytest.raises(KeyboardInterrupt):
        jobs.go_on(str(operation_id))
    counting.error = None
    jobs.go_on(str(operation_id))
    assert counting.steps == [1]
    free(operation_id)
    with transaction(Caller.system("test")) as tx:
        (bell,) = jobs.due_operations(tx)
    jobs.go_on(*bell.args)
    assert (seen(cast.ayse, operation_id)["done"], counting.steps) == (5, [1, 1, 2, 3, 4, 5])


def test_orphan_of_a_lost_lease_writes_nothing(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    orphan = taken(operation_id)
    free(operation_id)
    jobs.go_on(str(operation_id))
    with pytest.raises(queue.LeaseLost):
        work._do_step(orphan)
    assert seen(cast.ayse, operation_id)["done"] == 5


def test_work_is_prepared_before_each_step_in_transactions_that_hold_it(cast: Cast, counting: Counting) -> None:
    prepared: list[tuple[str, int]] = []

    def prepare(options: dict[str, str], held: kinds.Held) -> None:
        with held():
            prepared.append((options["ad"], len(counting.steps)))

    kinds.register("test.count", queue=queue.WEBHOOKS, scope=SCOPE, prepare=prepare)(counting)
    operation_id = begin(cast.ayse)
    orphan = taken(operation_id)
    free(operation_id)
    jobs.go_on(str(operation_id))
    assert prepared == [("İğşı", steps) for steps in range(5)]
    with pytest.raises(queue.LeaseLost):
        work._do_step(orphan)
    assert len(prepared) == 5


def test_preparing_in_vain_counts_as_a_try_of_its_step(cast: Cast, counting: Counting) -> None:
    def prepare(options: dict[str, str], held: kinds.Held) -> None:
        raise ValueError("gizli")

    kinds.register("test.count", queue=queue.WEBHOOKS, scope=SCOPE, prepare=prepare)(counting)
    operation_id = begin(cast.ayse)
    for _ in range(work.MOST_TRIES):
        jobs.go_on(str(operation_id))
        free(operation_id)
    assert (seen(cast.ayse, operation_id)["status"], counting.steps) == ("failed", [])


def test_failing_step_is_tried_five_times_and_then_says_so(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    counting.error = ValueError("gizli")
    for _ in range(7):
        jobs.go_on(str(operation_id))
        free(operation_id)
    shown = seen(cast.ayse, operation_id)
    assert (shown["status"], len(counting.steps)) == ("failed", 5)
    assert shown["error"] == "Something went wrong on our side; it was tried 5 times."


def test_problem_ends_the_work_at_once_with_its_sentence(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    counting.error = NotFound("Uç silinmiş.")
    jobs.go_on(str(operation_id))
    shown = seen(cast.ayse, operation_id)
    assert (shown["status"], shown["error"], len(counting.steps)) == ("failed", "Uç silinmiş.", 1)


def test_waiting_step_gives_the_worker_back(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    counting.wait_seconds = 60
    jobs.go_on(str(operation_id))
    jobs.go_on(str(operation_id))
    assert (seen(cast.ayse, operation_id)["status"], counting.steps) == ("running", [1])


def test_cancelled_before_it_began_is_over_at_once(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.eskisehir)
    answer = cast.eskisehir.post(f"/operations/{operation_id}/cancel")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "cancelled")
    jobs.go_on(str(operation_id))
    assert counting.steps == []


def test_cancelled_under_way_ends_at_the_next_step(cast: Cast, counting: Counting) -> None:
    operation_id = begin(cast.ayse)
    operation = taken(operation_id)
    assert work._do_step(operation)
    assert cast.ayse.post(f"/operations/{operation_id}/cancel").get_json()["status"] == "running"
    assert not work._do_step(operation)
    shown = seen(cast.ayse, operation_id)
    assert (shown["status"], shown["done"], counting.steps) == ("cancelled", 1, [1])


def test_nobody_has_more_under_way_than_allowed(cast: Cast, counting: Counting) -> None:
    for _ in range(service.MOST_ACTIVE):
        begin(cast.eskisehir)
    with pytest.raises(service.TooManyOperations):
        begin(cast.eskisehir)
    assert begin(cast.ankara)


def test_list_goes_page_by_page_newest_first(cast: Cast, counting: Counting) -> None:
    made = [str(begin(cast.ayse)) for _ in range(3)]
    page = cast.ayse.get("/operations?limit=2&kind=test.count").get_json()
    rest = cast.ayse.get(f"/operations?limit=2&kind=test.count&cursor={page['next']}").get_json()
    assert [each["id"] for each in page["items"] + rest["items"]] == made[::-1]
    assert cast.ayse.get("/operations?status=failed").get_json()["items"] == []


def test_what_ended_long_ago_is_forgotten(cast: Cast, counting: Counting) -> None:
    ended, kept = begin(cast.ayse), begin(cast.ayse)
    jobs.go_on(str(ended))
    jobs.go_on(str(kept))
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE operations SET finished_at = now() - interval '31 days' WHERE id = %s", [ended])
    jobs.forget_old_operations()
    assert [each["id"] for each in cast.ayse.get("/operations").get_json()["items"]] == [str(kept)]


def test_every_kind_is_rung_where_workers_answer() -> None:
    answered = {queue.SYNC, queue.WEBHOOKS}  # upkeep rings and answers no bell
    assert [name for name in kinds.names() if kinds.kind_of(name).queue not in answered] == []
