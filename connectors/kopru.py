"""Another Köprü gateway as the partner: two organisations join their hubs over one of the extranets.

One link joins two gateways and carries both directions. A second link the other way round would take each copy for a
new record; where that shows, nothing is written and the error says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from connectors.base import STREAMS, Change, Connector, ConnectorError, Page, Pushed, Received, Record, Request
from connectors.errors import CredentialsRefused, StaleRecord
from connectors.http import Answer, Http, Site
from connectors.wire import cursor as cursors
from connectors.wire import inbound, kopru_reading
from connectors.wire.auth import Auth
from connectors.wire.auth_assertion import Assertion
from connectors.wire.auth_oauth import Ask, ClientCredentials
from connectors.wire.kopru_reading import address, show, shown
from connectors.wire.kopru_records import NEEDS_THERE, Customers, Interactions, Translation
from connectors.wire.kopru_settings import GatewaySettings, inbound_of
from connectors.wire.understood import understood

_WHOSE = "The other gateway"
_ANSWERED = (400, 403, 404, 409, 412, 422, 428)
_TOKEN_REFUSED = (400, 401, 403)
_NOUNS = {"customer": "customers", "interaction": "interactions"}
_ENDED = ("unshared", "deleted")


class Kopru(Connector):
    """One partner's place in another gateway: what it shares with us there, and what we bring."""

    name = "kopru"
    title = "Another Köprü gateway"
    streams = STREAMS
    can = frozenset({"pull", "push", "full_listing", "fetch", "ranges", "receive"})

    class Settings(GatewaySettings):
        """The other gateway, and our client there."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        if not settings["webhook_secrets"]:
            self.can = self.can - {"receive"}
        system = f"kopru-{settings['name']}"
        self._kinds: dict[str, Translation] = {
            "customers": Customers(system, frozenset(settings["granted"])),
            "interactions": Interactions(system),
        }
        self._site = _site(settings, http)

    def check(self) -> None:
        """Sign in and look at one record of each kind."""
        for kind in self._kinds.values():
            self._site.request("GET", kind.path, params={"limit": 1, "fields": "id"}).json()

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Walk what changed since the cursor was made, in the order in which it changed."""
        walk = kopru_reading.begin(cursor, self.settings["overlap_seconds"])
        return kopru_reading.pages(self._site, self._kinds[stream], walk, self.settings["page_size"])

    def pull_range(self, stream: str, since: dt.datetime, until: dt.datetime, cursor: str | None) -> Iterator[Page]:
        """Walk what changed in [since, until)."""
        walk = kopru_reading.resume(cursor, cursors.text(since))
        if walk is None:
            return iter([Page((), cursor or "")])
        return kopru_reading.pages(self._site, self._kinds[stream], walk, self.settings["page_size"], until)

    def fetch(self, stream: str, external_id: str) -> Record | None:
        """Ask for the record at its own address."""
        kind = self._kinds[stream]
        item = show(self._site, kind, external_id)
        return None if item is None or kind.is_withdrawn(item) else shown(kind, item)

    def find(self, stream: str, reference: str) -> str | None:
        """Ask for the identifier; an interaction, which has none, is looked for among those made since."""
        kind = self._kinds[stream]
        if isinstance(kind, Customers):
            return kopru_reading.find_customer(self._site, kind, reference)
        return kopru_reading.find_interaction(self._site, kind, reference)

    def receive(self, request: Request) -> Received:
        """Verify a webhook of the other gateway, and take the record it carries."""
        if "receive" not in self.can:
            return super().receive(request)
        return self._told(inbound.verify(request, inbound_of(self.settings["webhook_secrets"])), request.body)

    @understood(_WHOSE)
    def _told(self, delivery_id: str, body: bytes) -> Received:
        told = orjson.loads(body)
        noun, _, what = told["type"].partition(".")
        stream = _NOUNS.get(noun)
        if stream is None:
            return Received(delivery_id)
        kind, item = self._kinds[stream], told["data"]
        if what in _ENDED or kind.is_withdrawn(item):
            return Received(delivery_id, deleted={stream: [item["id"]]})
        if "updated_at" not in item:  # thin: it says where to read, which a pull does
            return Received(delivery_id)
        return Received(delivery_id, {stream: [shown(kind, item)]})

    # Writing

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Write one by one; the other gateway answers each with its new version."""
        kind = self._kinds[stream]
        write = {"create": self._create, "update": self._update, "delete": self._withdraw}
        for change in changes:
            try:
                pushed = write[change.op](kind, change)
            except CredentialsRefused:
                raise
            except ConnectorError as error:
                pushed = Pushed(change.key, change.external_id, error=error)
            yield pushed

    @understood(_WHOSE)
    def _create(self, kind: Translation, change: Change) -> Pushed:
        body = kind.new(change.record or {}, change.key)
        self._refuse_what_came_from_there(kind, body)
        # The same body under the same key is one record, however often it arrives; another one is another wish.
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
        headers = {"Idempotency-Key": f"{_plain(change.key)}.{digest}"}
        return _written(change, self._site.request("POST", kind.path, body=body, headers=headers, accept=_ANSWERED))

    @understood(_WHOSE)
    def _update(self, kind: Translation, change: Change) -> Pushed:
        record = change.record or {}
        there = None
        if change.version is None or NEEDS_THERE & record.keys():
            there = show(self._site, kind, change.external_id or "")
            if there is None:
                raise ConnectorError("The other gateway no longer shows us this record.", permanent=True)
        body = kind.patch(record, there)
        version = change.version or _version(there)
        return self._patch(kind, change, body, version) if body else Pushed(change.key, change.external_id, version)

    @understood(_WHOSE)
    def _withdraw(self, kind: Translation, change: Change) -> Pushed:
        there = show(self._site, kind, change.external_id or "")
        if there is None or kind.is_withdrawn(there):
            return Pushed(change.key, change.external_id)
        return self._patch(kind, change, kind.withdrawal(there, change.key), change.version or _version(there))

    def _patch(self, kind: Translation, change: Change, body: Record, version: str | None) -> Pushed:
        where, headers = address(kind, change.external_id or ""), {"If-Match": f'"{version}"'}
        return _written(change, self._site.request("PATCH", where, body=body, headers=headers, accept=_ANSWERED))

    def _refuse_what_came_from_there(self, kind: Translation, body: Record) -> None:
        """Whoever carries the other gateway's own id was brought here by a link of its own."""
        for each in body.get("identifiers", ()):
            if each["system"].startswith("kopru-") and show(self._site, kind, each["value"]) is not None:
                raise ConnectorError(
                    "The other gateway has a link to us as well, which brought this customer here. One link carries "
                    "both directions: pause one of the two.",
                    permanent=True,
                )


