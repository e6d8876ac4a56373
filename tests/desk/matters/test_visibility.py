"""A customer sees their own matters, a partner those that it works on; neither what is not for them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from gateway.channels import Caller, Channel
from gateway.db import transaction
from tests.conftest import Api, Cast
from tests.desk.conftest import made
from tests.desk.matters.conftest import change, note, open_matter, whole
from tests.test_outbox import settle

INSIDE = {"owner", "queue_id", "internal", "opened_by", "escalated_at", "reopened"}
DEADLINES = {"priority", "due_at", "first_response_due_at"}


def listed(api: Api) -> list[str]:
    return [each["id"] for each in api.get("/matters").get_json()["items"]]


def test_customer_opens_and_follows_their_own(cast: Cast) -> None:
    matter = open_matter(cast.cem, cast)
    assert (matter["customer_id"], matter["service_point"]) == (str(cast.cem_id), "web")
    assert listed(cast.cem) == [matter["id"]]


def test_customer_is_not_shown_whose_it_is_inside_nor_how_urgent(cast: Cast, matter: dict[str, Any]) -> None:
    assert whole(cast.ayse, matter).keys() - whole(cast.cem, matter).keys() == INSIDE | DEADLINES


def test_matter_kept_from_the_customer_is_not_there_for_them(cast: Cast) -> None:
    hidden = open_matter(cast.ayse, cast, internal=True)
    assert (cast.cem.get(f"/matters/{hidden['id']}").status_code, listed(cast.cem)) == (404, [])


def test_partner_sees_what_it_works_on_and_nothing_else(cast: Cast, matter: dict[str, Any]) -> None:
    assert (cast.eskisehir.get(f"/matters/{matter['id']}").status_code, listed(cast.eskisehir)) == (404, [])
    change(cast.ayse, matter, partner="eskisehir")
    assert listed(cast.eskisehir) == [matter["id"]]
    assert whole(cast.ayse, matter).keys() - whole(cast.eskisehir, matter).keys() == INSIDE


def test_partner_does_not_learn_what_another_one_recorded_for_itself(cast: Cast) -> None:
    said = {"channel": "phone", "kind": "other", "direction": "in", "customer_id": str(cast.cem_id)}
    theirs = {"interaction_id": made(cast.eskisehir.post("/interactions", said))["id"]}
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    matter = open_matter(cast.ankara, cast)
    cast.ayse.post(f"/matters/{matter['id']}/interactions", theirs)
    assert [each["kind"] for each in whole(cast.ayse, matter)["entries"]] == ["interaction", "opened"]
    assert [each["kind"] for each in whole(cast.ankara, matter)["entries"]] == ["opened"]


def test_partners_own_matter_is_its_to_work_on(cast: Cast) -> None:
    matter = open_matter(cast.eskisehir, cast)
    assert (matter["partner"], matter["service_point"]) == ("eskisehir", "dealer")
    assert change(cast.eskisehir, matter, status="solved")["status"] == "solved"


@pytest.mark.parametrize("over", ["pending", "solved", "closed"])
def test_partner_opens_again_what_it_works_on(cast: Cast, over: str) -> None:
    matter = open_matter(cast.eskisehir, cast)
    for status in (over, "open"):
        assert change(cast.eskisehir, matter, status=status)["status"] == status
    assert [each["kind"] for each in whole(cast.ayse, matter)["entries"]] == ["status", "status", "opened"]


def test_partner_opens_none_of_a_customer_it_does_not_see(cast: Cast) -> None:
    wish = {"subject": "Merak", "customer_id": str(cast.cem_id)}
    assert cast.ankara.post("/matters", wish).status_code == 404


def test_ended_share_ends_the_view_of_its_matters(cast: Cast) -> None:
    matter = open_matter(cast.eskisehir, cast)
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    assert (cast.eskisehir.get(f"/matters/{matter['id']}").status_code, listed(cast.eskisehir)) == (404, [])


def test_each_reads_the_notes_that_are_for_them(cast: Cast) -> None:
    matter = open_matter(cast.ayse, cast, partner="eskisehir")
    for visibility in ("internal", "partner", "shared"):
        note(cast.ayse, matter, visibility, visibility=visibility)
    read = {
        api.channel: [each["text"] for each in whole(api, matter)["entries"] if each["kind"] == "note"]
        for api in (cast.ayse, cast.eskisehir, cast.cem)
    }
    assert read == {
        Channel.INTRANET: ["shared", "partner", "internal"],
        Channel.EXTRANET: ["shared", "partner"],
        Channel.INTERNET: ["shared"],
    }


def test_nobody_outside_learns_who_of_the_house_wrote(cast: Cast, matter: dict[str, Any]) -> None:
    assert {each["actor"] for each in whole(cast.cem, matter)["entries"]} == {None}


def test_note_for_the_customer_is_refused_where_they_see_nothing_of_it(cast: Cast) -> None:
    hidden = open_matter(cast.ayse, cast, internal=True)
    refused = cast.ayse.post(f"/matters/{hidden['id']}/notes", {"text": "Merhaba", "visibility": "shared"})
    assert refused.get_json()["errors"][0]["code"] == "internal"


@pytest.mark.parametrize("patch", [{"priority": "urgent"}, {"owner": "zeynep"}, {"internal": True}])
def test_partner_moves_the_status_alone(cast: Cast, patch: dict[str, Any]) -> None:
    matter = open_matter(cast.eskisehir, cast)
    refused = cast.eskisehir.patch(f"/matters/{matter['id']}", patch, version=1)
    assert refused.get_json()["errors"][0]["code"] == "unknown_field"


def events(api: Api) -> list[tuple[str, set[str]]]:
    settle()
    told = api.events("type=matter.*")
    return [(each["type"], set(each["data"])) for each in told]


def test_change_is_told_to_those_who_may_see_what_changed(cast: Cast) -> None:
    matter = open_matter(cast.ayse, cast, partner="eskisehir")
    note(cast.ayse, matter, "Aramızda kalsın")
    change(cast.ayse, matter, priority="high")
    change(cast.ayse, matter, status="closed")
    assert [kind for kind, _ in events(cast.ayse)] == ["matter.opened", *["matter.changed"] * 2, "matter.closed"]
    assert [kind for kind, _ in events(cast.eskisehir)] == ["matter.opened", "matter.changed", "matter.closed"]
    assert [kind for kind, _ in events(cast.cem)] == ["matter.opened", "matter.closed"]


def test_event_tells_outside_what_the_matter_shows_there(cast: Cast) -> None:
    matter = open_matter(cast.cem, cast)
    ((_, fields),) = events(cast.cem)
    assert fields == matter.keys()


@pytest.mark.parametrize("table", ["matters", "matter_entries", "matter_interactions", "desk_items", "desk_queues"])
def test_database_alone_shows_a_partner_nothing_of_anothers(cast: Cast, queue: str, table: str) -> None:
    matter = open_matter(cast.ayse, cast, partner="eskisehir", queue_id=queue)
    spoken = {"channel": "phone", "kind": "other", "direction": "in", "customer_id": str(cast.cem_id)}
    linked = {"interaction_id": cast.ayse.post("/interactions", spoken).get_json()["id"]}
    cast.ayse.post(f"/matters/{matter['id']}/interactions", linked)
    count = f"SELECT count(*) FROM {table}"
    with transaction(Caller.system("test")) as tx:
        assert (tx.raw.execute(count).fetchone() or (0,))[0] > 0
    with transaction(Caller(Channel.EXTRANET, partner_id=cast.ankara.partner_id, partner="ankara")) as tx:
        assert tx.raw.execute(count).fetchone() == (0,)


def test_database_lets_no_customer_keep_a_matter_from_nobody(cast: Cast) -> None:
    open_matter(cast.cem, cast)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        transaction(Caller(Channel.INTERNET, customer_id=cast.cem_id)) as tx,
    ):
        tx.raw.execute("UPDATE matters SET is_internal = true")


@pytest.mark.parametrize("path", ["/matters", "/matters/{id}", "/matters/{id}/entries"])
def test_customer_sees_who_was_shown_their_matters(cast: Cast, path: str) -> None:
    matter = open_matter(cast.ayse, cast, partner="eskisehir")
    assert cast.eskisehir.get(path.format(**matter)).status_code == 200
    seen = cast.cem.get("/access-log").get_json()["items"]
    assert [(each["by"], each["what"]) for each in seen] == [("partner", "matters")]
