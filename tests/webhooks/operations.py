"""Running to its end what an answer says has begun."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from gateway.longrunning import jobs
from tests.conftest import Api


def finish(api: Api, answer: TestResponse) -> dict[str, Any]:
    """Work on an operation as a worker would, and show how it ended."""
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"].endswith(f"/operations/{answer.get_json()['id']}")
    jobs.go_on(answer.get_json()["id"])
    return dict(api.get(answer.headers["Location"]).get_json())
