"""The columns of dropped files and what they mean: the settings' rules, or those of columns that have our own names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from connectors.base import Record
from connectors.wire import converters
from connectors.wire.converters import Json
from connectors.wire.drop_encodings import MARK
from connectors.wire.mapping import Translation, dig

_IDS = ("external_id", "customer_external_id", "version", "reference")
_OWNED_BY_PARTNER = ("external_id", "updated_at", "version")
_SHARED = ("external_id", "version", "updated_at", "kind")
_CUSTOMERS = (*_SHARED, "given_name", "family_name", "organisation_name", "birth_date", "tax_id", "status", "locale")
_INTERACTIONS = (
    *_SHARED, "customer_external_id", "channel", "direction", "occurred_at", "subject", "body", "outcome", "agent",
    "visibility",
)  # fmt: skip
_ADDRESS = ("line1", "line2", "district", "city", "region", "postal_code", "country")
_DIFFERENT = {
    "customers": [
        ("contact_points[]", "email", "email"),
        ("contact_points[]", "phone", "phone"),
        *((f"contact_points[address].address.{part}", part, "same") for part in _ADDRESS),
    ],
    "interactions": [
        ("satisfaction", "satisfaction", "integer"),
        ("amount.value", "amount", "same"),
        ("amount.currency", "currency", "same"),
    ],
}
_SAME = {"customers": _CUSTOMERS, "interactions": _INTERACTIONS}


class Columns:
    """What the columns of one stream mean, both ways."""

    def __init__(self, settings: Mapping[str, Any], stream: str) -> None:
        form = settings["streams"][stream]
        self._rules: list[Mapping[str, Any]] = form["rules"] or _usual(stream, form["format"])
        self._reference: str = settings["reference"]
        self._tombstone: Mapping[str, Any] | None = form["tombstone"]
        self._whole = Translation(self._rules)
        self._of = lru_cache(maxsize=64)(self._translation)
        self.external_id = next(
            (rule["theirs"] for rule in self._rules if rule["ours"] == "external_id"), "external_id"
        )

    def to_record(self, values: Json) -> Record:
        """A row in our shape. A column that is not there says nothing; an empty cell says that it is empty."""
        record = self._of(frozenset(values)).to_ours(values) if self._rules else dict(values)
        if record.get("reference") is None and (ours := dig(values, self._reference)) is not None:
            record["reference"] = ours
        for name in _IDS:
            if isinstance(record.get(name), int):
                record[name] = str(record[name])
        return record

    def unreadable(self, values: Json, problem: str) -> Record:
        """What stands for a row that cannot be read: why, and whose it is as far as that can be told."""
        external_id = self.to_record(values).get("external_id")
        is_known = isinstance(external_id, str) and MARK not in external_id
        return {"unreadable": problem, **({"external_id": external_id} if is_known else {})}

    def is_deleted(self, values: Json) -> bool:
        """Whether a row says that its record is gone."""
        if self._tombstone is None:
            return False
        told = dig(values, self._tombstone["column"])
        return told is not None and str(told).strip().casefold() in {
            each.casefold() for each in self._tombstone["values"]
        }

    def to_values(self, record: Record) -> Json:
        """What our record says, in the partner's columns; ValueError when a value does not fit."""
        said = {name: value for name, value in record.items() if name not in _OWNED_BY_PARTNER}
        if missing := self._whole.missing(said):
            raise ValueError(f"a joined name cannot be written without {', '.join(sorted(missing))}")
        return self._whole.to_theirs(said) if self._rules else said

    def written(self) -> list[str]:
        """The columns that we write."""
        return [rule["theirs"] for rule in self._rules if rule["theirs"] and rule["ours"] not in _OWNED_BY_PARTNER]

    def spoken_of(self, record: Record) -> list[str]:
        """The columns of which a record says something."""
        return [rule["theirs"] for rule in self._rules if rule["theirs"] and not _tops(rule).isdisjoint(record)]

    def _translation(self, present: frozenset[str]) -> Translation:
        said = [rule for rule in self._rules if not rule["theirs"] or rule["theirs"].split(".")[0] in present]
        return Translation(said)


def _usual(stream: str, form: str) -> list[Mapping[str, Any]]:
    """Columns with our own names; none for JSON Lines, which have our own shape."""
    if form == "jsonl":
        return []
    rules = [*((name, name, "same") for name in _SAME[stream]), *_DIFFERENT[stream]]
    return [{"ours": ours, "theirs": theirs, "converter": converter} for ours, theirs, converter in rules]


def _tops(rule: Mapping[str, Any]) -> set[str]:
    """The fields of our record that a rule writes."""
    if rule["converter"] in converters.NAMES:
        return set(converters.NAMES[rule["converter"]].parts)
    return {rule["ours"].split(".")[0].split("[")[0]}
