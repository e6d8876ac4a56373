"""Receivers in a process of their own, that answer well or badly by turns and write down everything that arrives.

`python -m tests.faults.webhooks.receivers FOLDER SEED`: the path names the receiver. What arrives goes into
FOLDER/journal, a line of JSON each, before it is answered; so does every good answer once it has been written. While
FOLDER/rude exists a message is answered badly now and then, but no more than three times, so that every message comes
to an end. While FOLDER/slow exists every answer takes its time.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: closing sends RST
_HANG_SECONDS, _SLOW_SECONDS = 3.0, 0.3
_BAD_AT_MOST, _BAD_SHARE = 3, 0.4

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def says(text: str) -> Answer:
    """Write a head and no body, and keep the connection."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {text}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()

    return write


async def hang(writer: asyncio.StreamWriter) -> None:
    """What came has been taken, but nobody hears of it in time."""
    await asyncio.sleep(_HANG_SECONDS)
    writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A good answer whose body comes by one byte a second."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(round(_HANG_SECONDS)):
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(1.0)
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    """The connection is reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


async def break_off(writer: asyncio.StreamWriter) -> None:
    """The connection ends within the status line."""
    writer.write(b"HTTP/1.1 20")
    await writer.drain()
    writer.close()


BAD: dict[str, Answer] = {
    "hang": hang,
    "drip": drip,
    "reset": reset,
    "break off": break_off,
    "429": says("429 Too Many Requests\r\nretry-after: 1"),
    "503": says("503 Service Unavailable"),
    "500": says("500 Internal Server Error"),
    "302": says("302 Found\r\nlocation: /elsewhere"),
}
_GOOD = says("204 No Content")


class Receivers:
    """All of them behind one port, told apart by path."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._journal: IO[str] = (folder / "journal").open("a", buffering=1)
        self._chance = chance
        self._bad: Counter[tuple[str, str]] = Counter()
        self._number = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as both sides keep it."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                path, headers, body = await _request(reader)
                await self._answer(path, headers, body, writer)
        writer.close()

    async def _answer(self, path: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter) -> None:
        self._number = number = self._number + 1
        mood = self._mood(path, headers.get("webhook-id", ""))
        self._note(
            {"number": number, "path": path, "mood": mood, "headers": headers, "body": base64.b64encode(body).decode()}
        )
        if (self._folder / "slow").exists():
            await asyncio.sleep(_SLOW_SECONDS)
        await BAD.get(mood, _GOOD)(writer)
        if mood == "good":
            self._note({"good": number})

    def _mood(self, path: str, webhook_id: str) -> str:
        is_bad = self._chance.random() < _BAD_SHARE and self._bad[path, webhook_id] < _BAD_AT_MOST
        if not (is_bad and (self._folder / "rude").exists()):
            return "good"
        self._bad[path, webhook_id] += 1
        return self._chance.choice(list(BAD))

    def _note(self, line: dict[str, Any]) -> None:
        self._journal.write(json.dumps({"at": time.time(), **line}) + "\n")


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return first.split()[1], headers, await reader.readexactly(int(headers["content-length"]))


async def _serve(folder: Path, seed: str) -> None:
    server = await asyncio.start_server(Receivers(folder, random.Random(seed)).meet, "127.0.0.1", 0)
    (folder / "port.new").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.new").rename(folder / "port")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2]))
