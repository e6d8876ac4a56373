"""Files that a partner drops and we read, and files that we drop for it: CSV, TSV, JSON Lines; SFTP or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from connectors.base import STREAMS, Change, Connector, ConnectorError, Page, Pushed, Record
from connectors.http import Http
from connectors.wire import drop_encodings, drop_rows, drop_state
from connectors.wire.drop_columns import Columns
from connectors.wire.drop_folder import Folder
from connectors.wire.drop_inbox import Found, Inbox
from connectors.wire.drop_out import Outbound
from connectors.wire.drop_places import Place
from connectors.wire.drop_rows import Form, Row, Text
from connectors.wire.drop_settings import DropDescription
from connectors.wire.drop_sftp import Sftp
from connectors.wire.drop_state import InHand, State

_MEGABYTE = 1 << 20
_MOST_ACKS = 500  # they stand in the cursor until the next round


class CsvDrop(Connector):
    """A drop: the partner's files one way, ours the other."""

    name = "csv_drop"
    title = "Files (CSV, JSON Lines) over SFTP or in a folder"
    streams = STREAMS
    can = frozenset({"pull", "push", "tombstones", "full_listing"})

    class Settings(DropDescription):
        """The description of the drop."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        described = settings["streams"]
        self.streams = tuple(described)
        lacks = {
            "push": settings["out_folder"] is None,
            "tombstones": not all(each["tombstone"] for each in described.values()),
            "full_listing": not all(each["snapshot"] for each in described.values()),
        }
        self.can = self.can - {ability for ability, is_lacking in lacks.items() if is_lacking}
        self._columns = {name: Columns(settings, name) for name in described}

    def check(self) -> None:
        """List the folder."""
        with self._place() as place:
            place.list("")

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Read the waiting files one after the other."""
        form, state = self._form(stream), drop_state.read(cursor, self.settings["order"] == "name")
        with self._place() as place:
            inbox = Inbox(place, self.settings, stream, state)
            state.acks = []  # `acknowledge` has seen to them
            waiting = inbox.waiting()
            yield from self._lost(inbox, state)
            if not waiting and cursor is None and form["snapshot"]:
                raise ConnectorError(f"No whole file {form['pattern']} is there yet to list the records.")
            if not waiting:
                yield Page((), state.text())
            for found in waiting:
                yield from self._read(stream, inbox, state, found)
                if len(state.acks) >= _MOST_ACKS:
                    return

    def acknowledge(self, stream: str, cursor: str) -> None:
        """Acknowledge, or put away, the files whose last page was committed."""
        state = drop_state.read(cursor, self.settings["order"] == "name")
        if state.acks:
            with self._place() as place:
                Inbox(place, self.settings, stream, state).acknowledge()

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Drop one file for all changes. The partner names a new record when it lists it with our reference."""
        if "push" not in self.can or stream not in self.streams:
            yield from super().push(stream, changes)
        outbound = Outbound(self.settings, stream, self._columns[stream])
        written: list[tuple[Change, bytes]] = []
        for change in changes:
            try:
                written.append((change, outbound.row(change)))
            except ConnectorError as error:
                yield Pushed(change.key, change.external_id, error=error)
        failure = self._drop(*outbound.file([row for _, row in written])) if written else None
        for change, _ in written:
            yield Pushed(change.key, change.external_id, error=failure)

    def find(self, stream: str, reference: str) -> str | None:
        """Always None: a drop cannot be asked, and a second row with the same reference is the same record there."""
        return None

    # Reading

    def _lost(self, inbox: Inbox, state: State) -> Iterator[Page]:
        """Say once that a file went away half read, and go on without it when a person has seen to it."""
        if hand := inbox.let_go():
            yield Page((), state.text())
            told = f"{hand.name} went away when {hand.rows} of its rows were read; have it delivered again."
            raise ConnectorError(told, permanent=True)

    def _read(self, stream: str, inbox: Inbox, state: State, found: Found) -> Iterator[Page]:
        is_snapshot = self._form(stream)["snapshot"]
        with TemporaryFile() as raw, TemporaryFile() as spool:
            sha = inbox.fetch(found, raw, self.settings["max_megabytes"] * _MEGABYTE)
            if state.hand is None or state.hand.sha != sha:
                if self.settings["repeats"] == "skip" and state.has_content(sha, only_last=is_snapshot):
                    inbox.leave(found, sha, 0, "repeated")
                    yield Page((), state.text())
                    return
                state.hand = InHand(found.entry.name, found.entry.size, found.entry.mtime, sha)
            text = self._text(stream, found, raw, spool)
            yield from self._pages(stream, inbox, state, found, text, state.hand)

    def _text(self, stream: str, found: Found, raw: BinaryIO, spool: BinaryIO) -> Text:
        name, encoding = found.entry.name, self._form(stream)["encoding"]
        encoding = drop_encodings.detect(name, raw) if encoding == "auto" else encoding
        text = Text(name, *drop_encodings.readable(raw, encoding, spool))
        if self._form(stream)["snapshot"] and drop_rows.is_blank(text):
            raise ConnectorError(f"{name} is empty, and that is no list of nobody: a snapshot has a header.")
        return text

    def _pages(self, stream: str, inbox: Inbox, state: State, found: Found, text: Text, hand: InHand) -> Iterator[Page]:
        size, rows = self.settings["page_size"], drop_rows.rows(text, self._table(stream), hand.at, hand.line)
        is_over = False
        while not is_over:
            batch = list(islice(rows, size))
            is_over = len(batch) < size
            if batch:
                hand.at, hand.line, hand.rows = batch[-1].end, batch[-1].next_line, hand.rows + len(batch)
            if is_over:
                inbox.leave(found, hand.sha, hand.rows, "read")
            records, deleted = self._sort(stream, batch)
            yield Page(records, state.text(), deleted)

    def _sort(self, stream: str, batch: Sequence[Row]) -> tuple[list[Record], list[str]]:
        """Records and deletions, the last word on each external id; what cannot be read says why instead."""
        columns = self._columns[stream]
        records: dict[Any, Record] = {}
        deleted: dict[str, None] = {}
        for row in batch:
            record = columns.unreadable(row.values, row.problem) if row.problem else columns.to_record(row.values)
            external_id = record.get("external_id")
            if not isinstance(external_id, str):
                records[row.line] = record  # validation will say what is wrong with it
                continue
            records.pop(external_id, None)
            deleted.pop(external_id, None)
            if not row.problem and columns.is_deleted(row.values):
                deleted[external_id] = None
            else:
                records[external_id] = record
        return list(records.values()), list(deleted)

    # The drop

    def _drop(self, name: str, data: bytes) -> ConnectorError | None:
        try:
            with self._place() as place:
                place.put(self.settings["out_folder"], name, data)
        except ConnectorError as error:
            if error.permanent:
                raise
            return error
        return None

    @contextmanager
    def _place(self) -> Iterator[Place]:
        place: Place
        if self.settings["place"] == "sftp":
            place = Sftp(self.settings, self.http)
        else:
            place = Folder(self.settings["folder"], self.http.folders, self.http.gate)
        try:
            yield place
        finally:
            place.close()

    def _form(self, stream: str) -> Mapping[str, Any]:
        described: Mapping[str, Any] | None = self.settings["streams"].get(stream)
        if described is None:
            raise ConnectorError(f"The settings describe no stream '{stream}'.", permanent=True)
        return described

    def _table(self, stream: str) -> Form:
        form = self._form(stream)
        delimiter = None if form["delimiter"] == "auto" else form["delimiter"]
        return Form(form["format"], delimiter, form["quote"], tuple(form["columns"]))
