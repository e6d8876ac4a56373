"""A receiver on loopback that costs next to nothing: it answers 204, and notes what came and when.

`python -m benchmarks.receiver` prints its port. `POST` is a message; `GET /count` answers how many have come since
`DELETE`, `GET /times` a line for each, `webhook-id` and Unix seconds.
"""

from __future__ import annotations

import asyncio
import re
import time

_ID = re.compile(rb"webhook-id: *([^\r]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"

_arrived: list[tuple[bytes, float]] = []


class Receiver(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n") + 4) > 3:
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            head, self._buffer = self._buffer[:end], self._buffer[whole:]
            self._transport.write(self._answer(head))  # type: ignore[attr-defined]

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"POST"):
            found = _ID.search(head)
            _arrived.append((found[1] if found else b"", time.time()))
            return _TAKEN
        if head.startswith(b"DELETE"):
            _arrived.clear()
            return _TAKEN
        told = (
            b"%d" % len(_arrived) if b"/count" in head[:20] else b"".join(b"%s %f\n" % each for each in list(_arrived))
        )
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told)


async def serve() -> None:
    """Listen on a free port until killed."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
