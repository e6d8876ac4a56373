"""What a partner says is left of its rate limit: the RateLimit fields of the IETF draft, its older forms, X-RateLimit.

draft-ietf-httpapi-ratelimit-headers: `RateLimit: "default";r=0;t=30` with `RateLimit-Policy: "default";q=100;w=60`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_EPOCH_FROM = 1_000_000_000  # a reset above this is a Unix time, below it a number of seconds
_LONGEST_HEADER = 2_000
_ITEM = re.compile(r'"([^"]*)"((?:\s*;\s*[a-z][a-z0-9_.*-]*=[^;,]*)*)')
_PARAMETER = re.compile(r";\s*([a-z][a-z0-9_.*-]*)=([^;,]*)")
_PAIR = re.compile(r"\b(remaining|reset)\s*=\s*(\d+)")
_FAMILIES = ("RateLimit", "X-RateLimit", "X-Rate-Limit")


def used_up(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until a limit that is used up begins anew; None while requests remain, or nothing usable is said."""
    if not any("rate" in name.lower() for name in headers):
        return None
    waits = [*_structured(headers), *_older(headers), *_families(headers, now)]
    return max(waits, default=None)


def seconds_of(text: str, now: float) -> float | None:
    """A reset, told in seconds or as a Unix time, in seconds from `now`."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    if not 0 <= seconds < float("inf"):
        return None
    return max(seconds - now, 0.0) if seconds > _EPOCH_FROM else seconds


def _structured(headers: Mapping[str, str]) -> Iterator[float]:
    windows = {name: said.get("w") for name, said in _items(headers.get("RateLimit-Policy", ""))}
    for name, said in _items(headers.get("RateLimit", "")):
        told = said.get("t", windows.get(name))
        if said.get("r") == "0" and told is not None and told.isdecimal():
            yield float(told)


def _items(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for item in _ITEM.finditer(header[:_LONGEST_HEADER]):
        yield item[1], {name: value.strip() for name, value in _PARAMETER.findall(item[2])}


def _older(headers: Mapping[str, str]) -> Iterator[float]:
    """`RateLimit: limit=100, remaining=0, reset=30`, as drafts 03 to 07 had it."""
    said = dict(_PAIR.findall(headers.get("RateLimit", "")[:_LONGEST_HEADER]))
    if said.get("remaining") == "0" and "reset" in said:
        yield float(said["reset"])


def _families(headers: Mapping[str, str], now: float) -> Iterator[float]:
    for family in _FAMILIES:
        seconds = seconds_of(headers.get(f"{family}-Reset", ""), now)
        if headers.get(f"{family}-Remaining", "").strip() == "0" and seconds is not None:
            yield seconds
