"""dlt's pull of the same list into the same PostgreSQL, merged on the same key; it runs in a virtualenv of its own.

`python dlt_pull.py ADDRESS FOLDER`, the database in DATABASE_URL; prints the seconds it took, without its start.
Nothing is tuned, on either side: dlt makes tables of its own out of nested lists.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import dlt  # type: ignore[import-not-found]
from dlt.sources.helpers import requests  # type: ignore[import-not-found]


@dlt.resource(name="customers", primary_key="external_id", write_disposition="merge")  # type: ignore[untyped-decorator]
def customers(address: str) -> Iterator[list[dict[str, Any]]]:
    """The pages of the list."""
    following: str | None = ""
    while following is not None:
        body = requests.get(f"{address}?cursor={following}" if following else address).json()
        following = body["next"]
        yield body["items"]


def main() -> None:
    """Pull and tell how long it took."""
    destination = dlt.destinations.postgres(
        os.environ["DATABASE_URL"].replace("+psycopg", "").replace("@/", "@socket/")
    )
    pipeline = dlt.pipeline("pull", destination=destination, dataset_name="pulled", pipelines_dir=sys.argv[2])
    began = time.monotonic()
    pipeline.run(customers(sys.argv[1])).raise_on_failed_jobs()
    print(time.monotonic() - began)


if __name__ == "__main__":
    main()
