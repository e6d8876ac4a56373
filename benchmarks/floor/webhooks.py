"""The floor of deliveries: a bare client that posts signed bodies it has read from a file, many at once.

`python -m benchmarks.floor.webhooks FILE CONCURRENCY`; prints the seconds it took, without its start. Every thread has
one kept-alive connection of the standard library's `http.client` to each receiver.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue

import orjson

Message = tuple[str, int, str, dict[str, str], bytes]  # host, port, path, headers, body


def post_all(messages: SimpleQueue[Message]) -> None:
    """Post until there are none left; raises RuntimeError for an answer other than 204."""
    connections: dict[tuple[str, int], http.client.HTTPConnection] = {}
    while True:
        try:
            host, port, path, headers, body = messages.get_nowait()
        except Empty:
            return
        connection = connections.setdefault((host, port), http.client.HTTPConnection(host, port, timeout=20))
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 204:
            raise RuntimeError(f"the receiver answered {answer.status}")


def main() -> None:
    """Post everything and tell how long it took."""
    wanted: SimpleQueue[Message] = SimpleQueue()
    for host, port, path, headers, body in orjson.loads(Path(sys.argv[1]).read_bytes()):
        wanted.put((host, port, path, headers, body.encode()))
    threads = [threading.Thread(target=post_all, args=(wanted,)) for _ in range(int(sys.argv[2]))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(time.monotonic() - began)


if __name__ == "__main__":
    main()
