"""Ornek: a system whose API numbers every change."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from connectors.base import Connector, ExpiredCursor, Page, Record
from connectors.http import Http
from connectors.wire.understood import understood


class Ornek(Connector):
    """One Ornek server."""

    name = "ornek"
    title = "Ornek"
    streams = ("customers",)
    can = frozenset({"pull", "tombstones", "full_listing"})

    class Settings(Schema):
        """Where the server is, and who we are there."""

        base_url = fields.URL(required=True, schemes={"http", "https"}, require_tld=False)
        token = fields.String(required=True, load_only=True)  # load_only: a secret, never shown again
        page_size = fields.Integer(load_default=200, validate=validate.Range(1, 1000))

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        self._site = http.site(settings["base_url"], {"Authorization": f"Bearer {settings['token']}"})

    def check(self) -> None:
        """Ask for one page."""
        self._page(0)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Go on behind the last change seen, until a page brings nothing more."""
        if cursor is not None and not cursor.isdecimal():
            raise ExpiredCursor("This cursor is not ours.")
        before, page = None, self._page(int(cursor or 0))
        while page.cursor != before:
            yield page
            before, page = page.cursor, self._page(int(page.cursor))

    @understood("Ornek")  # an answer of another shape than promised is tried again, and no bug of ours
    def _page(self, after: int) -> Page:
        params = {"after": after, "size": self.settings["page_size"]}
        items = self._site.request("GET", "/customers", params=params).json()["items"]
        deleted = [str(item["id"]) for item in items if item.get("deleted")]
        records = [self._record(item) for item in items if not item.get("deleted")]
        return Page(records, str(max([after, *(int(item["seq"]) for item in items)])), deleted)

    def _record(self, item: Any) -> Record:
        own = {"external_id": str(item["id"]), "version": str(item["seq"])}
        return {**own, "kind": "organisation", "organisation_name": item.get("name")}
