"""Reading what a partner answered: what has not the shape that was promised is the partner's failure, not a bug."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import ConnectorError


@contextmanager
def understood(whose: str) -> Iterator[None]:
    """Turn what a strange answer makes of our code into a passing error; a decorator, too. Never `yield` inside."""
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as wrong:
        kind = type(wrong).__name__  # its text may quote the partner's data
        raise ConnectorError(f"{whose}'s answer could not be understood ({kind}).") from None
