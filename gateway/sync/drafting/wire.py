"""Messages over a socket: eight bytes of length, then so many."""

from __future__ import annotations

import socket

_HEAD = 8


def send(connection: socket.socket, message: bytes) -> None:
    """Send all of it; raises OSError."""
    connection.sendall(len(message).to_bytes(_HEAD))
    connection.sendall(message)  # by itself: joined it would be in memory twice


def receive(connection: socket.socket) -> bytearray:
    """The next message; raises EOFError at the end, and OSError."""
    return _exactly(connection, int.from_bytes(_exactly(connection, _HEAD)))


def _exactly(connection: socket.socket, size: int) -> bytearray:
    taken = bytearray(size)
    rest = memoryview(taken)
    while rest:
        count = connection.recv_into(rest)
        if not count:
            raise EOFError("the other side is gone")
        rest = rest[count:]
    return taken
