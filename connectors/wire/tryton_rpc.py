"""Tryton's JSON-RPC: sign-in, calls, its way of writing times, and what its errors mean."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.errors import ConnectorError, CredentialsRefused, StaleRecord
from connectors.http import Http, Site
from connectors.wire import cursor as cursors

_PERSON_NEEDED = {"UserError", "UserWarning", "AccessError", "AccessButtonError", "MissingDependenciesException"}
_READS = {"login", "search", "search_read", "search_count", "read"}  # by POST, as everything in JSON-RPC
_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")


class Rpc:
    """One database of a Tryton server, signed in when first called and again when the session ends."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        self._settings = settings
        self._http = http
        self._door = http.site(settings["base_url"], secrets=[settings["password"]])
        self._site: Site | None = None

    def call(self, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Call a method of a model; inactive records are seen too, and warnings meant for people are skipped."""
        arguments = [*params, {"active_test": False, "_skip_warnings": True, **(context or {})}]
        if self._site is None:
            self._site = self._sign_in()
            return self._post(self._site, method, arguments)
        try:
            return self._post(self._site, method, arguments)
        except CredentialsRefused:
            self._site = None  # sessions end after a while; fresh credentials decide
            return self.call(method, *params, context=context)

    def _sign_in(self) -> Site:
        user, password = self._settings["username"], self._settings["password"]
        user_id, token, *_ = self._post(self._door, "common.db.login", [user, {"password": password}, "en"])
        session = base64.b64encode(f"{user}:{user_id}:{token}".encode()).decode()
        return self._http.site(self._settings["base_url"], {"Authorization": f"Session {session}"}, [password, token])

    def _post(self, site: Site, method: str, params: list[Any]) -> Any:
        # Above 1400 characters trytond 8.2 compresses without being asked: our transport always asks for it.
        body = {"id": 1, "method": method, "params": params}
        reads = method.rpartition(".")[2] in _READS
        answer = site.request("POST", f"/{self._settings['database']}/rpc/", body=body, reads=reads).json()
        if isinstance(answer, dict) and "result" in answer:
            return answer["result"]
        raise _problem(method, answer.get("error") if isinstance(answer, dict) else answer)


def _problem(method: str, error: Any) -> ConnectorError:
    name, detail = error if isinstance(error, list) and len(error) == 2 else ("an answer without a result", "")
    said = detail[0] if isinstance(detail, list) and detail else detail
    if name == "ConcurrencyException":
        return StaleRecord("The party changed in Tryton since it was last read.")
    return ConnectorError(f"Tryton's {method} says {name}: {said}"[:300], permanent=name in _PERSON_NEEDED)


def read_time(value: Any) -> str | None:
    """Tryton's naive UTC time as ISO 8601, or None."""
    if not isinstance(value, dict) or value.get("__class__") != "datetime":
        return None
    return cursors.text(dt.datetime(**{part: value[part] for part in _PARTS}).replace(tzinfo=dt.UTC))


def write_time(value: str) -> dict[str, Any]:
    """ISO 8601 as Tryton writes it."""
    moment = cursors.moment(value)
    if moment is None:
        raise ValueError("not a time")
    return {"__class__": "datetime", **{part: getattr(moment, part) for part in _PARTS}}
