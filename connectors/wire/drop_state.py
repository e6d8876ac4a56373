"""How far the files of a drop have been read: the one in hand, those finished lately, and how far back they reach."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.errors import ExpiredCursor
from connectors.wire import cursor as cursors
from connectors.wire.drop_places import Entry

_REMEMBERED, _MOST_REMEMBERED = 100, 1000
_KEYS = frozenset({"hand", "done", "floor", "acks"})
Key = tuple[int, str]


@dataclass(slots=True)
class InHand:
    """A file that is read in part: the next row begins at byte `at`, on line `line`; `rows` have been read."""

    name: str
    size: int
    mtime: int
    sha: str
    at: int = 0
    line: int = 0
    rows: int = 0

    @property
    def entry(self) -> Entry:
        """The file as it was listed."""
        return Entry(self.name, self.size, self.mtime)


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that needs no more reading; `how` is "read", "repeated" (its content was) or "superseded"."""

    name: str
    size: int
    mtime: int
    sha: str
    rows: int
    how: str
    finished_at: str

    @property
    def entry(self) -> Entry:
        """The file as it was listed."""
        return Entry(self.name, self.size, self.mtime)


@dataclass(slots=True)
class State:
    """The whole of it. Files that sort at or before `floor` are finished, whether remembered or not."""

    by_name: bool
    hand: InHand | None = None
    done: list[tuple[str, int, int, str]] = field(default_factory=list)
    floor: Key | None = None
    acks: list[Finished] = field(default_factory=list)

    def key(self, name: str, mtime: int) -> Key:
        """Where a file stands in the order of reading."""
        return (0 if self.by_name else mtime, name)

    def finished(self) -> set[Entry]:
        """The files that are remembered as finished."""
        return {Entry(name, size, mtime) for name, size, mtime, _ in self.done}

    def is_past(self, entry: Entry) -> bool:
        """Whether a file stands so far back that it was finished, though it is not remembered."""
        return self.floor is not None and self.key(entry.name, entry.mtime) <= self.floor

    def has_content(self, sha: str, only_last: bool) -> bool:
        """Whether a finished file held the same bytes."""
        return any(sha[:16] == each[3] for each in (self.done[-1:] if only_last else self.done))

    def finish(self, finished: Finished, earliest: Entry | None, asks_ack: bool) -> None:
        """Remember a finished file; nothing is forgotten in return that stands behind the `earliest` unfinished one."""
        self.hand = None
        self.done.append((finished.name, finished.size, finished.mtime, finished.sha[:16]))
        if asks_ack:
            self.acks.append(finished)
        self._forget(self.key(earliest.name, earliest.mtime) if earliest else None)

    def rename(self, finished: Finished, name: str) -> None:
        """Know a finished file under another name too."""
        self.done.append((name, finished.size, finished.mtime, finished.sha[:16]))

    def _forget(self, earliest: Key | None) -> None:
        while len(self.done) > _REMEMBERED:
            name, _, mtime, _ = self.done[0]
            key = self.key(name, mtime)
            if earliest is not None and key >= earliest and len(self.done) <= _MOST_REMEMBERED:
                return
            self.floor = max(self.floor or key, key)
            del self.done[0]

    def text(self) -> str:
        """The state as a cursor."""
        return cursors.write(
            hand=asdict(self.hand) if self.hand else None,
            done=self.done,
            floor=self.floor,
            acks=[asdict(each) for each in self.acks],
        )


def read(cursor: str | None, by_name: bool) -> State:
    """The state behind a cursor; raises ExpiredCursor."""
    if cursor is None:
        return State(by_name)
    state: dict[str, Any] = cursors.read(cursor, _KEYS)
    try:
        return State(
            by_name,
            InHand(**state["hand"]) if state["hand"] else None,
            [(str(name), int(size), int(mtime), str(sha)) for name, size, mtime, sha in state["done"]],
            (int(state["floor"][0]), str(state["floor"][1])) if state["floor"] else None,
            [Finished(**each) for each in state["acks"]],
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise ExpiredCursor("The cursor was not written by this connector.") from None
