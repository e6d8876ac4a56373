"""Processes for whoever asks, forked by one that was forked itself while this process was young.

A process with threads and connections must not fork (fork(2): only what is async-signal-safe may follow), and one that
is started anew shares no memory with anybody. Each of them ends with its other side, whatever that died of.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

log = logging.getLogger(__name__)

Serve = Callable[[socket.socket], None]


class Nursery:
    """Gives at most so many processes at a time, each of which runs `serve` on its end of a connection.

    Make it before anything else: it forks. At the other end nothing takes longer than `patience` seconds.
    """

    def __init__(self, serve: Serve, most: int, patience: float) -> None:
        self._patience = patience
        self._free = threading.BoundedSemaphore(most)
        self._asking, asked = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            self._asking.close()
            _tend(asked, serve)
        asked.close()

    @contextmanager
    def child(self) -> Iterator[socket.socket | None]:
        """A connection to a process of one's own; None when all are taken, or there is nobody to ask any more."""
        if not self._free.acquire(blocking=False):
            yield None
            return
        ours, theirs = socket.socketpair()
        ours.settimeout(self._patience)
        try:
            with ours:
                yield ours if self._is_born(theirs) else None
        finally:
            self._free.release()

    def _is_born(self, theirs: socket.socket) -> bool:
        with theirs:
            try:
                socket.send_fds(self._asking, [b"!"], [theirs.fileno()])
            except OSError:
                log.warning("sync_nursery_gone")
                return False
        return True


def _tend(asked: socket.socket, serve: Serve) -> NoReturn:
    """Fork for whoever asks, until nobody can any more."""
    children: list[int] = []
    try:
        _settle_down()
        while given := socket.recv_fds(asked, 1, 1)[1]:
            # Those that ended are buried now and not before, so that no number can have gone to a stranger.
            children = [each for each in children if os.waitpid(each, os.WNOHANG) == (0, 0)]
            with suppress(OSError):  # the machine has no room for it: whoever asked finds its connection closed
                children.append(_fork(asked, given[0], serve))
            os.close(given[0])
    finally:
        for each in children:
            os.kill(each, signal.SIGKILL)
            os.waitpid(each, 0)
        os._exit(0)


def _fork(asked: socket.socket, given: int, serve: Serve) -> int:
    child = os.fork()
    if not child:
        try:
            asked.close()
            with socket.socket(fileno=given) as connection:
                serve(connection)
        finally:
            os._exit(0)
    return child


def _settle_down() -> None:
    """Outlast what stops the whole group, for the worker still ends its page then; and be known by a name."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    with suppress(OSError):
        Path("/proc/self/comm").write_text("kopru-drafting")