def _site(settings: Mapping[str, Any], http: Http) -> Site:
    base_url = settings["base_url"].rstrip("/")
    proofs = [secret for name in ("client_secret", "private_key") if (secret := settings[name])]
    secrets = [*proofs, *settings["webhook_secrets"]]
    door = http.site(base_url, secrets=secrets)

    def ask(form: bytes, headers: Mapping[str, str]) -> Answer:
        return door.request("POST", "/oauth/token", content=form, headers=headers, accept=_TOKEN_REFUSED, reads=True)

    return http.site(base_url, secrets=secrets, auth=_auth(settings, ask))


def _auth(settings: Mapping[str, Any], ask: Ask) -> Auth:
    basic = {"client_auth": "basic", "scope": None, "audience": None, "leeway_seconds": 30.0}
    proof = {name: settings[name] for name in ("client_id", "client_secret", "private_key")}
    if settings["private_key"]:
        return Assertion({**basic, **proof, "audience": (settings["issuer"] or settings["base_url"]).rstrip("/")}, ask)
    return ClientCredentials({**basic, **proof}, ask)


@understood(_WHOSE)
def _written(change: Change, answer: Answer) -> Pushed:
    if answer.status == 412:
        raise StaleRecord("The record changed at the other gateway since it was last read.")
    if answer.status >= 400:
        raise ConnectorError(_refusal(answer), permanent=answer.status != 409)
    item = answer.json()
    if not isinstance(item["id"], str):
        raise TypeError("no id")
    return Pushed(change.key, item["id"], _version(item))


def _refusal(answer: Answer) -> str:
    """The other gateway's problem (RFC 9457) in a sentence: what is wrong, and where."""
    problem = answer.json()
    places = [
        f"{each.get('pointer') or each.get('parameter')}: {each['message']}" for each in problem.get("errors", ())
    ]
    told = "; ".join([f"{_WHOSE} answered {answer.status}: {problem['title']}", *places])
    return answer.mask(told)[:300]


def _version(item: Record | None) -> str | None:
    return str(item["version"]) if item and item.get("version") is not None else None


def _plain(key: str) -> str:
    """A key as it may stand in a header."""
    return key if key.isascii() and key.isprintable() else hashlib.sha256(key.encode()).hexdigest()
