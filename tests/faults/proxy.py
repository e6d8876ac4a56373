"""A TCP proxy for bad networks: it stands before a partner and spoils the answers to some requests.

`Weather` says what becomes of an answer's bytes; what is sent to the partner always arrives, except in a black hole.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: closing sends RST


@dataclass(frozen=True)
class Weather:
    """What becomes of an answer: late by `latency` seconds, one byte every `drip` seconds, and its end.

    After `bytes_passed` of it the connection is `reset`, `closed`, `half_closed` (we may still send), or `silent`.
    A `black_hole` takes the connection and never reads.
    """

    name: str
    latency: float = 0.0
    drip: float = 0.0
    bytes_passed: int | None = None
    end: str = ""
    black_hole: bool = False

    def __str__(self) -> str:
        return self.name


CALM = Weather("calm")
LATENCY = Weather("latency", latency=0.3)
DRIP = Weather("one byte at a time", drip=0.05)
RESET_AT_ONCE = Weather("reset before the answer", bytes_passed=0, end="reset")
RESET = Weather("reset in the middle", bytes_passed=150, end="reset")
TRUNCATED = Weather("truncated", bytes_passed=150, end="closed")
HALF_CLOSED = Weather("half-closed", bytes_passed=0, end="half_closed")
SILENT = Weather("half-open", bytes_passed=150, end="silent")
BLACK_HOLE = Weather("black hole", black_hole=True)


class Proxy:
    """One listening port before one partner; `weather` befalls the answers to requests of these `methods`."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = address.hostname or "", address.port or 80
        self.weather = CALM
        self.methods: tuple[bytes, ...] = (b"GET", b"POST", b"PATCH", b"DELETE")
        self.spoiled = 0
        self.url = ""
        self._running: set[asyncio.Task[None]] = set()

    async def listen(self) -> asyncio.Server:
        """Begin; the address is in `url`."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.url = "http://127.0.0.1:{1}".format(*server.sockets[0].getsockname())
        return server

    async def stop(self) -> None:
        """Drop every connection."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        with suppress(OSError, asyncio.CancelledError):
            if self.weather.black_hole:
                self.spoiled += 1
                await asyncio.Event().wait()
            await self._carry(reader, writer)
        writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests go through as they come, answers as the weather of the last request has it."""
        answers, requests = await asyncio.open_connection(*self._target)
        pump = asyncio.create_task(self._answer(answers, writer, connection := _Connection()))
        try:
            while data := await reader.read(_CHUNK):
                if data.startswith((b"GET", b"POST", b"PATCH", b"DELETE")):
                    connection.begin(self.weather if data.startswith(self.methods) else CALM)
                    self.spoiled += connection.weather is not CALM
                requests.write(data)
                await requests.drain()
        finally:
            requests.close()
            pump.cancel()

    async def _answer(
        self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: _Connection
    ) -> None:
        while data := await answers.read(_CHUNK):
            await asyncio.sleep(connection.weather.latency)
            data = connection.passed(data)
            for piece in [data[i : i + 1] for i in range(len(data))] if connection.weather.drip else [data]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(connection.weather.drip)
            if connection.is_over:
                _end(writer, connection.weather.end)
                return
        writer.close()


class _Connection:
    """What is left of the present answer before the weather ends it."""

    def __init__(self) -> None:
        self.begin(CALM)

    def begin(self, weather: Weather) -> None:
        self.weather, self._left = weather, weather.bytes_passed

    @property
    def is_over(self) -> bool:
        return self._left == 0

    def passed(self, data: bytes) -> bytes:
        """As much of an answer as still comes through."""
        if self._left is None:
            return data
        data = data[: self._left]
        self._left -= len(data)
        return data


def _end(writer: asyncio.StreamWriter, end: str) -> None:
    if end == "half_closed":
        writer.write_eof()
    elif end == "reset":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
    elif end == "closed":
        writer.close()


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """A proxy before a partner's address, in a thread of its own."""
    proxy, ready, loop = Proxy(target), threading.Event(), asyncio.new_event_loop()

    async def live() -> None:
        server = await proxy.listen()
        over = asyncio.Event()
        proxy_over.append(over)
        ready.set()
        async with server:
            await over.wait()
            await proxy.stop()

    proxy_over: list[asyncio.Event] = []
    thread = threading.Thread(target=loop.run_until_complete, args=(live(),), name="proxy", daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(proxy_over[0].set)
        thread.join(5)
        loop.close()
