"""The page on which a customer agrees: no script, nothing from elsewhere, and a form that leads only to itself."""

from __future__ import annotations

from pathlib import Path

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import gateway
from gateway.consent.opt_in.wording import PAGE

_PAGES = Path(gateway.__file__).parent / "pages"
_template = Environment(loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined).get_template
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "Vary": "Accept-Language",
    "X-Robots-Tag": "noindex",
}


def page(language: str, state: str, status: int = 200, *, sentence: str = "") -> Response:
    """The page in one of its states: ask, done, over."""
    body = _template("confirm.html").render(language=language, words=PAGE[language], state=state, sentence=sentence)
    return Response(body, status, {**_HEADERS, "Content-Language": language}, content_type="text/html; charset=utf-8")
