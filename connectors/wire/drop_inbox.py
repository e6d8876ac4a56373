"""Which of the files in a drop are to be read now, in which order, and what becomes of them afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import orjson

from connectors.errors import ConnectorError
from connectors.wire import cursor as cursors
from connectors.wire.drop_places import Entry, Place
from connectors.wire.drop_state import Finished, InHand, Key, State

_UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".ack")
_SUFFIXES = {"marker": ".done", "checksum": ".sha256"}
_LONGEST_MARKER = 4096


@dataclass(frozen=True, slots=True)
class Found:
    """A file, the folder it lies in, and the file beside it that says it is whole."""

    folder: str
    entry: Entry
    marker: Entry | None = None


class Inbox:
    """The files of one stream in an open place."""

    def __init__(self, place: Place, settings: Mapping[str, Any], stream: str, state: State) -> None:
        self._place = place
        self._settings = settings
        self._form = settings["streams"][stream]
        self._state = state
        usual = _SUFFIXES.get(settings["ready"], "")
        self._suffix = usual and (settings["marker_suffix"] or usual)
        self._moves = settings["archive"] == "move"
        self._unfinished: dict[Found, None] = {}

    def waiting(self) -> list[Found]:
        """The files to read, in order, the one in hand first; of snapshots only that one or the newest."""
        done, hand = self._state.finished(), self._state.hand
        fresh = [each for each in self._look() if each.entry not in done and not self._state.is_past(each.entry)]
        self._unfinished = dict.fromkeys(fresh)
        in_hand = [each for each in fresh if hand is not None and each.entry == hand.entry][:1]
        if not self._form["snapshot"]:
            return in_hand + self._ready([each for each in fresh if each not in in_hand])
        return in_hand or self._ready(fresh)[-1:]

    def let_go(self) -> InHand | None:
        """Forget a file in hand that is no longer there as it was; it is given back when no other has its name."""
        hand, there = self._state.hand, [each.entry for each in self._unfinished]
        if hand is None or hand.entry in there:
            return None
        self._state.hand = None
        return None if hand.name in {each.name for each in there} else hand

    def leave(self, found: Found, sha: str, rows: int, how: str) -> None:
        """Note in the state that a file needs no more reading, and with a snapshot all that it supersedes."""
        if self._form["snapshot"]:
            for each in [each for each in self._unfinished if self._key(each) < self._key(found)]:
                self._leave(each, "", 0, "superseded")
        self._leave(found, sha, rows, how)

    def _leave(self, found: Found, sha: str, rows: int, how: str) -> None:
        self._unfinished.pop(found, None)
        now, entry = cursors.text(dt.datetime.now(dt.UTC)), found.entry
        finished = Finished(entry.name, entry.size, entry.mtime, sha, rows, how, now)
        earliest = next((each.entry for each in self._unfinished), None)
        self._state.finish(finished, earliest, self._settings["archive"] != "leave" and not found.folder)

    def fetch(self, found: Found, into: BinaryIO, max_bytes: int) -> str:
        """Copy a file, hold it against its checksum where there is one, and give its SHA-256."""
        if found.entry.size > max_bytes:
            raise ConnectorError(
                f"{found.entry.name} is larger than {max_bytes} bytes (max_megabytes).", permanent=True
            )
        self._place.fetch(found.folder, found.entry, into)
        into.seek(0)
        sha = hashlib.file_digest(into, "sha256").hexdigest()  # type: ignore[arg-type]
        if self._settings["ready"] == "checksum" and found.marker is not None and self._told(found) != sha:
            raise ConnectorError(f"{found.entry.name} does not have the SHA-256 that its checksum file names.")
        return sha

    def acknowledge(self) -> None:
        """Tell the partner of files whose last page was committed; a second time, or after a crash, changes nothing."""
        listed = {each.name: each for each in self._place.list("")} if self._moves and self._state.acks else {}
        for finished in self._state.acks:
            if not self._moves:
                data = orjson.dumps(asdict(finished), option=orjson.OPT_INDENT_2)
                self._place.put(self._settings["ack_folder"] or "", f"{finished.name}.ack", data)
            elif listed.get(finished.name) == finished.entry:
                self._put_away(finished, listed)

    def _look(self) -> list[Found]:
        listed = self._place.list("")
        markers = {each.name: each for each in listed} if self._suffix else {}
        found = [Found("", each, markers.get(each.name + self._suffix)) for each in listed if self._fits(each.name)]
        if self._moves:
            done = self._settings["done_folder"]
            found += [Found(done, each) for each in self._place.list(done) if self._fits(each.name)]
        return sorted(found, key=self._key)

    def _key(self, found: Found) -> Key:
        return self._state.key(found.entry.name, found.entry.mtime)

    def _fits(self, name: str) -> bool:
        is_ours = name.startswith(".") or name.lower().endswith(_UNFINISHED)
        is_marker = bool(self._suffix) and name.endswith(self._suffix)
        return fnmatchcase(name, self._form["pattern"]) and not is_ours and not is_marker

    def _ready(self, fresh: list[Found]) -> list[Found]:
        """Those that are whole. A change file that is not stops those behind it, which would overtake it."""
        if self._suffix:
            return [each for each in fresh if each.marker is not None or each.folder]
        if self._settings["settle_seconds"] and not all(each.folder for each in fresh):
            time.sleep(self._settings["settle_seconds"])
            again = set(self._look())
            moving = next((place for place, each in enumerate(fresh) if each not in again), len(fresh))
            return [each for each in fresh if each in again] if self._form["snapshot"] else fresh[:moving]
        return fresh

    def _told(self, found: Found) -> str:
        if found.marker is None or found.marker.size > _LONGEST_MARKER:
            return ""
        content = BytesIO()
        self._place.fetch(found.folder, found.marker, content)
        return (content.getvalue().decode("ascii", "replace").split() or [""])[0].lower()

    def _put_away(self, finished: Finished, listed: Mapping[str, Entry]) -> None:
        done = self._settings["done_folder"]
        name = finished.name
        if name in {each.name for each in self._place.list(done)}:
            name = f"{PurePosixPath(name).stem}.{finished.sha[:12]}{PurePosixPath(name).suffix}"
            self._state.rename(finished, name)
        self._place.move("", finished.name, done, name)
        if self._suffix and finished.name + self._suffix in listed:
            self._place.move("", finished.name + self._suffix, done, name + self._suffix)
