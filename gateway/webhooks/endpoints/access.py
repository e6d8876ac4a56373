"""How we get in at an endpoint: headers of its own, a token we ask for (OAuth 2), or a certificate we show (mTLS)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from gateway import vault
from gateway.guarded import Deadline
from gateway.guarded_connection import ClientCertificate
from gateway.guarded_sender import Answer, Sender, SendFailed
from gateway.webhooks.endpoints import certificate, headers
from gateway.webhooks.endpoints.token import TokenSource

_PUBLIC = ("token_url", "client_id", "scope", "audience")
_MOST_KNOWN = 4096
_LEAST_HIDDEN = 6  # a shorter value stands in many an answer by chance


class Access:
    """One endpoint's way in, kept between messages for its token and its connections."""

    def __init__(
        self,
        own_headers: Mapping[str, str],
        tokens: TokenSource | None = None,
        certificate: ClientCertificate | None = None,
    ) -> None:
        self._headers = own_headers
        self._tokens = tokens
        self._certificate = certificate

    def post(self, sender: Sender, url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> Answer:
        """Post as `Sender.post` does, with what lets us in; a token that is refused is asked for anew, once.

        What is secret of it never shows in the answer. Raises AddressRefused or SendFailed.
        """
        sent = {**self._headers, **headers}
        try:
            if self._tokens is None:
                return self._hidden(sender.post(url, body, sent, deadline.left(), self._certificate))
            return self._post_with_token(self._tokens, sender, url, body, sent, deadline)
        except TimeoutError:
            raise SendFailed("timeout") from None

    def _post_with_token(
        self, tokens: TokenSource, sender: Sender, url: str, body: bytes, sent: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        token = tokens.get(sender, deadline)
        answer = sender.post(url, body, {**sent, "authorization": f"Bearer {token}"}, deadline.left())
        if answer.status == 401:
            tokens.forget(token)
            token = tokens.get(sender, deadline)
            answer = sender.post(url, body, {**sent, "authorization": f"Bearer {token}"}, deadline.left())
        return self._hidden(answer, token)

    def _hidden(self, answer: Answer, *more: str) -> Answer:
        """The answer of a receiver that may have echoed what we sent."""
        secrets = [each for each in (*self._headers.values(), *more) if len(each) >= _LEAST_HIDDEN]
        if not secrets:
            return answer
        body = answer.body
        for secret in secrets:
            body = body.replace(secret.encode(), b"***")
        return replace(
            answer, body=body, headers={name: _without(value, secrets) for name, value in answer.headers.items()}
        )


def _without(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


_OPEN = Access({})
_known: OrderedDict[tuple[UUID, str | None, str | None], Access] = OrderedDict()
_lock = threading.Lock()


def of(endpoint_id: UUID, headers_sealed: str | None, access_sealed: str | None) -> Access:
    """The way in at an endpoint, the same one as long as nothing of it changes; raises SealBroken."""
    if headers_sealed is None and access_sealed is None:
        return _OPEN
    key = (endpoint_id, headers_sealed, access_sealed)
    with _lock:
        known = _known.get(key)
        if known is None:
            known = _known[key] = _made(*key)
            if len(_known) > _MOST_KNOWN:
                _known.popitem(last=False)
        _known.move_to_end(key)
        return known


def _made(endpoint_id: UUID, headers_sealed: str | None, access_sealed: str | None) -> Access:
    own = headers.opened(endpoint_id, headers_sealed)
    if access_sealed is None:
        return Access(own)
    whole = orjson.loads(vault.unseal(access_sealed, bound_to(endpoint_id)))
    if whole["type"] == "oauth2":
        return Access(own, tokens=TokenSource(whole))
    return Access(own, certificate=ClientCertificate(str(endpoint_id), whole["certificate"], whole["key"]))


def shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """What may be told of a way in; raises Invalid for a certificate that cannot be used."""
    if given["type"] == "mtls":
        return {"type": "mtls", **certificate.read(given["certificate"], given["key"])}
    return {"type": given["type"], **{name: given[name] for name in _PUBLIC if name in given}}


def seal(endpoint_id: UUID, given: Mapping[str, Any]) -> str:
    """A way in as it is stored, for this endpoint alone."""
    return vault.seal(orjson.dumps(given).decode(), bound_to(endpoint_id))


def bound_to(endpoint_id: UUID) -> str:
    """The place it is sealed for."""
    return f"webhook_endpoint:{endpoint_id}:access"
