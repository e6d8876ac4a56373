"""Connectors with one mistake each, and the claim that has to find it; run by test_contract.py, each claim alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import INCLUDE

from connectors.base import ConnectorError, ExpiredCursor, Page, Record
from connectors.http import Http
from connectors.skeleton.claims import Pretended, TestOrnek
from connectors.skeleton.connector import Ornek

log = logging.getLogger(__name__)


class Broken(TestOrnek):
    """The claims, against a connector with a mistake in it."""

    breaks = ""
    connector_class: type[Ornek] = Ornek

    def connect(self, partner: Pretended, http: Http) -> Ornek:
        settings = {"base_url": partner.url, "token": "gizli-anahtar", "page_size": 3}
        return self.connector_class(self.connector_class.Settings().load(settings), http)


def pages(connector: Ornek, cursor: str | None) -> Iterator[Page]:
    return Ornek.pull(connector, "customers", cursor)


class TestKeepsItsPages(Broken):
    breaks = "test_long_listing_leaves_its_pages_behind"

    class connector_class(Ornek):  # noqa: N801
        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            kept = []
            for page in pages(self, cursor):
                kept.append(page)
                yield page


class TestReadsAllAtOnce(Broken):
    breaks = "test_pages_are_asked_for_one_by_one"

    class connector_class(Ornek):  # noqa: N801
        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            yield from list(pages(self, cursor))


class TestLosesTheLastOfAPage(Broken):
    breaks = "test_records_that_share_a_time_survive_page_edges"

    class connector_class(Ornek):  # noqa: N801
        def _page(self, after: int) -> Page:
            page = super()._page(after)
            return Page(page.records[:2], page.cursor, page.deleted)


class TestBeginsAgainAtEveryPage(Broken):
    breaks = "test_every_page_edge_is_a_place_to_resume_for_a_new_process"

    class connector_class(Ornek):  # noqa: N801
        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            for number, page in enumerate(pages(self, cursor)):
                yield Page(page.records, str(int(page.cursor) + 2 * (number == 0)), page.deleted)


class TestForgetsDeletions(Broken):
    breaks = "test_deletion_arrives_as_a_tombstone"

    class connector_class(Ornek):  # noqa: N801
        def _page(self, after: int) -> Page:
            page = super()._page(after)
            return Page(page.records, page.cursor)


class TestTellsItsToken(Broken):
    breaks = "test_errors_never_show_a_secret"

    class connector_class(Ornek):  # noqa: N801
        def _page(self, after: int) -> Page:
            try:
                return super()._page(after)
            except ConnectorError as error:
                raise ConnectorError(f"{error.message} (token {self.settings['token']})") from None


class TestLogsItsToken(Broken):
    breaks = "test_logs_never_show_a_secret"

    class connector_class(Ornek):  # noqa: N801
        def check(self) -> None:
            log.debug("signing in with %s", self.settings)
            super().check()


class TestFollowsAnyRedirect(Broken):
    breaks = "test_no_redirect_leads_off_the_partners_host"

    class connector_class(Ornek):  # noqa: N801
        def _page(self, after: int) -> Page:
            self.http.session.get(self.settings["base_url"] + "/customers?after=0&size=1", timeout=5)
            return super()._page(after)


class TestWantsEveryField(Broken):
    breaks = "test_record_of_another_shape_still_arrives_and_so_do_the_others"

    class connector_class(Ornek):  # noqa: N801
        def _record(self, item: Any) -> Record:
            return {**super()._record(item), "organisation_name": item["name"].strip()}


class TestTrustsEveryAnswer(Broken):
    breaks = "test_no_answer_makes_a_pull_fail_in_any_other_way"

    class connector_class(Ornek):  # noqa: N801
        def check(self) -> None:
            self._site.request("GET", "/customers", params={"after": 0, "size": 1}).json()["items"]

        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            self.check()
            yield from pages(self, cursor)


class TestAsksAgainAtOnce(Broken):
    breaks = "test_partner_says_when_to_come_back"

    class connector_class(Ornek):  # noqa: N801
        def _page(self, after: int) -> Page:
            try:
                return super()._page(after)
            except ConnectorError:
                return super()._page(after)


class TestGivesUpAtOnce(Broken):
    breaks = "test_passing_fault_asks_to_try_again"

    class connector_class(Ornek):  # noqa: N801
        def _page(self, after: int) -> Page:
            try:
                return super()._page(after)
            except ConnectorError as error:
                raise ConnectorError(error.message, permanent=True) from None


class TestSaysGoodbye(Broken):
    breaks = "test_round_that_is_broken_off_asks_no_more"

    class connector_class(Ornek):  # noqa: N801
        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            try:
                yield from pages(self, cursor)
            finally:
                self.check()


class TestLeavesATrace(Broken):
    breaks = "test_reading_writes_nothing"

    class connector_class(Ornek):  # noqa: N801
        def check(self) -> None:
            self._site.request("POST", "/customers?after=0&size=1", body={"seen": True})


class TestTakesAnyCursor(Broken):
    breaks = "test_strange_cursor_is_an_expired_one"

    class connector_class(Ornek):  # noqa: N801
        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            try:
                yield from pages(self, cursor)
            except ExpiredCursor:
                yield from pages(self, None)


class TestTakesAnySetting(Broken):
    breaks = "test_settings_name_what_they_do_not_know"

    class connector_class(Ornek):  # noqa: N801
        class Settings(Ornek.Settings):
            class Meta:
                unknown = INCLUDE


class TestCallsEverythingNew(Broken):
    breaks = "test_second_round_brings_nothing_new"

    class connector_class(Ornek):  # noqa: N801
        count = 0

        def _record(self, item: Any) -> Record:
            self.count += 1
            return {**super()._record(item), "organisation_name": f"{item.get('name')} {self.count}"}

        def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
            return pages(self, None)


class TestHasNoName(Broken):
    breaks = "test_connector_says_what_it_is"

    class connector_class(Ornek):  # noqa: N801
        can = frozenset({"pull", "fly"})


def every_mistake() -> list[Any]:
    """Each class with the claim that it breaks."""
    return [pytest.param(each.__name__, each.breaks, id=each.__name__) for each in Broken.__subclasses__()]
