"""`/{channel}/openapi.json` and `/{channel}/docs`: what each channel offers, readable without any outside host."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, render_template
from werkzeug.exceptions import NotFound

from gateway.channels import DOORS, Channel
from gateway.config import Settings
from gateway.features import FEATURES, reach_of, told_on
from gateway.json_body import write_json
from gateway.openapi import document

blueprint = Blueprint("api_docs", __name__, template_folder="pages")
_CSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"


@blueprint.get("/<channel>/openapi.json")
def show_document(channel: str) -> Response:
    """The channel's OpenAPI 3.1 document."""
    settings: Settings = current_app.extensions["kopru"]
    return Response(write_json(openapi_of(_door(channel), settings.base_url)), content_type="application/json")


@blueprint.get("/<channel>/docs")
def show_docs(channel: str) -> Response:
    """The same document as a page to read."""
    settings: Settings = current_app.extensions["kopru"]
    page = render_template("docs.html", document=openapi_of(_door(channel), settings.base_url), channel=channel)
    return Response(page, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _CSP})


@blueprint.get("/docs.css")
def show_style() -> Response:
    """The page's style."""
    return Response(render_template("docs.css"), content_type="text/css; charset=utf-8")


@lru_cache(maxsize=8)
def openapi_of(channel: Channel, base_url: str) -> dict[str, Any]:
    """The document of one channel, made once."""
    operations = [operation for feature in FEATURES for operation in feature.all]
    return document(reach_of(channel), base_url, operations, told_on(channel))


def _door(name: str) -> Channel:
    if name not in DOORS:
        raise NotFound
    return Channel(name)
