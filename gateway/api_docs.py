"""`/{channel}/openapi.json` and `/{channel}/docs`: what each channel offers, readable without any outside host.

Both are for anybody, so what they cost is paid once: until one of the house's own types or attributes changes, only a
mark is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import NotFound

from gateway.channels import DOORS, Caller, Channel
from gateway.config import Settings
from gateway.customers.attributes import service as attributes
from gateway.customers.attributes.known import read
from gateway.customers.attributes.shown import describe
from gateway.db import transaction
from gateway.features import FEATURES, reach_of, told_on
from gateway.json_body import write_json
from gateway.openapi import Told, document
from gateway.webhooks.catalogue import registered, service, shown

blueprint = Blueprint("api_docs", __name__, template_folder="pages")
_CSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_JSON, _HTML = "application/json", "text/html; charset=utf-8"


class Content(NamedTuple):
    """A body and the ETag it is known by."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class Written:
    """A channel's document, written out when it is first asked for; `mark` is that of the house's own types in it."""

    channel: Channel
    mark: str
    document: dict[str, Any]

    @cached_property
    def json(self) -> Content:
        """As machines read it."""
        return _content(write_json(self.document))

    @cached_property
    def page(self) -> Content:
        """As people read it."""
        page = render_template("docs.html", document=self.document, channel=self.channel.value)
        return _content(page.encode())


_written: dict[tuple[Channel, str], Written] = {}
_writing = Lock()


@blueprint.get("/<channel>/openapi.json")
def show_document(channel: str) -> Response:
    """The channel's OpenAPI 3.1 document."""
    return _answer(_present(channel).json, _JSON)


@blueprint.get("/<channel>/docs")
def show_docs(channel: str) -> Response:
    """The same document as a page to read."""
    answer = _answer(_present(channel).page, _HTML)
    answer.headers["Content-Security-Policy"] = _CSP
    return answer


@blueprint.get("/docs.css")
def show_style() -> Response:
    """The page's style."""
    return Response(render_template("docs.css"), content_type="text/css; charset=utf-8")


def openapi_of(channel: Channel, base_url: str, own: Sequence[Told] = ()) -> dict[str, Any]:
    """The document of one channel, with those of the house's own types that are given."""
    operations = [operation for feature in FEATURES for operation in feature.all]
    return document(reach_of(channel), base_url, operations, [*told_on(channel), *own])


def present_openapi_of(channel: Channel, base_url: str) -> dict[str, Any]:
    """The document of one channel as it is now; the database is open."""
    with transaction(Caller(channel=channel)) as tx:
        own = [shown.registered_for_document(each) for each in service.registered_on(tx, channel)]
        rules = read(tx)
    return describe(openapi_of(channel, base_url, own), rules, channel)


def _present(name: str) -> Written:
    if name not in DOORS:
        raise NotFound
    channel, settings = Channel(name), _settings()
    with transaction(Caller(channel=channel)) as tx:
        mark = f"{registered.mark_on(tx, channel)} {attributes.mark(tx)}"
    if (known := _known(channel, settings, mark)) is not None:
        return known
    with _writing:
        if (known := _known(channel, settings, mark)) is None:
            known = Written(channel, mark, present_openapi_of(channel, settings.base_url))
            _written[channel, settings.base_url] = known
    return known


def _known(channel: Channel, settings: Settings, mark: str) -> Written | None:
    written = _written.get((channel, settings.base_url))
    return written if written is not None and written.mark == mark else None


def _settings() -> Settings:
    settings: Settings = current_app.extensions["kopru"]
    return settings


def _content(body: bytes) -> Content:
    return Content(body, hashlib.sha256(body).hexdigest()[:32])


def _answer(content: Content, content_type: str) -> Response:
    answer = Response(content.body, content_type=content_type, headers={"Cache-Control": "no-cache"})
    answer.set_etag(content.etag)
    answer.make_conditional(request)
    return answer
