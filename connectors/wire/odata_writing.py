"""Writing to an entity set: one change by one request, or many through `$batch`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.base import Change, ConnectorError, Pushed, Record, StaleRecord
from connectors.errors import CredentialsRefused
from connectors.http import Site
from connectors.wire.answer import Answer
from connectors.wire.mapping import dig, put
from connectors.wire.odata_batch import FORMATS, Outcome, Part
from connectors.wire.odata_csrf import CsrfSite
from connectors.wire.odata_reading import fetch, find
from connectors.wire.odata_stream import EntitySet
from connectors.wire.rest_stream import GONE
from connectors.wire.understood import understood

_JUDGED = (409, 412, *GONE)
_OWNED_BY_PARTNER = ("external_id", "updated_at", "version")
_PASSING = {408, 409, 423, 424, 425, 429}  # of one answer among many; 424: another part failed first
_REFUSED_WHOLE = (400, 404, 405, 406, 413, 415, 501)  # to a batch: none of its parts was looked at
_SHOWN = 200


class Writer:
    """Writes to one entity set through `site`; `batch` is how changes go together, None when each goes alone."""

    def __init__(self, stream: EntitySet, site: Site | CsrfSite, batch: Mapping[str, Any] | None) -> None:
        self._stream, self._site = stream, site
        self._most = batch["most"] if batch else 1
        self._format = FORMATS[batch["format"]] if batch else None

    def push(self, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Send the changes in order."""
        if self._format is None:
            yield from map(self._alone, changes)
            return
        for together in _bundles(changes, self._most):
            yield from self._together(together)

    # One by one

    def _alone(self, change: Change) -> Pushed:
        try:
            part = self._part(change)
            answer = self._site.request(part.method, part.address, body=part.body, headers=part.headers, accept=_JUDGED)
            return self._judged(change, _as_outcome(answer))
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return _failed(change, error)

    def _part(self, change: Change) -> Part:
        """The request that makes this change; ConnectorError when the change cannot be written at all."""
        path, headers = self._stream.path, self._stream.headers()
        if change.op == "delete":
            return Part("DELETE", self._stream.address(change.external_id), {**headers, "If-Match": _if_match(change)})
        headers |= {"Content-Type": "application/json", "Prefer": "return=representation"}
        if change.op == "create":
            return Part("POST", path, headers, self._body(change))
        # Without If-Match a PATCH to an entity that is gone makes a new one (11.4.4, upsert).
        address = self._stream.address(change.external_id)
        return Part("PATCH", address, {**headers, "If-Match": _if_match(change)}, self._body(change))

    def _body(self, change: Change) -> Record:
        record = {name: value for name, value in (change.record or {}).items() if name not in _OWNED_BY_PARTNER}
        translation, reference = self._stream.translation, self._stream.described["reference"]
        if missing := translation.missing(record) if change.external_id else set():
            there = fetch(self._stream, change.external_id or "") or {}
            record |= {name: there.get(name) for name in missing}
        try:
            body = translation.to_theirs(record)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ConnectorError(f"A value does not fit the partner's property: {error}", permanent=True) from None
        if reference:
            put(body, reference["field"], change.key)
        return body

    @understood("The service")
    def _judged(self, change: Change, outcome: Outcome) -> Pushed:
        status = outcome.status
        if change.op == "delete" and (status in GONE or (status == 412 and change.version is None)):
            return Pushed(change.key, change.external_id)
        if 200 <= status < 300:
            return Pushed(change.key, change.external_id) if change.op == "delete" else self._written(change, outcome)
        if status == 412 and change.version is not None:
            raise StaleRecord("The record changed at the partner since it was last read.")
        if status in (412, *GONE) and change.external_id:
            raise ConnectorError("The partner no longer has this record.", permanent=True)
        if status == 409 and change.op == "create":
            return self._adopted(change, outcome)
        raise _refusal(outcome)

    def _written(self, change: Change, outcome: Outcome) -> Pushed:
        named = outcome.headers.get("odata-entityid") or outcome.headers.get("location")
        key, body = self._stream.key, outcome.body
        external_id = key.of(body) or change.external_id or (key.of_address(named) if named else None)
        if external_id is None:
            raise ConnectorError(f"The partner answered {outcome.status} without a key of the new record.")
        return Pushed(change.key, external_id, self._stream.etag(body) or outcome.headers.get("etag"))

    def _adopted(self, change: Change, outcome: Outcome) -> Pushed:
        # The partner may have our reference already: an earlier attempt arrived though its answer did not.
        external_id = find(self._stream, change.key)
        if external_id is None:
            raise ConnectorError(_refusal(outcome).message, permanent=True)
        return self._alone(replace(change, op="update", external_id=external_id, version=None))

    # Many by one request

    def _together(self, changes: Sequence[Change]) -> Iterator[Pushed]:
        """One request for all that can be written; whatever keeps one change out concerns that change alone."""
        parts = [self._part_or_problem(change) for change in changes]
        told = iter(self._sent([part for part in parts if isinstance(part, Part)]))
        for change, part in zip(changes, parts, strict=True):
            yield self._outcome(change, next(told) if isinstance(part, Part) else part)

    def _part_or_problem(self, change: Change) -> Part | ConnectorError:
        try:
            return self._part(change)
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return error

    def _sent(self, parts: Sequence[Part]) -> list[Outcome | ConnectorError | None]:
        """What the service said to each; the error of the whole for each of them; None where each has to go alone."""
        if self._format is None or not parts:
            return []
        kind, content = self._format.content(parts)
        headers = self._stream.headers(**{"Content-Type": kind, "Prefer": "odata.continue-on-error"})
        headers["Accept"] = kind.partition(";")[0]
        try:
            answer = self._site.request("POST", "/$batch", content=content, headers=headers, accept=_REFUSED_WHOLE)
            if answer.status in _REFUSED_WHOLE:
                return [None] * len(parts)
            found = self._format.outcomes(answer)
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return [error] * len(parts)
        silent = ConnectorError("The service did not answer this change.")
        return [found.get(place, silent) for place in range(len(parts))]

    def _outcome(self, change: Change, told: Outcome | ConnectorError | None) -> Pushed:
        if told is None:
            return self._alone(change)
        if isinstance(told, ConnectorError):
            return _failed(change, told)
        try:
            return self._judged(change, told)
        except CredentialsRefused:
            raise
        except ConnectorError as error:
            return _failed(change, error)


