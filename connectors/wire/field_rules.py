"""One field of a mapping as it stands in the settings, and what makes a mapping impossible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire import converters
from connectors.wire.mapping import KEYED, item_of
from schemas.base import CURRENCY
from schemas.record import CustomerRecord, InteractionRecord

RECORDS: dict[str, type[Schema]] = {"customers": CustomerRecord, "interactions": InteractionRecord}
_OPTIONS = ("pairs", "currency", "value", "zone")


def dotted(**options: Any) -> fields.String:
    """A dotted path."""
    return fields.String(validate=validate.Length(max=200), **options)


def is_zone(name: str) -> None:
    """Refuse what is no time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError("A time zone such as Europe/Istanbul.") from None


class FieldRule(Schema):
    """One field on both sides through a named converter, which may ask for an option of its own."""

    ours = dotted(load_default="")
    theirs = dotted(load_default="")
    converter = fields.String(data_key="as", load_default="same", validate=validate.OneOf(converters.ALL))
    pairs = fields.Dict(
        fields.String(),
        fields.Raw(),
        validate=validate.Length(min=1, max=500),
        metadata={"description": 'map: {ours: theirs}, or {ours: ["theirs", "also theirs"]}'},
    )
    currency = fields.String(validate=CURRENCY, metadata={"description": "money"})
    zone = fields.String(validate=is_zone, metadata={"description": "local_time, turkish_time"})
    value = fields.Raw(metadata={"description": "constant: goes to the side whose path is given"})

    @validates_schema(skip_on_field_errors=True)
    def has_its_options(self, data: Mapping[str, Any], **_: Any) -> None:
        """Each converter gets exactly the options it takes."""
        name = data["converter"]
        needed = converters.NEEDS.get(name, ())
        wrong = {option: [f"`{name}` needs it."] for option in needed if option not in data}
        wrong |= {option: [f"`{name}` takes no such option."] for option in _OPTIONS if option in {*data} - {*needed}}
        if wrong:
            raise ValidationError(wrong)
        if name == "map":
            _check_pairs(data["pairs"])

    @validates_schema(skip_on_field_errors=True)
    def has_its_sides(self, data: Mapping[str, Any], **_: Any) -> None:
        """A constant has one side, a joined name only theirs, everything else both."""
        name, given = data["converter"], {side for side in ("ours", "theirs") if data[side]}
        if name == "constant":
            if len(given) != 1:
                raise ValidationError({"ours": ["A constant goes to one side: give either `ours` or `theirs`."]})
        elif name in converters.NAMES:
            _expect(given, {"theirs"}, f"`{name}` knows which of our fields it joins: leave `ours` out.")
        else:
            _expect(given, {"ours", "theirs"}, "Missing data for required field.")


def check_mapping(stream: str, rules: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, list[str]]]:
    """What is wrong with the rules of a stream, by their position."""
    wrong: dict[int, dict[str, list[str]]] = {}
    for position, rule in enumerate(rules):
        if rule["converter"] in converters.NAMES and stream != "customers":
            wrong[position] = {"as": ["Only customers have such names."]}
        elif rule["ours"] and (problem := _problem(RECORDS[stream], rule)):
            wrong[position] = {"ours": [problem]}
    return wrong or {position: {"ours": ["Another field leads there, too."]} for position in _crossing(rules)}


def _crossing(rules: Sequence[Mapping[str, Any]]) -> list[int]:
    """The rules whose place in our record is, or lies within, or holds the place of an earlier one."""
    taken: list[str] = []
    crossing = []
    for position, rule in enumerate(rules):
        if not rule["ours"]:
            continue
        place = _spelled_out(rule, taken)
        if any(f"{place}.".startswith(f"{other}.") or f"{other}.".startswith(f"{place}.") for other in taken):
            crossing.append(position)
        taken.append(place)
    return crossing


def _spelled_out(rule: Mapping[str, Any], taken: Sequence[str]) -> str:
    if rule["converter"] in converters.CONTACTS:
        before = [each for each in taken if each.startswith(f"contact_points.{rule['converter']}#")]
        return f"contact_points.{rule['converter']}#{len(before) + 1}.value"
    item = item_of(rule["ours"])
    return f"{item.listed}.{item.key}#{item.nth}.{item.path}" if item else str(rule["ours"])


def _expect(given: Iterable[str], wanted: Iterable[str], message: str) -> None:
    if differing := {*given} ^ {*wanted}:
        raise ValidationError({side: [message] for side in differing})


def _check_pairs(pairs: Mapping[str, Any]) -> None:
    told = [repr(each) for theirs in pairs.values() for each in (theirs if isinstance(theirs, list) else [theirs])]
    if any(theirs == [] for theirs in pairs.values()) or len(set(told)) < len(told):
        raise ValidationError({"pairs": ["Each value of the partner may stand for one of ours only."]})


def _problem(record: type[Schema], rule: Mapping[str, Any]) -> str | None:
    """Why the place in our record does not exist."""
    place = rule["ours"]
    if place.endswith("[]") or rule["converter"] in converters.CONTACTS:
        fits = place == "contact_points[]" and rule["converter"] in converters.CONTACTS
        return (
            None
            if fits and "contact_points" in record._declared_fields
            else ("`contact_points[]` goes with `email` or `phone`, and they with it.")
        )
    try:
        item = item_of(place)
    except ValueError as error:
        return str(error)
    if item is None:
        return _unknown(record, place.split("."))
    if item.listed not in KEYED or item.listed not in record._declared_fields:
        return f"Only {' and '.join(KEYED)} of customers have items with a name."
    return _unknown(record, [item.listed, *item.path.split(".")])


def _unknown(record: type[Schema] | Schema, steps: Sequence[str]) -> str | None:
    """The first step that leads nowhere, told."""
    shape = record if isinstance(record, Schema) else record()
    for position, step in enumerate(steps):
        field = shape.fields.get(step)
        if field is None:
            return f"Our record has no field '{'.'.join(steps[: position + 1])}'."
        field = field.inner if isinstance(field, fields.List) else field
        if not isinstance(field, fields.Nested):
            deeper = steps[position + 1 :]
            return f"'{step}' holds no fields." if deeper and not isinstance(field, fields.Dict) else None
        shape = field.schema
    return None
