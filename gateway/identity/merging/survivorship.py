"""Which value survives when two customers become one: field by field, by where each came from, or as a steward chose.

A field takes the newest word by its source's own clock, and an empty value never replaces one that says something.
Contact points and identifiers are united, verified contact points first; attributes are taken key by key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gateway.customers import merging, shape
from gateway.customers.service import check_size
from gateway.customers.sources import items_of
from gateway.errors import refuse_field
from gateway.provenance import Source, Sources, of, written

Row = dict[str, Any]
Choices = Mapping[str, str]
SCALARS = (
    "given_name", "family_name", "organisation_name", "birth_date", "tax_id", "status", "locale", "owner",
    "internal_note",
)  # fmt: skip
LISTS = ("contact_points", "identifiers")
_MOST_ITEMS = 100


class Chosen(NamedTuple):
    """What became of one path: the value of `keep` or of `lose`, of both where they say the same or are united."""

    path: str
    chosen: str
    keep: Any
    lose: Any
    keep_source: Source
    lose_source: Source


class Survivor(NamedTuple):
    """The survivor's row, not yet complete with version and time, and how it came to be."""

    row: Row
    choices: list[Chosen]


def survive(keep: Row, lose: Row, asked: Choices) -> Survivor:
    """Put two stored rows together; raises Invalid for different kinds, unknown choices, and what grows too large."""
    if keep["kind"] != lose["kind"]:
        raise refuse_field("/lose_id", "other_kind", "A person and an organisation cannot become one.")
    _refuse_unknown(asked, keep, lose)
    choices = list(_choices(keep, lose, asked))
    taken = {each.path: each.lose if each.chosen == "lose" else each.keep for each in choices}
    row = keep | {name: taken[name] for name in SCALARS} | {name: _united(name, keep, lose, asked) for name in LISTS}
    attributes = {key: taken[f"attributes/{key}"] for key in _keys(keep, lose)}
    row["attributes"] = check_size({key: value for key, value in attributes.items() if value is not None})
    row["sources"] = _sources(keep, lose, row, choices)
    return Survivor(shape.complete(row), choices)


def _choices(keep: Row, lose: Row, asked: Choices) -> Iterator[Chosen]:
    for path in (*SCALARS, *(f"attributes/{key}" for key in _keys(keep, lose))):
        ours, theirs = value_at(keep, path), value_at(lose, path)
        our_source, their_source = of(keep["sources"], path), of(lose["sources"], path)
        chosen = asked.get(path) or _newest(ours, theirs, our_source, their_source)
        yield Chosen(path, chosen, ours, theirs, our_source, their_source)
    for name in LISTS:
        sources = of(keep["sources"], name), of(lose["sources"], name)
        yield Chosen(name, asked.get(name, "both"), keep[name], lose[name], *sources)


def value_at(row: Row, path: str) -> Any:
    """What a stored row says at a path; None for an attribute it lacks."""
    name, _, key = path.partition("/")
    return row[name].get(key) if key else row[name]


def _newest(ours: Any, theirs: Any, our_source: Source, their_source: Source) -> str:
    if ours == theirs:
        return "both"
    if ours is None or theirs is None:
        return "lose" if ours is None else "keep"
    return "lose" if their_source.at > our_source.at else "keep"


def _keys(keep: Row, lose: Row) -> list[str]:
    return list({**keep["attributes"], **lose["attributes"]})


def _united(name: str, keep: Row, lose: Row, asked: Choices) -> list[Row]:
    if asked.get(name, "both") != "both":
        return list({"keep": keep, "lose": lose}[asked[name]][name])
    joined: dict[tuple[Any, ...], Row] = {}
    for item in (*keep[name], *lose[name]):
        known = joined.get(key := merging.key(name, item))
        joined[key] = item if known is None else _same_item(known, item)
    if len(joined) > _MOST_ITEMS:
        raise refuse_field(f"/{name}", "too_many", f"Together they would have more than {_MOST_ITEMS}; choose of one.")
    items = list(joined.values())
    return _ordered(items) if name == "contact_points" else items


def _same_item(one: Row, other: Row) -> Row:
    """One contact point that both have: it keeps its id, and is verified if either is."""
    if "verified_at" not in one:
        return one
    moments = [each["verified_at"] for each in (one, other) if each["verified_at"]]
    return one | {"verified_at": max(moments, default=None), "primary": one["primary"] or other["primary"]}


def _ordered(points: list[Row]) -> list[Row]:
    """Verified ones first, and of each kind one primary at most."""
    ordered = sorted(points, key=lambda point: (not point["verified_at"], not point["primary"]))
    seen: set[str] = set()
    for place, point in enumerate(ordered):
        if point["primary"] and point["kind"] in seen:
            ordered[place] = point | {"primary": False}
        elif point["primary"]:
            seen.add(point["kind"])
    return ordered


def _sources(keep: Row, lose: Row, row: Row, choices: list[Chosen]) -> Sources:
    """Where each path of the survivor came from: as noted in the row that it was taken from."""
    sources: Sources = {"": _noted(of(keep["sources"], ""))}
    for each in choices:
        if each.path not in LISTS:
            sources[each.path] = _noted(each.lose_source if each.chosen == "lose" else each.keep_source)
    for name in LISTS:
        ours = items_of(name, keep[name])
        for path in items_of(name, row[name]):
            sources[path] = _noted(of((keep if path in ours else lose)["sources"], path))
    return sources


def _noted(source: Source) -> list[str]:
    return [source.name, written(source.at)]


def _refuse_unknown(asked: Choices, keep: Row, lose: Row) -> None:
    known = {*SCALARS, *LISTS, *(f"attributes/{key}" for key in _keys(keep, lose))}
    for path, choice in asked.items():
        pointer = "/fields/" + path.replace("~", "~0").replace("/", "~1")
        if path not in known:
            raise refuse_field(pointer, "unknown_field", "Neither of the two has such a field.")
        if choice == "both" and path not in LISTS:
            raise refuse_field(pointer, "invalid", "Only lists can be kept from both.")
