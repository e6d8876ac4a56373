"""TLS with a partner that has certificates of its own: a pinned authority, a certificate of ours, or both."""

from __future__ import annotations

import ssl
from tempfile import NamedTemporaryFile

from connectors.errors import ConnectorError


def context(ca: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    """A context from PEM texts. With `ca` nobody else is trusted; raises a permanent ConnectorError for bad PEM."""
    try:
        made = ssl.create_default_context(cadata=ca or None)
        if certificate:
            present(made, certificate, key or "")
    except (ssl.SSLError, ValueError):
        raise ConnectorError("The certificate, its key or the authority in `tls` is no usable PEM.", True) from None
    return made


def present(made: ssl.SSLContext, certificate: str, key: str) -> None:
    """Have a context show a certificate, both in PEM; raises SSLError or ValueError where they are no pair."""
    # The standard library reads certificates from files only; this one is ours alone and gone at once.
    with NamedTemporaryFile("w", encoding="ascii", suffix=".pem") as file:
        file.write(f"{certificate}\n{key}")
        file.flush()
        made.load_cert_chain(file.name, password=_no_password)


def _no_password() -> str:
    raise ValueError("the key is encrypted")  # else OpenSSL would ask a terminal
