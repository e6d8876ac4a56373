"""The guard for `requests`: partners' systems and other addresses that somebody typed are dialled through it."""

from __future__ import annotations

import functools
import socket
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from connectors.http import Gate, Http
from connectors.wire.deadline import DeadlineAdapter
from gateway import guarded_dial
from gateway.guarded import Deadline, Guard, Target, Unresolvable, guard

_CONNECT_SECONDS = 5.0


def guarded_http(gate: Gate | None = None) -> Http:
    """The way out for a connector: whatever it speaks goes to addresses this process's guard has judged."""
    adapter = GuardedAdapter(guard())
    return Http(adapter=adapter, gate=gate, dial=guarded_dial.dial, folders=guarded_dial.folders())


def _dial(judge: Guard, scheme: str, connection: HTTPConnection) -> socket.socket:
    target = Target(scheme, connection.host, connection.port or 0, "/")
    timeout = connection.timeout
    seconds = float(timeout) if isinstance(timeout, int | float) else _CONNECT_SECONDS
    try:
        return judge.dial(target, Deadline(seconds))
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"{target.host} timed out") from error
    except (Unresolvable, OSError) as error:
        raise NewConnectionError(connection, f"{target.host} cannot be reached: {error}") from error


class GuardedAdapter(DeadlineAdapter):
    """A transport for a `requests` session; a refused address raises AddressRefused."""

    def __init__(self, judge: Guard) -> None:
        self._guard = judge
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Have every new connection of the pools dialled by the guard."""
        super().init_poolmanager(*args, **options)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {
            scheme: _guarded_pool(self._guard, scheme, pool) for scheme, pool in pools.items()
        }


def _guarded_pool(judge: Guard, scheme: str, pool: Any) -> Any:
    dial = functools.partial(_dial, judge, scheme)
    connection = type("GuardedConnection", (pool.ConnectionCls,), {"_new_conn": lambda self: dial(self)})
    return type("GuardedPool", (pool,), {"ConnectionCls": connection})
