"""What rows will become: decided row by row by what is known, with nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import text

from gateway.bulk import Changed, as_array
from gateway.customers import bulk as customers
from gateway.customers import merging, shape, tombstones
from gateway.customers.attributes.known import read as read_rules
from gateway.customers.attributes.rules import Rules as AttributeRules
from gateway.customers.attributes.rules import Side
from gateway.customers.attributes.values import Definitions
from gateway.customers.attributes.values import read as read_attributes
from gateway.db import Query, Transaction, new_id_texts
from gateway.errors import FieldError, Invalid, refuse_field
from gateway.provenance import Source, born
from gateway.transfers.importing.keys import keys_of
from gateway.transfers.importing.mapping import Mapped
from gateway.transfers.importing.reading.rows import Line
from gateway.transfers.importing.targets import Row
from gateway.validation import flatten, messages_of
from schemas.customer_import import ImportedCustomer
from schemas.intake import intake

Stored = dict[str, Any]
_SCHEMA = ImportedCustomer()
_FIND = Query(text("SELECT k.key, k.customer_id FROM customer_keys k WHERE k.key = ANY(:keys)"))
_FIND_SHARED = Query(
    text(
        "SELECT k.key, k.customer_id FROM customer_keys k WHERE k.key = ANY(:keys) "
        "AND EXISTS (SELECT 1 FROM shares s WHERE s.customer_id = k.customer_id AND s.partner_id = :partner)"
    )
)


@dataclass(frozen=True, slots=True)
class Rules:
    """In whose name, by what columns, and what becomes of customers that are known."""

    source: Source
    side: Side
    partner_id: UUID | None
    mapped: Mapped
    match_on: str | None
    on_match: str


class Fault(NamedTuple):
    """A row that cannot be taken, and why; a pointer of "" means the row as a whole."""

    line: Line
    errors: list[dict[str, str]]


class Outcome(NamedTuple):
    """What became of a row, and the customer afterwards."""

    number: int
    outcome: str
    row: Stored | None


@dataclass(slots=True)
class Plan:
    """What a page will write; `outcomes` are in the order of the rows, those of `faults` apart."""

    created: dict[UUID, Stored] = field(default_factory=dict)
    changed: dict[UUID, Changed] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Read(NamedTuple):
    """A row whose content is sound by itself, in stored form, and the keys it is recognised by."""

    line: Line
    row: Row
    stored: Stored
    keys: set[str]


def decide(tx: Transaction, rules: Rules, lines: Sequence[Line], *, lock: bool = True) -> Plan:
    """Find out what rows become; without `lock` the customers concerned are only looked at."""
    plan, attributes = Plan(), read_rules(tx)
    sound = [each for line in lines if (each := _read(rules, attributes.definitions, line, plan)) is not None]
    sound = _without_erased(tx, rules, sound, plan)
    known = _find(tx, rules.partner_id, {key for each in sound for key in each.keys})
    wanted = {customer_id for ids in known.values() for customer_id in ids}
    here = customers.fetch(tx, wanted, lock=lock) if wanted else {}
    deciding = _Deciding(rules, attributes, plan, known, here, iter(new_id_texts(len(sound))))
    for each in sound:
        try:
            deciding.place(each)
        except Invalid as invalid:
            plan.faults.append(_fault(rules, each.line, each.row, invalid.errors))
    return plan


def _read(rules: Rules, definitions: Definitions, line: Line, plan: Plan) -> _Read | None:
    if line.cells is None:
        plan.faults.append(Fault(line, [{"column": "", "code": "unreadable", "message": line.fault}]))
        return None
    row = rules.mapped.row(line.cells)
    if definitions and isinstance(row.data.get("attributes"), dict):
        row.data["attributes"] = read_attributes(definitions, row.data["attributes"])
    try:
        stored = shape.normalise(_loaded(row.data))
        keys = keys_of(stored, rules.match_on) if rules.on_match != "create" else set()
    except Invalid as invalid:
        plan.faults.append(_fault(rules, line, row, invalid.errors))
        return None
    return _Read(line, row, stored, keys)


def _without_erased(tx: Transaction, rules: Rules, sound: list[_Read], plan: Plan) -> list[_Read]:
    """Those that may be written; of people who were erased no cell is kept beside the reason."""
    marks = tombstones.erased_among(tx, (tombstones.keys_of(each.stored) for each in sound))
    refusal = tombstones.Erased if rules.partner_id is None else tombstones.NotAccepted
    told = [{"column": "", "code": refusal.code, "message": f"{refusal.title}."}]
    plan.faults += [
        Fault(each.line._replace(cells=None), told) for each, mark in zip(sound, marks, strict=True) if mark
    ]
    return [each for each, mark in zip(sound, marks, strict=True) if mark is None]


def _loaded(data: Mapping[str, Any]) -> Stored:
    loaded = intake(_SCHEMA)(data)
    if loaded is None:
        try:
            loaded = _SCHEMA.load(data)
        except ValidationError as invalid:
            raise Invalid(errors=list(flatten(messages_of(invalid)))) from None
    return {name: value for name, value in loaded.items() if value is not None}


def _find(tx: Transaction, partner_id: UUID | None, keys: Iterable[str]) -> dict[str, set[UUID]]:
    """Whom the keys name, of those whom the caller may see."""
    wanted = as_array(keys)
    found: dict[str, set[UUID]] = {}
    if wanted == "{}":
        return found
    rows = tx.rows(_FIND, keys=wanted) if partner_id is None else tx.rows(_FIND_SHARED, keys=wanted, partner=partner_id)
    for key, customer_id in rows:
        found.setdefault(key, set()).add(customer_id)
    return found


def _fault(rules: Rules, line: Line, row: Row, errors: Iterable[FieldError]) -> Fault:
    told = [
        {
            "column": rules.mapped.column_of(row, error.get("pointer", "")),
            "code": error["code"],
            "message": error["message"],
        }
        for error in errors
    ]
    return Fault(line, told or [{"column": "", "code": "invalid", "message": "It is not right."}])


@dataclass(slots=True)
class _Deciding:
    """The rows of a page on their way into its plan; a row sees what those before it will have done."""

    rules: Rules
    attributes: AttributeRules
    plan: Plan
    known: dict[str, set[UUID]]
    here: dict[UUID, Stored]
    new_ids: Iterator[str]  # in order, so that customers stand in that of the file

    def place(self, each: _Read) -> None:
        """Find the customer that a row means, or make one; raises Invalid."""
        meant = {customer_id for key in each.keys for customer_id in self.known.get(key, ())}
        if len(meant) > 1:
            raise refuse_field("", "ambiguous", f"{len(meant)} customers are known by this.")
        if not meant:
            self._create(each)
        elif self.rules.on_match == "skip":
            self._say(each, "skipped", self.here[meant.pop()])
        else:
            self._update(each, self.here[meant.pop()])

    def _create(self, each: _Read) -> None:
        self.attributes.check(self.rules.side, each.stored.get("attributes", {}), is_new=True)
        is_organisation = "organisation_name" in each.stored and not {"given_name", "family_name"} & each.stored.keys()
        kind = {"kind": "organisation" if is_organisation else "person"}
        row = shape.complete({**customers.BLANK, **kind, **each.stored})
        row |= {"id": UUID(next(self.new_ids)), "version": 1, "sources": born(self.rules.source)}
        self.plan.created[row["id"]] = self.here[row["id"]] = row
        for key in each.keys:
            self.known.setdefault(key, set()).add(row["id"])
        self._say(each, "created", row)

    def _update(self, each: _Read, before: Stored) -> None:
        self.attributes.check(self.rules.side, each.stored.get("attributes", {}), is_new=False)
        changed = merging.change(before, _added(before, each.stored), self.rules.source)
        if changed is None:
            self._say(each, "unchanged", before)
            return
        customer_id = before["id"]
        self.here[customer_id] = changed.after
        if customer_id in self.plan.created:
            self.plan.created[customer_id] = changed.after | {"sources": born(self.rules.source)}
        else:
            first = self.plan.changed.get(customer_id)
            fields = changed.fields if first is None else tuple(dict.fromkeys((*first.fields, *changed.fields)))
            self.plan.changed[customer_id] = Changed(first.before if first else before, changed.after, fields)
        for key in each.keys:
            self.known.setdefault(key, set()).add(customer_id)
        self._say(each, "updated", changed.after)

    def _say(self, each: _Read, outcome: str, row: Stored) -> None:
        self.plan.outcomes.append(Outcome(each.line.number, outcome, row))


def _added(before: Stored, stored: Stored) -> Stored:
    """What a row says, by path: what it does not name of lists and attributes stays."""
    values = {name: value for name, value in stored.items() if name not in _ITEMS}
    for name, unite in _ITEMS.items():
        if name in stored:
            values |= unite(before, stored[name])
    return values


def _points(before: Stored, points: list[Stored]) -> Stored:
    known = {merging.key("contact_points", point) for point in before["contact_points"]}
    primary = {point["kind"] for point in before["contact_points"] if point["primary"]}
    fresh = [
        {**point, "primary": point["primary"] and point["kind"] not in primary}
        for point in points
        if merging.key("contact_points", point) not in known
    ]
    return {"contact_points": [*before["contact_points"], *fresh]} if fresh else {}


def _identifiers(before: Stored, identifiers: list[Stored]) -> Stored:
    fresh = [each for each in identifiers if each not in before["identifiers"]]
    return {"identifiers": [*before["identifiers"], *fresh]} if fresh else {}


def _attributes(before: Stored, said: Stored) -> Stored:
    return {f"attributes/{name}": value for name, value in said.items() if value is not None}


_ITEMS: dict[str, Callable[[Stored, Any], Stored]] = {
    "contact_points": _points,
    "identifiers": _identifiers,
    "attributes": _attributes,
}
