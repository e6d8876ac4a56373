"""The floor of a push: a bare client that sends requests it has read from a file, one after the other.

`python -m benchmarks.floor.push ADDRESS FILE`; prints the seconds it took, without its start.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson
import requests


def push(address: str, wanted: list[tuple[str, str, str]]) -> None:
    """Send each (method, target, body)."""
    headers = {"Content-Type": "application/json"}
    with requests.Session() as session:
        session.trust_env = False  # or it looks for proxies in the environment before each request, which we do not
        for method, target, body in wanted:
            session.request(method, f"{address}{target}", data=body.encode(), headers=headers).raise_for_status()


def main() -> None:
    """Send and tell how long it took."""
    wanted = orjson.loads(Path(sys.argv[2]).read_bytes())
    began = time.monotonic()
    push(sys.argv[1], wanted)
    print(time.monotonic() - began)


if __name__ == "__main__":
    main()
