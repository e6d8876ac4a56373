"""Ports for programs that are told where to listen, and begin to only seconds later.

Of those that the kernel gives out by itself any may be somebody else's by then: the tests beside open hundreds.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from random import SystemRandom

HOST = "127.0.0.1"
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _USUAL = 10_000, 32_768


def free_port(offsets: Sequence[int] = (0,)) -> int:
    """A port with nobody listening so far above it, any of those that the kernel leaves alone."""
    while True:
        port = SystemRandom().randrange(_LOWEST, _first_of_the_kernels() - max(offsets))
        with suppress(OSError), ExitStack() as stack:
            for offset in offsets:
                stack.enter_context(socket.socket()).bind((HOST, port + offset))
            return port


def _first_of_the_kernels() -> int:
    first = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else _USUAL
    return first if first > 2 * _LOWEST else _USUAL
