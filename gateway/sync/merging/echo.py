"""Telling a partner's own word from our word come back in its spelling.

Systems write what they are given in their own way: in capitals, without marks, cut to a column's width or to whole
seconds. Taking that for news would spoil the truth of other sources, and let two such systems play ping-pong.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.turkish import words

_LEAST_CUT = 20  # letters; a shorter text that lacks its end is rather a person's work than a column's width


def is_echo(sent: Any, heard: Any) -> bool:
    """Whether `heard` can be how a system keeps what it was `sent`; a field it cannot keep comes back empty."""
    if heard in (None, [], {}) or sent == heard:
        return True
    if isinstance(sent, str) and isinstance(heard, str):
        return words(sent) == words(heard) or (len(heard) >= _LEAST_CUT and sent.startswith(heard))
    if isinstance(sent, datetime) and isinstance(heard, datetime):
        return heard in (sent.replace(microsecond=0), sent.replace(second=0, microsecond=0))
    if isinstance(sent, Decimal) and isinstance(heard, Decimal):
        return abs(sent - heard) < Decimal("0.01")
    if isinstance(sent, dict) and isinstance(heard, dict):
        return all(is_echo(sent.get(name), value) for name, value in heard.items())
    if isinstance(sent, list) and isinstance(heard, list):
        return all(any(is_echo(each, item) for each in sent) for item in heard)
    return False


def keeps_all(sent: Any, heard: Any) -> bool:
    """Whether each item of a list that was `sent` is among those `heard`; what is no list has none to lack."""
    if not (isinstance(sent, list) and isinstance(heard, list)):
        return True
    return all(any(is_echo(each, item) for item in heard) for each in sent)


def respelt(sent: Any, heard: Any) -> Any:
    """What is `heard`, those items of a list that only echo one that was `sent` being as they were sent."""
    if not (isinstance(sent, list) and isinstance(heard, list)):
        return heard
    return [item if item in sent else next((each for each in sent if is_echo(each, item)), item) for item in heard]
