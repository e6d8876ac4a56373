"""One entity set of an OData service: its addresses, its headers, and its entities as our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.base import ConnectorError, Record
from connectors.http import Answer, Site
from connectors.wire import cursor as cursors
from connectors.wire.odata_literal import Clock, Key, query
from connectors.wire.rest_stream import RestStream

# Long and decimal numbers come as text: a JSON number, read as a double, would cut them.
_ACCEPT = "application/json;odata.metadata=minimal;IEEE754Compatible=true"
_LINKS = ("/$link", "/$deletedLink")


def annotation(item: Any, name: str) -> Any:
    """An annotation as OData 4.0 (`@odata.name`) or 4.01 (`@name`) writes it, or None."""
    return item.get(f"@odata.{name}", item.get(f"@{name}")) if isinstance(item, dict) else None


class EntitySet(RestStream):
    """What reading and writing share."""

    def __init__(self, name: str, described: Mapping[str, Any], version: str, site: Site) -> None:
        super().__init__(name, _as_list(described), site)
        self.lists_deletions = True
        changed = described["changed"]
        self.key = Key(described["key"])
        self.clock = Clock(changed["property"], changed["kind"]) if changed else None
        self._headers = {"Accept": _ACCEPT, "OData-Version": version, "OData-MaxVersion": version}
        self._mapped = {rule["theirs"].split(".")[0] for rule in described["rules"] if rule["converter"] != "constant"}

    def ask(self, address: str, options: Mapping[str, Any] | None = None, prefer: str = "", **how: Any) -> Answer:
        """GET a path with query options, or a link of the service's."""
        headers = {**self._headers, **({"Prefer": prefer} if prefer else {})}
        return self.site.request("GET", address + query(options or {}), headers=headers, **how)

    def headers(self, **more: str) -> dict[str, str]:
        """The headers of a request that writes."""
        return {**self._headers, **more}

    def address(self, external_id: str | None) -> str:
        """Where one entity stands; a permanent ConnectorError for an id that is no key of this set."""
        try:
            return self.path + self.key.predicate(external_id or "")
        except ValueError:
            raise ConnectorError(f"{external_id!r:.80} is no key of {self.path}.", permanent=True) from None

    def shown(self) -> dict[str, str]:
        """The options that say what of an entity is wanted."""
        select = self.described["select"]
        needed = dict.fromkeys([*(select or ()), *self.key.properties, *self._own_properties()])
        return {
            **({"$select": ",".join(needed)} if select else {}),
            **({"$expand": self.described["expand"]} if self.described["expand"] else {}),
        }

    def ours(self, item: Any) -> Record:
        """The entity in our shape, its key as the external id and its ETag as the version."""
        if self._is_removed(item):
            return {"external_id": self._removed_id(item)}
        record = super().ours(item)
        if isinstance(item, dict):
            record = {**record, "external_id": self.key.of(item), "version": self.etag(item)}
            if self.clock:
                record.setdefault("updated_at", self._time(item.get(self.clock.name)))
        return record

    def etag(self, item: Any) -> str | None:
        """The entity's ETag as it stands in its annotation or property, or None."""
        named = self.described["etag"]
        value = item.get(named) if named and isinstance(item, dict) else annotation(item, "etag")
        return str(value) if isinstance(value, (str, int)) else None

    def is_deleted(self, item: Any) -> bool:
        """Whether it is an entry of a deleted entity, or carries the mark of one."""
        return self._is_removed(item) or super().is_deleted(item)

    def is_link(self, item: Any) -> bool:
        """Whether this entry of a delta tells of a relation, not of an entity."""
        return str(annotation(item, "context") or "").endswith(_LINKS)

    def is_partial(self, item: Any) -> bool:
        """Whether this entry of a delta leaves out properties that we map: a service may send only what changed."""
        return isinstance(item, dict) and not self.is_deleted(item) and not self._mapped <= {*item}

    def _own_properties(self) -> list[str]:
        marks = [self.described[name]["field"] for name in ("reference", "tombstones") if self.described[name]]
        return [name for name in (*marks, self.described["etag"], self.clock and self.clock.name) if name]

    def _time(self, told: Any) -> Any:
        return cursors.latest([told]) or told

    def _is_removed(self, item: Any) -> bool:
        return annotation(item, "removed") is not None or _is_deleted_entity(item)

    def _removed_id(self, item: Mapping[str, Any]) -> str | None:
        told = item.get("id") if _is_deleted_entity(item) else annotation(item, "id")
        return (self.key.of_address(told) if isinstance(told, str) else None) or self.key.of(item)


def _is_deleted_entity(item: Any) -> bool:
    """Whether it is OData 4.0's entry of a deleted entity, whose `id` is an address even where the key is named so."""
    return str(annotation(item, "context") or "").endswith("/$deletedEntity")


def _as_list(described: Mapping[str, Any]) -> dict[str, Any]:
    """The description in the words of a list of a JSON API."""
    deleted, reference = described["deleted"], described["reference"]
    return {
        **described,
        "path": f"/{quote(described['entity_set'])}",
        "items": "value",
        "tombstones": {"kind": "flag", "field": deleted["property"], "values": deleted["values"]} if deleted else None,
        "reference": {"field": reference} if reference else None,
    }
