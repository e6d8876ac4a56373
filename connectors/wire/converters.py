"""The named translations between a partner's value and ours; there is no language to write others in.

A converter whose `push` cannot give back what it pulled says so in its line of docs/rest-connector.md ("lossy").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from connectors.wire import cursor

Json = dict[str, Any]
Options = Mapping[str, Any]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EXACT_DIGITS = 15  # what a JSON number, a double, holds without loss
_TRUE = (True, 1, "1", "true", "True", "TRUE", "E", "e", "Y", "y", "evet", "Evet", "EVET")
_FALSE = (False, 0, "0", "false", "False", "FALSE", "H", "h", "N", "n", "hayır", "Hayır", "HAYIR")


@dataclass(frozen=True, slots=True)
class Converter:
    """One translation of values that are not None; ValueError or TypeError when the value does not fit."""

    pull: Callable[[Any], Any]
    push: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class NameConverter:
    """A partner's one column for what we keep in several; `parts` are all needed to write it."""

    parts: tuple[str, ...]
    pull: Callable[[Any, Json], Json]
    push: Callable[[Json], str | None]


def make(name: str, options: Options) -> Converter:
    """The converter of this name with the options of its rule."""
    return CONVERTERS[name](options)


def _plain(pull: Callable[[Any], Any], push: Callable[[Any], Any]) -> Callable[[Options], Converter]:
    made = Converter(pull, push)
    return lambda _: made


def _same(value: Any) -> Any:
    return value


def _trimmed(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def _number_text(value: Any) -> str:
    return f"{_decimal(value):f}"


def _number(value: Any) -> int | float:
    number = _decimal(value)
    if len(number.normalize().as_tuple().digits) > _EXACT_DIGITS:
        raise ValueError(f"{value!r} has more digits than a JSON number holds")
    return int(number) if number == number.to_integral_value() else float(number)


def _integer(value: Any) -> int:
    number = _decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


def _comma_pull(value: Any) -> str:
    return _number_text(str(value).strip().replace(".", "").replace(",", "."))


def _comma_push(value: Any) -> str:
    return _number_text(value).replace(".", ",")


def _moment(value: Any) -> dt.datetime:
    moment = cursor.moment(value)
    if moment is None:
        raise ValueError(f"{value!r} is no time")
    return moment


def _epoch(scale: int) -> Callable[[Options], Converter]:
    return _plain(
        lambda value: cursor.text(dt.datetime.fromtimestamp(float(_decimal(value)) / scale, dt.UTC)),
        lambda value: (_moment(value) - _EPOCH) * scale // dt.timedelta(seconds=1),
    )


def _local(form: str) -> Callable[[Options], Converter]:
    """Wall-clock times of the rule's `zone`; the hour that a clock change repeats is read as its first."""

    def made(options: Options) -> Converter:
        zone = ZoneInfo(options["zone"])
        return Converter(
            lambda value: cursor.text(dt.datetime.strptime(str(value), form).replace(tzinfo=zone)),
            lambda value: _moment(value).astimezone(zone).strftime(form),
        )

    return made


def _iso_local(options: Options) -> Converter:
    zone = ZoneInfo(options["zone"])

    def pull(value: Any) -> str:
        moment = dt.datetime.fromisoformat(str(value))
        return cursor.text(moment if moment.tzinfo else moment.replace(tzinfo=zone))

    return Converter(pull, lambda value: _moment(value).astimezone(zone).replace(tzinfo=None).isoformat())


def _date(form: str, length: int) -> Callable[[Options], Converter]:
    return _plain(
        lambda value: dt.datetime.strptime(str(value)[:length], form).date().isoformat(),
        lambda value: dt.date.fromisoformat(str(value)[:10]).strftime(form),
    )


def _active_pull(value: Any) -> str:
    if value in _TRUE:
        return "active"
    if value in _FALSE:
        return "inactive"
    raise ValueError(f"{value!r} is neither yes nor no")


def _map(options: Options) -> Converter:
    """Ours to theirs; where theirs is a list, each of it means ours and the first is written."""
    back: dict[str, str] = {}
    forth: dict[str, Any] = {}
    for ours, theirs in options["pairs"].items():
        spellings = theirs if isinstance(theirs, list) else [theirs]
        forth[ours] = spellings[0]
        back |= {_key(spelling): ours for spelling in spellings}
    return Converter(lambda value: back[_key(value)], lambda value: forth[value])


def _key(value: Any) -> str:
    """1, true and "1" are three different values."""
    return f"{type(value).__name__}:{value}"


def _money(options: Options) -> Converter:
    currency = options["currency"]

    def push(value: Any) -> int | float:
        if value["currency"] != currency:
            raise ValueError(f"The partner keeps {currency}, not {value['currency']}.")
        return _number(value["value"])

    return Converter(lambda value: {"value": _number_text(value), "currency": currency}, push)


CONVERTERS: dict[str, Callable[[Options], Converter]] = {
    "same": _plain(_same, _same),
    "text": _plain(str, str),
    "trimmed": _plain(_trimmed, _same),
    "number": _plain(_number_text, _number),
    "integer": _plain(_integer, _integer),
    "decimal_comma": _plain(_comma_pull, _comma_push),
    "active": _plain(_active_pull, lambda value: value != "inactive"),
    "map": _map,
    "money": _money,
    "date": _date("%Y-%m-%d", 10),
    "turkish_date": _date("%d.%m.%Y", 10),
    "compact_date": _date("%Y%m%d", 8),
    "iso_seconds": _plain(
        lambda value: cursor.text(_moment(value)), lambda value: _moment(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    ),
    "local_time": _iso_local,
    "turkish_time": _local("%d.%m.%Y %H:%M:%S"),
    "epoch_seconds": _epoch(1),
    "epoch_milliseconds": _epoch(1000),
}


def _full_name(value: Any, _: Json) -> Json:
    if not isinstance(value, str):
        return {"given_name": None, "family_name": value}
    given, _space, family = value.strip().rpartition(" ")
    return {"given_name": given.strip() or None, "family_name": family or None}


def _joined(record: Json) -> str | None:
    return " ".join(record[name] for name in ("given_name", "family_name") if record[name]) or None


def _any_name(value: Any, record: Json) -> Json:
    return {"organisation_name": value} if record.get("kind") == "organisation" else _full_name(value, record)


def _joined_any(record: Json) -> str | None:
    return record["organisation_name"] if record["kind"] == "organisation" else _joined(record)


NAMES: dict[str, NameConverter] = {
    "full_name": NameConverter(("given_name", "family_name"), _full_name, _joined),
    "name": NameConverter(("kind", "given_name", "family_name", "organisation_name"), _any_name, _joined_any),
}
CONTACTS = ("email", "phone")
NEEDS: dict[str, tuple[str, ...]] = {
    "map": ("pairs",),
    "money": ("currency",),
    "constant": ("value",),
    "local_time": ("zone",),
    "turkish_time": ("zone",),
}
TIMES = (
    "same", "date", "turkish_date", "compact_date", "iso_seconds", "local_time", "turkish_time", "epoch_seconds",
    "epoch_milliseconds",
)  # fmt: skip
ALL = (*CONVERTERS, *NAMES, *CONTACTS, "constant")
