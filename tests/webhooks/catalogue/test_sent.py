"""Every type of ours is really sent by something: one that nothing sends would be a promise nobody keeps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.interactions import bulk as interactions
from schemas.event_catalogue import EVENT_TYPES
from tests.conftest import Cast
from tests.rights.erasure.conftest import erase
from tests.webhooks.conftest import Register
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_delivery import rename

GATEWAY = Path(__file__).parents[3] / "gateway"
NOTHING_YET = {"customer.deleted"}  # announced as such, so that nobody takes the name meanwhile
CALL = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared"}
_SENT = Query(text("SELECT DISTINCT type FROM events"))


def sent() -> set[str]:
    with transaction(Caller.system("test")) as tx:
        return {name for (name,) in tx.rows(_SENT)}


def told_by_the_code() -> Iterator[str]:
    """Patterns of the names that stand in calls that tell something, such as `tell_link(tx, "sync.link.paused", …)`."""
    for path in GATEWAY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and re.search(r"tell|Event$", ast.unparse(node.func)):
                for part in ast.walk(node):
                    if isinstance(part, ast.JoinedStr):
                        yield "".join(
                            re.escape(str(each.value)) if isinstance(each, ast.Constant) else r"\w+"
                            for each in part.values
                        )
                    elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield re.escape(part.value)


@pytest.mark.usefixtures("in_environment")
def test_what_happens_to_records_and_endpoints_is_told(cast: Cast, receiver: Receiver, register: Register) -> None:
    rename(cast)
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    made = cast.ayse.post("/interactions", {**CALL, "customer_id": str(cast.cem_id)}).get_json()
    assert cast.ayse.patch(f"/interactions/{made['id']}", {"subject": "Sürüş"}, made["version"]).status_code == 200
    with transaction(Caller.system("test")) as tx:
        interactions.remove(tx, [UUID(made["id"])])
    twin = cast.ayse.post("/customers", {"kind": "person", "given_name": "Cem"}).get_json()["id"]
    merge = cast.ayse.post("/identity/merges", {"keep_id": str(cast.cem_id), "lose_id": twin}).get_json()["id"]
    assert cast.ayse.post(f"/identity/merges/{merge}/undo").status_code == 200
    endpoint = register(cast.ayse, "*")
    for status in ("disabled", "active"):
        version = cast.ayse.get(f"/webhooks/endpoints/{endpoint['id']}").get_json()["version"]
        cast.ayse.patch(f"/webhooks/endpoints/{endpoint['id']}", {"status": status}, version)
    nouns, told = ("customer.", "interaction.", "webhook.endpoint."), sent()
    erase(cast)  # with it go the events of before
    assert told | sent() == {name for name in EVENT_TYPES if name.startswith(nouns)} - NOTHING_YET


def test_code_tells_every_type() -> None:
    patterns = set(told_by_the_code())
    assert {name for name in EVENT_TYPES if not any(re.fullmatch(each, name) for each in patterns)} == NOTHING_YET
