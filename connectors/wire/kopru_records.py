"""Customers and interactions as another gateway's extranet shows them, in our shape and back.

Our reference is an identifier of the customer there, and an attribute of the interaction. No partner can delete at a
gateway: what we withdraw stays there, and its reference says so. How far an interaction may be seen is each gateway's
own affair, so `visibility` crosses in neither direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.base import Record
from connectors.wire.kopru_settings import GRANTABLE

_CUSTOMER = frozenset(
    {"kind", "given_name", "family_name", "organisation_name", "status", "locale", "contact_points", "identifiers"}
) | {"attributes"}
_INTERACTION = frozenset(
    {"channel", "kind", "direction", "occurred_at", "subject", "body", "outcome", "agent", "satisfaction", "amount"}
) | {"products", "attributes"}
_WITHDRAWN = "-withdrawn"
NEEDS_THERE = frozenset({"contact_points", "identifiers", "attributes"})  # lists and objects that others write in, too


@dataclass(frozen=True, slots=True)
class Customers:
    """Customers; `system` names our references, `granted` the fields that the agreement adds."""

    system: str
    granted: frozenset[str] = frozenset()
    path = "/extranet/v1/customers"

    def ours(self, item: Mapping[str, Any]) -> Record:
        """What the other gateway shows, as a record."""
        names = _CUSTOMER.union(GRANTABLE)
        record = {**_known(item), **{name: value for name, value in item.items() if name in names}}
        if _are_objects(record.get("contact_points")):
            record["contact_points"] = [_without(point, "id") for point in record["contact_points"]]
        if _are_objects(record.get("identifiers")):
            reference = self.reference(item)
            record |= {"reference": reference} if reference else {}
            record["identifiers"] = [each for each in record["identifiers"] if each.get("system") != self.system]
        return record

    def reference(self, item: Mapping[str, Any]) -> str | None:
        """Our reference, while we have not withdrawn the record."""
        return next((each.get("value") for each in item["identifiers"] if each.get("system") == self.system), None)

    def is_withdrawn(self, item: Mapping[str, Any]) -> bool:
        """Whether we have let go of it."""
        given = item.get("identifiers")
        return _are_objects(given) and any(each.get("system") == self.system + _WITHDRAWN for each in given or ())

    def new(self, record: Record, key: str) -> Record:
        """What to create."""
        return {**self._said(record), "identifiers": [*(record.get("identifiers") or ()), self._identifier(key)]}

    def patch(self, record: Record, there: Record | None) -> Record:
        """What to change; `there` is how it stands, without which NEEDS_THERE cannot be written."""
        body = self._said(record)
        there = there or {}
        if "contact_points" in body:
            body["contact_points"] = _identified(body["contact_points"] or (), there.get("contact_points") or ())
        if "identifiers" in body:
            kept = [each for each in there.get("identifiers") or () if each["system"] == self.system]
            body["identifiers"] = [*(body["identifiers"] or ()), *kept]
        if "attributes" in body:
            body["attributes"] = _difference(there.get("attributes") or {}, body["attributes"] or {})
        return body

    def withdrawal(self, there: Record, key: str) -> Record:
        """What to change so that the other gateway knows we have let go of it."""
        others = [each for each in there["identifiers"] if each["system"] != self.system]
        return {"status": "inactive", "identifiers": [*others, self._identifier(key, _WITHDRAWN)]}

    def _said(self, record: Record) -> Record:
        return {name: value for name, value in record.items() if name in _CUSTOMER | self.granted}

    def _identifier(self, key: str, end: str = "") -> Record:
        return {"system": self.system + end, "value": key}


@dataclass(frozen=True, slots=True)
class Interactions:
    """Interactions; `system` names our references."""

    system: str
    path = "/extranet/v1/interactions"

    def ours(self, item: Mapping[str, Any]) -> Record:
        """What the other gateway shows, as a record."""
        record = {**_known(item), **{name: value for name, value in item.items() if name in _INTERACTION}}
        record["customer_external_id"] = item.get("customer_id")
        if isinstance(record.get("attributes"), dict):
            reference = self.reference(item)
            record |= {"reference": reference} if reference else {}
            record["attributes"] = _without(record["attributes"], self.system)
        return record

    def reference(self, item: Mapping[str, Any]) -> str | None:
        """Our reference, while we have not withdrawn the record."""
        return item["attributes"].get(self.system)  # type: ignore[no-any-return]

    def is_withdrawn(self, item: Mapping[str, Any]) -> bool:
        """Whether we have let go of it."""
        attributes = item.get("attributes")
        return isinstance(attributes, dict) and self.system + _WITHDRAWN in attributes

    def new(self, record: Record, key: str) -> Record:
        """What to create."""
        attributes = {**(record.get("attributes") or {}), self.system: key}
        return {**self._said(record), "attributes": attributes, "customer_id": record.get("customer_external_id")}

    def patch(self, record: Record, there: Record | None) -> Record:
        """What to change; `there` is how it stands, without which NEEDS_THERE cannot be written."""
        body = self._said(record)
        if "attributes" in body:
            before = _without((there or {}).get("attributes") or {}, self.system)
            body["attributes"] = _difference(before, body["attributes"] or {})
        return body

    def withdrawal(self, there: Record, key: str) -> Record:
        """What to change so that the other gateway knows we have let go of it."""
        return {"attributes": {self.system: None, self.system + _WITHDRAWN: key}}

    def _said(self, record: Record) -> Record:
        return {name: value for name, value in record.items() if name in _INTERACTION}


Translation = Customers | Interactions


def _known(item: Mapping[str, Any]) -> Record:
    version = item.get("version")
    known = {"external_id": item["id"], "updated_at": item.get("updated_at")}
    return known if version is None else {**known, "version": str(version)}


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _without(record: Mapping[str, Any], name: str) -> Record:
    return {each: value for each, value in record.items() if each != name}


def _identified(points: Any, there: Any) -> list[Record]:
    """Our contact points, those that stand there already under the ids they have."""
    known = {_same(point): point["id"] for point in there}
    return [{**point, **({"id": found} if (found := known.pop(_same(point), None)) else {})} for point in points]


def _same(point: Mapping[str, Any]) -> tuple[Any, ...]:
    if point["kind"] != "address":
        return point["kind"], point.get("value")
    return "address", *sorted((name, part) for name, part in (point.get("address") or {}).items() if part)


def _difference(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Record:
    """The merge patch (RFC 7396) that makes the one into the other."""
    patch: Record = dict.fromkeys(there.keys() - wanted.keys())
    for name, value in wanted.items():
        before = there.get(name)
        both = isinstance(before, dict) and isinstance(value, dict)
        patch[name] = _difference(before, value) if both else value  # type: ignore[arg-type]
    return patch
