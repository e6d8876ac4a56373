"""A customer's own endpoints move with it when two become one; what was sent stays as it was told."""

from __future__ import annotations

from gateway.customers import moves

moves.register(moves.Rows("webhook_endpoints"))
