"""OAuth requests as Authlib wants them, read strictly: each parameter in one place, once, without control marks."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.config import Settings
from gateway.db import Transaction
from gateway.oauth.standing import Standing

MOST_BYTES = 64 * 1024
_MOST_PARAMETERS = 40
_FORM = "application/x-www-form-urlencoded"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Parameters(OAuth2Payload):  # type: ignore[misc]
    """The parameters of a request; those without a value count as not sent (RFC 6749 section 3.1)."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    @property
    def data(self) -> dict[str, str]:
        """Each parameter once."""
        return self._values

    @property
    def datalist(self) -> dict[str, list[str]]:
        """The same in the form Authlib looks for doubles in; there are none left."""
        return {name: [value] for name, value in self._values.items()}


class OAuthRequest(OAuth2Request):  # type: ignore[misc]
    """A request with the transaction it is answered in, and what is known of clients, people and keys."""

    def __init__(
        self, parameters: dict[str, str], http: Request, tx: Transaction, known: Standing, settings: Settings
    ) -> None:
        # The settings have decided where plain http is allowed (loopback); Authlib would refuse it there too.
        super().__init__(http.method, "https://checked-by-our-settings/", headers=http.headers)
        self.payload = Parameters(parameters)
        self.tx = tx
        self.known = known
        self.settings = settings
        self.address = tx.caller.address

    @property
    def form(self) -> dict[str, str]:
        """The parameters again: Authlib asks for some of them here."""
        values: dict[str, str] = self.payload.data
        return values

    @property
    def args(self) -> dict[str, str]:
        """Nothing: at the token endpoint the query does not count, and elsewhere it is the payload."""
        return {}


def read_form(http: Request) -> dict[str, str]:
    """The parameters of a form body, never of the query; raises InvalidRequestError."""
    if http.mimetype != _FORM:
        raise InvalidRequestError(f"Send the parameters as {_FORM}.")
    http.max_content_length = MOST_BYTES
    try:
        body = http.get_data(cache=False)
    except RequestEntityTooLarge:
        raise InvalidRequestError("The body is too large.", status_code=413) from None
    return read_parameters(body)


def read_parameters(encoded: bytes) -> dict[str, str]:
    """Decode parameters strictly: UTF-8, none twice, no control characters; raises InvalidRequestError."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise InvalidRequestError("The parameters are not valid UTF-8 in form encoding.") from None
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise InvalidRequestError("A parameter is given more than once.")
        if _CONTROL.search(value):
            raise InvalidRequestError("A parameter contains a control character.")
        values[name] = value
    return {name: value for name, value in values.items() if value}


def parameter(request: Any, name: str) -> str:
    """One parameter of the request, or an empty string."""
    value: str = request.payload.data.get(name, "")
    return value
