"""Taking a survivor apart: both get back what was theirs, and what has changed since goes to whom it is about.

A change belongs to the one whose contact point or identifier it touches, or whose source made it: a partner that knew
only one of them means that one. What nobody can tell stays with the survivor and is named.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from gateway.customers import shape
from gateway.customers.sources import items_of
from gateway.identity.merging.survivorship import LISTS, SCALARS, value_at
from gateway.provenance import noted, of

Row = dict[str, Any]
Side = Literal["keep", "lose"]
Tell = Callable[[str], Side | None]
"""Of whom a source speaks, None where nobody can tell."""
_WHOLE = ("kind", *SCALARS)


class Apart(NamedTuple):
    """Both rows, complete but for version and time, and the paths that stayed with the survivor for want of a sign."""

    keep: Row
    lose: Row
    stayed: list[str]


def as_row(kept: Row) -> Row:
    """A row that was kept as JSON, as the database answers it."""
    times = {name: datetime.fromisoformat(kept[name]).astimezone(UTC) for name in ("created_at", "updated_at")}
    birth_date = kept["birth_date"] and date.fromisoformat(kept["birth_date"])
    return kept | times | {"id": UUID(kept["id"]), "birth_date": birth_date}


def separate(kept: Row, lost: Row, merged: Row, present: Row, tell: Tell) -> Apart:
    """Find both again: `kept` and `lost` before they were `merged`, and the survivor as it is at `present`."""
    separation = _Separation({**kept}, {**lost}, merged, present, tell, [])
    separation.keep["attributes"], separation.lose["attributes"] = {**kept["attributes"]}, {**lost["attributes"]}
    for path in (*_WHOLE, *(f"attributes/{key}" for key in {**merged["attributes"], **present["attributes"]})):
        separation.give_value(path)
    for name in LISTS:
        separation.give_items(name)
    return Apart(shape.complete(separation.keep), shape.complete(separation.lose), separation.stayed)


class _Separation(NamedTuple):
    """Two rows on their way apart."""

    keep: Row
    lose: Row
    merged: Row
    present: Row
    tell: Tell
    stayed: list[str]

    def give_value(self, path: str) -> None:
        """Give a value that has changed since to whom it is about."""
        value = value_at(self.present, path)
        if value == value_at(self.merged, path):
            return
        row = self._side(path, self.tell(of(self.present["sources"], path).name))
        name, _, key = path.partition("/")
        if not key:
            row[name] = value
        elif value is None:
            row["attributes"].pop(key, None)
        else:
            row["attributes"][key] = value

    def give_items(self, name: str) -> None:
        """Give the items of a list that were added, changed or removed since to whom they are about."""
        then, present = items_of(name, self.merged[name]), items_of(name, self.present[name])
        both = {"keep": items_of(name, self.keep[name]), "lose": items_of(name, self.lose[name])}
        for path in {**then, **present}:
            if then.get(path) == present.get(path):
                continue
            owner: Side | None = self._owner(path, both)
            row = self._side(path, owner)
            items = both["lose" if row is self.lose else "keep"]
            if path in present:
                items[path] = present[path]
            else:
                items.pop(path, None)
        self.keep[name], self.lose[name] = list(both["keep"].values()), list(both["lose"].values())

    def _owner(self, path: str, both: dict[str, dict[str, Any]]) -> Side | None:
        if (path in both["keep"]) != (path in both["lose"]):
            return "keep" if path in both["keep"] else "lose"
        return self.tell(of(self.present["sources"], path).name)

    def _side(self, path: str, owner: Side | None) -> Row:
        """The row that a change goes to, with its source."""
        if owner is None:
            self.stayed.append(path)
        row = self.lose if owner == "lose" else self.keep
        row["sources"] = noted(row["sources"], [path], of(self.present["sources"], path))
        return row
