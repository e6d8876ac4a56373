"""Flask without two questions that it asks of every request and that have one answer here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host


class LeanFlask(Flask):
    """Routes never depend on the host's name, and no function of ours is a coroutine."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The routes for one request, by path and method alone; a malformed host is refused as ever (400)."""
        if request is None:
            return None
        environ = request.environ
        request.host = get_host(environ)
        path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        return MapAdapter(
            self.url_map,
            request.host,
            environ.get("SCRIPT_NAME", ""),
            "",
            environ["wsgi.url_scheme"],
            path,
            environ["REQUEST_METHOD"],
            environ.get("QUERY_STRING", ""),
        )

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func
