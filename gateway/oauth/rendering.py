"""Turning a page into a response: the reader's language, and headers that let no foreign script or frame in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.oauth.wording import LANGUAGES, WORDS

_FOLDER = Path(__file__).parent / "pages"
_pages = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
_QUIET = {"Referrer-Policy": "no-referrer"}
STYLE = (_FOLDER / "pages.css").read_bytes()


def language(locale: str = "") -> str:
    """The person's own language where it is known, else what the browser prefers, else English."""
    if locale[:2] in LANGUAGES:
        return locale[:2]
    return request.accept_languages.best_match(LANGUAGES, "en")


def render(page: str, status: int = 200, *, locale: str = "", leads_to: str = "", **content: Any) -> Response:
    """The page; `notice` is a key of the wording, `leads_to` the address its form may end up at."""
    chosen = language(locale)
    words = WORDS[chosen]
    content["notice"] = words[content["notice"]] if content.get("notice") else ""
    body = _pages.get_template(f"{page}.html").render(language=chosen, words=words, **content)
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers.update(_headers(chosen, leads_to))
    return response


def go(address: str) -> Response:
    """Send the browser on by GET (303), so that a posted password is never posted on (RFC 9700 section 4.12)."""
    return Response(status=303, headers={"Location": address, "Cache-Control": "no-store", **_QUIET})


def style() -> Response:
    """The one style sheet of the pages."""
    return Response(STYLE, headers={"Cache-Control": "public, max-age=3600"}, content_type="text/css; charset=utf-8")


def _headers(chosen: str, leads_to: str) -> dict[str, str]:
    # Browsers hold a form to form-action through its redirects too, so the client's origin has to be let in.
    allowed = f"'self' {origin_of(leads_to)}".strip()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {allowed}; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Content-Language": chosen,
        **_QUIET,
        "Vary": "Accept-Language, Cookie",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def origin_of(uri: str) -> str:
    """What a Content-Security-Policy calls a registered redirect URI's place."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:" if parts.scheme else ""
