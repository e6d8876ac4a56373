"""A newcomer walks through docs/tour.md: its own commands, in its order, and what it says one sees."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.demo_home import ROOT, DemoHome, living

_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_PAGE = (ROOT / "docs" / "tour.md").read_text()
_BEGINNING, *_SECTIONS = re.split(r"^## (.+)\n", _PAGE, flags=re.MULTILINE)
SECTIONS = dict(zip(_SECTIONS[::2], _SECTIONS[1::2], strict=True))


class Tour:
    """The page's sections, each of whose blocks is run once."""

    def __init__(self, home: DemoHome) -> None:
        self._home = home
        (self._functions,) = _BLOCK.findall(_BEGINNING)
        self.walked: list[str] = []

    def walk(self, section: str) -> list[str]:
        """What each block of a section says; every command has to succeed."""
        self.walked.append(section)
        return [self.type(block) for block in _BLOCK.findall(SECTIONS[section])]

    def type(self, block: str) -> str:
        """What commands say that stand, or might stand, on the page."""
        done = self._home.shell(f"set -euo pipefail\n{self._functions}\n{block}")
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def watch(self, what: str, link: str) -> None:
        """Wait for what the page says comes by itself; see `tests.journeys.demo_watch`."""
        done = self._home.python("tests.journeys.demo_watch", what, link)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def tour() -> Iterator[Tour]:
    with tempfile.TemporaryDirectory(prefix="kopru-tour-") as folder, living(Path(folder)) as home:
        yield Tour(home)


def test_links_run_by_themselves_and_one_is_told_of_changes(tour: Tour) -> None:
    seen, runs = tour.walk("Links")
    assert seen.count("DMS") == 9  # four links, four intervals and a night
    assert "30 3 * * *" in seen
    assert re.search("received|normal", runs)
    tour.watch("received", "Başkent Otomotiv DMS")
    for link in ("Eskişehir Oto DMS", "Körfez Otomobil DMS"):
        tour.watch("unschedule", link)


def test_preview_shows_a_change_before_a_run_makes_it(tour: Tour) -> None:
    preview, run = tour.walk("A preview")
    assert "family_name: Sarı → Sarıoğlu" in preview
    assert re.search(r"status +succeeded", run)


def test_settled_conflict_reaches_the_dealer(tour: Tour) -> None:
    waiting, settled = tour.walk("A conflict")
    assert re.search(r"family_name +Canoğlu +Can Özdoğan +open", waiting)
    assert '"family_name": "Canoğlu"' in settled
    assert tour.type(".venv/bin/kopru sync conflicts") == "No conflict waits.\n"


def test_corrected_record_is_taken_and_the_others_wait(tour: Tour) -> None:
    before, after = tour.walk("Rejected records")
    assert before.count("ESK-I") == 3
    assert re.search(r"created +1\n", after)
    assert len(re.findall("^.{36} +interactions", after, re.MULTILINE)) == 2


def test_one_record_comes_alone(tour: Tour) -> None:
    (run,) = tour.walk("One record")
    assert re.search(r"mode +record\n", run)
    assert re.search(r"read +1\n", run)


def test_schedule_keeps_out_of_the_quiet_hours(tour: Tour) -> None:
    (listed,) = tour.walk("A schedule")
    assert re.search(r"\*/15 \* \* \* \* +Europe/Istanbul", listed)


def test_dealer_that_is_down_is_asked_in_vain(tour: Tour) -> None:
    (said,) = tour.walk("A dealer goes down")
    assert '"down_for_seconds": 600' in said
    assert "is queued" in said


def test_dealer_that_keeps_failing_is_left_alone(tour: Tour) -> None:
    tour.watch("open", "Körfez Otomobil DMS")
    (said,) = tour.walk("It is left alone")
    assert re.search("Körfez Otomobil DMS .* open ", said)
    assert re.search("GET .* 503 ", said)


def test_dealer_that_comes_back_is_caught_up_with(tour: Tour) -> None:
    repaired, _ = tour.walk("It comes back")
    assert '"down_for_seconds": 0' in repaired
    tour.watch("idle", "Körfez Otomobil DMS")
    (run,) = json.loads(tour.type('.venv/bin/kopru sync runs "Körfez Otomobil DMS" -n 1 -o json'))
    assert (run["status"], run["tries"], run["read"] > 0) == ("succeeded", 0, True)


def test_partner_sees_a_verified_event_live(tour: Tour) -> None:
    (seen,) = tour.walk("A partner listens")
    assert re.search(r"verified 204 \S+ customer.unshared", seen)


def test_messages_to_a_receiver_that_is_down_wait_for_another_try(tour: Tour) -> None:
    (seen,) = tour.walk("A receiver goes down")
    assert re.search(r"customer\.\w+ +pending +\d+ +test", seen)


def test_receiver_that_comes_back_is_sent_what_failed(tour: Tour) -> None:
    (seen,) = tour.walk("It recovers")
    assert re.search(r"status +succeeded", seen)
    assert re.search(r"delivered +204", seen)


def test_receiver_that_was_switched_off_is_sent_what_was_held(tour: Tour) -> None:
    (seen,) = tour.walk("It is switched off")
    assert re.search(r"customer\.updated +held .*is active.*Işıldak", seen, re.DOTALL)


def test_whole_page_was_walked_in_its_order(tour: Tour) -> None:
    assert tour.walked == list(SECTIONS)
