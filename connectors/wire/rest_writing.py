"""Writing to a partner's list: one change by one request, or many by one where the partner takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from connectors.base import Change, ConnectorError, Pushed, Record, StaleRecord
from connectors.errors import CredentialsRefused
from connectors.wire.answer import Answer
from connectors.wire.mapping import dig, put
from connectors.wire.rest_reading import fetch, fetch_raw, find
from connectors.wire.rest_stream import GONE, RestStream

_OWNED_BY_PARTNER = ("external_id", "updated_at", "version")
_PASSING = {408, 409, 423, 425, 429}  # of one answer among many
_REFUSED_WHOLE = (400, 404, 405, 406, 413, 415, 422, 501)  # many at once: none of them was looked at
_SHOWN = 80


class Writer:
    """Writes to one list."""

    def __init__(self, stream: RestStream) -> None:
        self._stream = stream
        self._batch = stream.described["batch"]
        self._one = {"create": self._create, "update": self._update, "delete": self._delete}

    def push(self, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Send the changes in order."""
        if self._batch is None:
            yield from map(self._alone, changes)
            return
        for together, run in groupby(changes, self._fits_batch):
            waiting = list(run)
            size = self._batch["most"] if together else 1
            for start in range(0, len(waiting), size):
                part = waiting[start : start + size]
                yield from self._together(part) if together else map(self._alone, part)

    def _alone(self, change: Change) -> Pushed:
        try:
            return self._one[change.op](change)
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return Pushed(change.key, change.external_id, error=error)

    def _create(self, change: Change) -> Pushed:
        answer = self._stream.site.request("POST", self._stream.path, body=self._body(change), accept=(409,))
        return self._adopted(change, answer) if answer.status == 409 else self._written(change, answer)

    def _adopted(self, change: Change, answer: Answer) -> Pushed:
        # Either an earlier attempt arrived though its answer did not, or another record is in the way of this one.
        external_id = find(self._stream, change.key) if self._stream.described["reference"] else None
        if external_id is None:
            raise ConnectorError(f"POST {answer.path} answered 409: {answer.excerpt}", permanent=True)
        return self._update(replace(change, external_id=external_id))

    def _update(self, change: Change) -> Pushed:
        method, address = self._stream.described["update"], self._stream.address(change.external_id)
        body = self._body(change)
        if method == "PUT":
            body = self._whole(change, body)
        answer = self._stream.site.request(method, address, body=body, headers=_if_match(change), accept=(412,))
        return self._written(change, answer)

    def _whole(self, change: Change, body: Record) -> Record:
        """The partner's record as it stands, with our changes laid over it."""
        answer = fetch_raw(self._stream, change.external_id or "")
        there = dig(answer.json(), self._stream.described["fetch"]["record"]) if answer else None
        if not isinstance(there, dict):
            raise ConnectorError("The partner no longer has this record.", permanent=True)
        return _laid_over(there, body)

    def _delete(self, change: Change) -> Pushed:
        address = self._stream.address(change.external_id)
        answer = self._stream.site.request("DELETE", address, headers=_if_match(change), accept=(412, *GONE))
        return _stale(change) if answer.status == 412 else Pushed(change.key, change.external_id)

    def _written(self, change: Change, answer: Answer) -> Pushed:
        if answer.status == 412:
            return _stale(change)
        item = dig(answer.json(), self._stream.described["written"]) if answer.body.strip() else None
        etag = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
        pushed = self._pushed(change, item, etag)
        if pushed is None:
            raise ConnectorError(f"{answer.path} answered {answer.status} without an id for the new record.")
        return pushed

    def _pushed(self, change: Change, item: Any, etag: str = "") -> Pushed | None:
        """What was written, or None while nobody knows the record's id."""
        external_id = self._stream.external_id(item) or change.external_id
        version = self._stream.ours(item).get("version") or etag
        return Pushed(change.key, external_id, str(version) if version else None) if external_id else None

    def _body(self, change: Change) -> Record:
        record = {name: value for name, value in (change.record or {}).items() if name not in _OWNED_BY_PARTNER}
        translation, reference = self._stream.translation, self._stream.described["reference"]
        if missing := translation.missing(record) if change.external_id else set():
            there = fetch(self._stream, change.external_id or "") or {}
            record |= {name: there.get(name) for name in missing}
        try:
            body = translation.to_theirs(record) if translation else record
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ConnectorError(f"A value does not fit the partner's field: {error}", permanent=True) from None
        if reference:
            put(body, reference["field"], change.key)
        return body

    # Many by one request

    def _fits_batch(self, change: Change) -> bool:
        return bool(self._batch) and (change.op != "delete" or bool(self._batch["op"] and self._batch["id"]))

    def _together(self, changes: Sequence[Change]) -> Iterator[Pushed]:
        """One request for all that can be written; whatever keeps one change out concerns that change alone."""
        entries = {change.key: self._entry(change) for change in changes}
        sent = [change for change in changes if not isinstance(entries[change.key], ConnectorError)]
        outcomes = self._sent([entries[change.key] for change in sent]) if sent else []
        answered = dict(zip((change.key for change in sent), outcomes, strict=True))
        for change in changes:
            yield self._outcome(change, answered.get(change.key, entries[change.key]))

    def _outcome(self, change: Change, told: Any) -> Pushed:
        if told is None:
            return self._alone(change)
        failed = isinstance(told, ConnectorError)
        return Pushed(change.key, change.external_id, error=told) if failed else self._judged(change, told)

    def _entry(self, change: Change) -> Record | ConnectorError:
        try:
            entry = self._body(change) if change.op != "delete" else {}
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return error
        told = {"op": change.op, "id": change.external_id, "version": change.version}
        for name, value in told.items():
            if self._batch[name] and value is not None:
                put(entry, self._batch[name], value)
        return entry

    def _sent(self, entries: Sequence[Any]) -> list[Any]:
        """What the partner says to each entry: its answer, why the whole failed, or None where each has to go alone."""
        body: Record = {}
        put(body, self._batch["items"], entries)
        try:
            method, path = self._batch["method"], self._batch["path"]
            answer = self._stream.site.request(method, path, body=body, accept=_REFUSED_WHOLE)
            if answer.status in _REFUSED_WHOLE:
                return [None] * len(entries)
            told = dig(answer.json(), self._batch["answers"])
            if not isinstance(told, list) or len(told) != len(entries) or None in told:
                raise ConnectorError(f"{answer.path} did not answer each of the {len(entries)} changes.")
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return [error] * len(entries)
        return told

    def _judged(self, change: Change, told: Any) -> Pushed:
        status = dig(told, self._batch["status"])
        if not isinstance(status, int):
            return _failed(change, "The partner's answer to this change has no status.", permanent=False)
        if 200 <= status < 300 or (change.op == "delete" and status in GONE):
            pushed = self._pushed(change, dig(told, self._batch["record"]) or {})
            return pushed or _failed(change, "The partner named no id for the new record.", permanent=False)
        if status == 412:
            return _stale(change)
        if status == 409 and change.op == "create":
            return self._alone(change)  # it has our reference already: asked alone, it is adopted
        message = f"The partner answered {status}: {str(dig(told, self._batch['error']) or '')[:_SHOWN]}"
        return _failed(change, message, permanent=status < 500 and status not in _PASSING)


def _laid_over(there: Record, changes: Record) -> Record:
    """Our values in their record, objects within objects; a list is one value."""
    merged = dict(there)
    for name, value in changes.items():
        below = merged.get(name)
        if isinstance(value, dict) and isinstance(below, dict):
            value = _laid_over(below, value)
        merged[name] = value
    return merged


def _if_match(change: Change) -> dict[str, str]:
    return {"If-Match": f'"{change.version}"'} if change.version else {}


def _failed(change: Change, message: str, permanent: bool) -> Pushed:
    return Pushed(change.key, change.external_id, error=ConnectorError(message, permanent))


def _stale(change: Change) -> Pushed:
    error = StaleRecord("The record changed at the partner since it was last read.")
    return Pushed(change.key, change.external_id, error=error)
