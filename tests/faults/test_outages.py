"""A partner that answers 429, 500 and 503 by turns: its run gets through, nothing twice, and others do not notice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from werkzeug.wrappers import Response

from tests.connectors.fake_partner import API_KEY, serve
from tests.faults.crowd import Clock
from tests.faults.installation import Installation, Seeded
from tests.faults.syncing import CarelessPartner, Link, add_link

pytestmark = pytest.mark.faults

BY_TURNS = (429, 500, 503)
EVERY = 6  # one of so many requests fails, half of those after the partner did what it was asked
CUSTOMERS = 40
MOST_TIMES_SLOWER, SLACK_SECONDS = 2.0, 2.0


class Failing(CarelessPartner):
    """Fails by turns while it is `ill`, and says how often."""

    ill = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.numbers, self.failed = count(1), Counter[int]()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        number = next(self.numbers)
        if not self.ill or number % EVERY:
            return super().__call__(environ, start_response)
        status = BY_TURNS[number // EVERY % len(BY_TURNS)]
        self.failed[status] += 1
        if status != 429 and number % (2 * EVERY):
            Response.from_app(super().__call__, environ)
        return Response(json.dumps({"error": "bakım"}), status, {"Retry-After": "1"})(environ, start_response)


@pytest.fixture
def systems() -> Iterator[list[tuple[Failing, str]]]:
    """Two partners' systems with their addresses, each with customers."""
    with ExitStack() as stack:
        found = [Failing(page_size=20) for _ in range(2)]
        for each in found:
            each.add("customers", [{"kind": "person", "given_name": f"Şule {n}"} for n in range(CUSTOMERS)])
        yield [(each, stack.enter_context(serve(each))) for each in found]


def timed(link: Link) -> float:
    """The seconds of a run that ends well, without those in which others used the processors."""
    clock = Clock(link.installation.folder)
    assert link.sync()["status"] == "succeeded"
    return clock.alone()


def test_partner_that_fails_by_turns_gets_all_once_and_holds_up_no_other(
    installation: Installation, systems: list[tuple[Failing, str]]
) -> None:
    (ill, url), (_, well) = systems
    seeded: list[Seeded] = [installation.seed(code, CUSTOMERS) for code in ("hasta", "saglam")]
    neighbour = add_link(installation, seeded[1], well, API_KEY)
    neighbour.sync()
    calm = max(timed(neighbour) for _ in range(3))
    ill.ill = True
    link = add_link(installation, seeded[0], url, API_KEY)
    run_id = link.start()
    meanwhile = [timed(neighbour) for _ in range(3)]
    installation.wait(lambda: link.is_over(run_id), 90, "the run has ended")
    run = link.run(run_id)
    print(f"\n{dict(ill.failed)}; {run['streams']}; calm {calm:.2f} s, meanwhile {meanwhile}")  # noqa: T201
    assert (run["status"], run["streams"]["customers"]["created"]) == ("succeeded", CUSTOMERS), run
    assert set(ill.failed) == set(BY_TURNS)
    references = Counter(each["reference"] for each in ill.records("customers") if "reference" in each)
    assert references == Counter(seeded[0].customers)
    assert sorted(meanwhile)[1] < calm * MOST_TIMES_SLOWER + SLACK_SECONDS
