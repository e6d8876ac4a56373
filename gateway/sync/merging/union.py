"""Lists of which every side may bring items: both sides' additions stay, a removal takes only what was one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Item = dict[str, Any]
Key = Callable[[Item], tuple[Any, ...]]


def unite(
    key: Key, base: list[Item] | None, theirs: list[Item], ours: list[Item], is_own: Callable[[Item], bool]
) -> tuple[list[Item], bool]:
    """Our list with what the partner added, changed and removed since `base` (None: unknown).

    `is_own` says whether the partner brought one of our items. Also answers whether some of its words do not hold.
    """
    then = {key(item): item for item in base or ()}
    said = {key(item): item for item in theirs}
    united: list[Item] = []
    holds = True
    for item in ours:
        name = key(item)
        if name in said:
            news = _news(said[name], then.get(name))
            merged = _follow(item, news, then.get(name, {}))
            holds &= all(merged.get(part) == value for part, value in news.items())
            united.append(merged)
        elif name not in then or not is_own(item):
            holds &= name not in then
            united.append(item)
    mine = {key(item) for item in ours}
    united += [item for name, item in said.items() if name not in mine and name not in then]
    return united, not holds


def _news(theirs: Item, base: Item | None) -> Item:
    return {part: value for part, value in theirs.items() if base is None or value != base.get(part)}


def _follow(ours: Item, news: Item, base: Item) -> Item:
    """One item with the parts that the partner changed, unless they were changed here too."""
    return {**ours, **{part: value for part, value in news.items() if part not in base or ours.get(part) == base[part]}}