def _bundles(changes: Sequence[Change], most: int) -> Iterator[list[Change]]:
    """Runs of at most so many; no record twice in one, for a service may work on them in any order."""
    bundle: list[Change] = []
    for change in changes:
        if len(bundle) == most or change.external_id in {each.external_id for each in bundle if each.external_id}:
            yield bundle
            bundle = []
        bundle.append(change)
    if bundle:
        yield bundle


def _as_outcome(answer: Answer) -> Outcome:
    body = answer.json() if answer.status < 300 and answer.body.strip() else None
    if answer.status >= 300:
        body = {"error": {"message": answer.excerpt}}
    return Outcome(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)


def _refusal(outcome: Outcome) -> ConnectorError:
    status = outcome.status
    message = dig(outcome.body, "error.message")
    told = " ".join(str(message or "").split())[:_SHOWN]
    return ConnectorError(f"The partner answered {status}: {told}", status < 500 and status not in _PASSING)


def _if_match(change: Change) -> str:
    version = change.version
    if version is None:
        return "*"
    if not (version.isascii() and version.isprintable()):
        raise ConnectorError("The version last seen is no ETag.", permanent=True)
    return version if version.endswith('"') else f'"{version}"'


def _failed(change: Change, error: ConnectorError) -> Pushed:
    return Pushed(change.key, change.external_id, error=error)
