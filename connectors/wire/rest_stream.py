"""One list of a partner's JSON API, as its description and the partner's site make it: addresses and records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from connectors.base import ConnectorError, Record
from connectors.http import Site
from connectors.wire import paging
from connectors.wire.mapping import Translation, dig

GONE = (404, 410)
_IDS = ("external_id", "customer_external_id", "version")


class RestStream:
    """What reading and writing share."""

    def __init__(self, name: str, described: Mapping[str, Any], site: Site) -> None:
        self.name = name
        self.described = described
        self.site = site
        self.path: str = described["path"]
        self.translation = Translation(described["rules"])
        self._is_translated = bool(self.translation)
        tombstones = described["tombstones"]
        self._mark: Mapping[str, Any] | None = tombstones if tombstones and tombstones["kind"] == "flag" else None
        self.lists_deletions = self._mark is not None

    def address(self, external_id: str | None) -> str:
        """Where one record stands; a permanent ConnectorError for an id that would lead elsewhere."""
        if not external_id or not external_id.strip("."):
            raise ConnectorError("The record has no external id that can stand in an address.", permanent=True)
        return f"{self.path}/{quote(external_id, safe='')}"

    def first(self, limit: int | None = None) -> dict[str, Any]:
        """The query of a list's first page, of so many records."""
        pagination = self.described["pagination"]
        named = pagination["limit_parameter"]
        return {**({named: limit or pagination["limit"]} if named else {}), **paging.first(pagination)}

    def items(self, body: Any) -> list[Any]:
        """The records as the partner lists them; a passing ConnectorError when there is no list."""
        items = dig(body, self.described["items"])
        if not isinstance(items, list):
            raise ConnectorError(f"The answer for {self.name} has no list at '{self.described['items']}'.")
        return items

    def ours(self, item: Any) -> Record:
        """The partner's record in our shape, as far as it can be read."""
        if not isinstance(item, dict):
            return {"value": item}
        record = self._translated(item) if self._is_translated else item
        numbers = [name for name in _IDS if isinstance(record.get(name), int)]
        return {**record, **{name: str(record[name]) for name in numbers}} if numbers else record

    def _translated(self, item: Record) -> Record:
        record = self.translation.to_ours(item)
        if reference := self.described["reference"]:
            record.setdefault("reference", dig(item, reference["field"]))
        return record

    def external_id(self, item: Any) -> str | None:
        """The partner's id of this record, if it is one."""
        value = self.ours(item).get("external_id")
        return value if isinstance(value, str) else None

    def is_deleted(self, item: Any) -> bool:
        """Whether the record carries the mark of a deleted one."""
        if self._mark is None:
            return False
        value = dig(item, self._mark["field"])
        return bool(value) if self._mark["values"] is None else value in self._mark["values"]

    def read(self, items: Iterable[Any]) -> list[tuple[Any, Record]]:
        """The records as the partner lists them, each beside its form here."""
        return [(item, self.ours(item)) for item in items]

    def sort(self, told: Iterable[tuple[Any, Record]]) -> tuple[list[Record], list[str]]:
        """Records and deletions of what was read; where deletions stand among them, the last word on each id."""
        if not self.lists_deletions:
            return [record for _, record in told], []
        records: dict[Any, Record] = {}
        deleted: dict[str, None] = {}
        for position, (item, record) in enumerate(told):
            external_id = record.get("external_id")
            if not isinstance(external_id, str):
                records[position] = record  # validation will say what is wrong with it
                continue
            records.pop(external_id, None)
            deleted.pop(external_id, None)
            if self.is_deleted(item):
                deleted[external_id] = None
            else:
                records[external_id] = record
        return list(records.values()), list(deleted)
