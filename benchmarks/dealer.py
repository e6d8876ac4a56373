"""A dealer's system on loopback for the sync benchmarks: it lists pages made beforehand and takes what it is sent.

It runs in a thread of the benchmark, which only waits meanwhile, and costs a few microseconds a record: the same for
whoever reads it. Every record says 20 things in about 580 bytes.
"""

from __future__ import annotations

import mmap
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from benchmarks.world import BODIES, CITIES, FAMILY, FUELS, GIVEN

PAGE = 1000
CHANGED_EVERY = 100
_CITIES = tuple(CITIES)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def record(number: int, edition: int = 1) -> dict[str, Any]:
    """One customer as the dealer lists it; the second edition has another given name in every hundredth."""
    is_changed = edition > 1 and number % CHANGED_EVERY == 0
    line, city = f"Atatürk Cad. {number % 500}", _CITIES[number * 5 % len(_CITIES)]
    return {
        "external_id": f"C-{number:07}", "kind": "person",
        "given_name": GIVEN[(number + is_changed) % len(GIVEN)], "family_name": FAMILY[number // 7 % len(FAMILY)],
        "birth_date": f"{1950 + number % 50}-{1 + number % 12:02}-{1 + number % 28:02}",
        "status": "active", "locale": "tr-TR",
        "contact_points": [
            {"kind": "email", "value": f"musteri{number}@example.com", "primary": True},
            {"kind": "phone", "value": f"+90 532 {number // 10_000:03} {number // 100 % 100:02} {number % 100:02}"},
            {"kind": "address", "address": {
                "line1": line, "district": "Merkez", "city": city, "postal_code": "26010", "country": "TR",
            }},
        ],
        "identifiers": [{"system": "erp", "value": f"E-{number}"}],
        "attributes": {"body_type": BODIES[number % 3], "fuel": FUELS[number % 3], "visits": number % 40},
        "updated_at": f"2026-0{edition}-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "version": str(edition if is_changed else 1),
    }  # fmt: skip


class Request(NamedTuple):
    """What the dealer was sent."""

    method: str
    target: str
    body: bytes


class Dealer:
    """What the dealer holds: `count` customers in pages, of which `edition` is shown (0: none), and what it got."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self.edition = 1
        self.url = ""
        self.writes: list[Request] = []
        self._editions = {edition: _pages(folder, count, edition) for edition in (1, 2)}

    def answer(self, request: Request) -> bytes:
        """The whole HTTP answer."""
        if request.method == "GET":
            asked = parse_qs(urlsplit(request.target).query)
            return self._page(int(asked["cursor"][0]) if "cursor" in asked else 0)
        self.writes.append(request)
        external_id = request.target.rpartition("/")[2].encode()
        return _answer(b'{"external_id":"%s","version":"w%d"}' % (external_id, len(self.writes)))

    def _page(self, number: int) -> bytes:
        if self.edition == 0:
            return _answer(b'{"items":[]}')
        pages, starts = self._editions[self.edition]
        return _answer(pages[starts[number] : starts[number + 1]] if number + 1 < len(starts) else b'{"items":[]}')


@contextmanager
def open_dealer(folder: Path, count: int) -> Iterator[Dealer]:
    """The dealer's system, listening."""
    dealer = Dealer(folder, count)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.dealer = dealer
    dealer.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, name="dealer", daemon=True).start()
    try:
        yield dealer
    finally:
        server.shutdown()
        server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    dealer: Dealer


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer one request after the other until the caller hangs up."""
        try:
            while (request := self._read()) is not None:
                self.request.sendall(self.server.dealer.answer(request))
        except OSError:
            return

    def _read(self) -> Request | None:
        first = self.rfile.readline().split()
        if len(first) < 2:
            return None
        length = 0
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return Request(first[0].decode(), first[1].decode(), self.rfile.read(length))


def _answer(body: bytes) -> bytes:
    return _HEAD % len(body) + body


def _pages(folder: Path, count: int, edition: int) -> tuple[mmap.mmap, list[int]]:
    """The pages of an edition, in a file so that a million records need no memory of ours, and where each begins."""
    path, starts = folder / f"dealer-{count}-{edition}.pages", [0]
    with path.open("wb") as file:
        for first in range(0, count, PAGE):
            last = min(first + PAGE, count)
            following = str(first // PAGE + 1) if last < count else None
            items = [record(number, edition) for number in range(first, last)]
            starts.append(starts[-1] + file.write(orjson.dumps({"items": items, "next": following, "total": count})))
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), starts
