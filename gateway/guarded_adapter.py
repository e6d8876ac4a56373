"""The guard for `requests`: partners' systems and other addresses that somebody typed are dialled through it."""

from __future__ import annotations

import functools
import socket
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from connectors.wire.deadline import DeadlineAdapter
from gateway.guarded import Deadline, Guard, Target, Unresolvable

_CONNECT_SECONDS = 5.0


def _dial(guard: Guard, scheme: str, connection: HTTPConnection) -> socket.socket:
    target = Target(scheme, connection.host, connection.port or 0, "/")
    timeout = connection.timeout
    seconds = float(timeout) if isinstance(timeout, int | float) else _CONNECT_SECONDS
    try:
        return guard.dial(target, Deadline(seconds))
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"{target.host} timed out") from error
    except (Unresolvable, OSError) as error:
        raise NewConnectionError(connection, f"{target.host} cannot be reached: {error}") from error


class GuardedAdapter(DeadlineAdapter):
    """A transport for a `requests` session; a refused address raises AddressRefused."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Have every new connection of the pools dialled by the guard."""
        super().init_poolmanager(*args, **options)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {
            scheme: _guarded_pool(self._guard, scheme, pool) for scheme, pool in pools.items()
        }


def _guarded_pool(guard: Guard, scheme: str, pool: Any) -> Any:
    dial = functools.partial(_dial, guard, scheme)
    connection = type("GuardedConnection", (pool.ConnectionCls,), {"_new_conn": lambda self: dial(self)})
    return type("GuardedPool", (pool,), {"ConnectionCls": connection})
