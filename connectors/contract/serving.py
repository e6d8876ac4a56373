"""A pretended partner over real HTTP, on a free port of the loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Logs no requests: a claim that fails shows what it is about."""

    def log_request(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def serve(app: Any, tls: Any = None) -> Iterator[str]:
    """Run a WSGI application as long as the block lasts and give its address; `tls` is werkzeug's ssl_context."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
