"""What a dealer's system answers, over real HTTP."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.store import Store
from demo.world import DEMO_DATE
from tests.demo.conftest import Caller

AYLIN: dict[str, Any] = {"kind": "person", "given_name": "Aylin", "family_name": "Iğdırlı", "reference": "kopru-1"}


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["external_id"] for record in records]


@pytest.mark.parametrize("limit", [1, 7, 25, 200])
def test_walk_meets_every_customer_once_although_many_share_a_time(caller: Caller, limit: int) -> None:
    walked = caller.walk("/customers", limit=limit)
    assert sorted(ids(walked)) == [f"ESK-{number:06d}" for number in range(1, 26)]
    assert walked == sorted(walked, key=lambda each: (each["updated_at"], each["external_id"]))
    assert len({each["updated_at"] for each in walked}) < len(walked)


def test_page_is_never_longer_than_200(caller: Caller) -> None:
    page = caller.get("/interactions", params={"limit": 1000}).json()
    assert len(page["items"]) == min(200, page["total"])


def test_updated_since_includes_the_very_moment(caller: Caller) -> None:
    newest = caller.walk("/customers")[-1]
    assert caller.walk("/customers", updated_since=newest["updated_at"]) == [newest]


def test_updated_since_reads_other_time_zones(caller: Caller) -> None:
    newest = caller.walk("/customers")[-1]["updated_at"]
    later_there = newest.replace("Z", "-03:00")
    assert caller.walk("/customers", updated_since=later_there) == []


def test_change_moves_a_record_to_the_end_of_the_walk(caller: Caller) -> None:
    first = caller.walk("/customers")[0]
    changed = caller.patch(f"/customers/{first['external_id']}", json={"status": "inactive"}).json()
    assert ids(caller.walk("/customers"))[-1] == first["external_id"]
    assert changed["updated_at"] > first["updated_at"]
    assert int(changed["version"]) == int(first["version"]) + 1


def test_created_customer_gets_its_external_id(caller: Caller) -> None:
    answer = caller.post("/customers", json=AYLIN)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/customers/ESK-000026")
    assert answer.json() == caller.get("/customers/ESK-000026").json()
    assert answer.json() | AYLIN == answer.json()


def test_known_reference_is_refused_with_the_id_that_has_it(caller: Caller) -> None:
    made = caller.post("/customers", json=AYLIN).json()
    again = caller.post("/customers", json=AYLIN)
    assert (again.status_code, again.json()["external_id"]) == (409, made["external_id"])
    assert caller.walk("/customers", reference="kopru-1") == [made]


def test_unknown_reference_finds_nothing(caller: Caller) -> None:
    assert caller.get("/customers", params={"reference": "kopru-2"}).json() == {"items": [], "next": None, "total": 0}


def test_patch_merges_and_null_removes(caller: Caller) -> None:
    before = caller.get("/customers/ESK-000001").json()
    patch = {"attributes": {"fuel": None, "colour": "beyaz"}, "tax_id": None}
    after = caller.patch("/customers/ESK-000001", json=patch).json()
    kept = {name: value for name, value in before["attributes"].items() if name != "fuel"}
    assert after["attributes"] == kept | {"colour": "beyaz"}
    assert "tax_id" not in after


def test_patch_cannot_set_what_the_dealer_sets(caller: Caller) -> None:
    sent = {"external_id": "ESK-9", "version": "99", "updated_at": "1999-01-01T00:00:00Z"}
    after = caller.patch("/customers/ESK-000001", json=sent).json()
    assert after["external_id"] == "ESK-000001"
    assert after["version"] != "99"
    assert after["updated_at"] > DEMO_DATE.isoformat()


def test_stale_writer_is_told_the_present_version(caller: Caller) -> None:
    seen = caller.get("/customers/ESK-000002")
    as_seen = {"If-Match": seen.headers["ETag"]}
    caller.patch("/customers/ESK-000002", json={"status": "active"}, headers=as_seen)
    late = caller.patch("/customers/ESK-000002", json={"status": "inactive"}, headers=as_seen)
    assert (late.status_code, late.json()["version"]) == (412, str(int(seen.json()["version"]) + 1))
    assert caller.get("/customers/ESK-000002").json()["status"] == "active"


def test_if_match_takes_the_bare_version_too(caller: Caller) -> None:
    version = caller.get("/customers/ESK-000002").json()["version"]
    assert caller.delete("/customers/ESK-000002", headers={"If-Match": "77"}).status_code == 412
    assert caller.delete("/customers/ESK-000002", headers={"If-Match": version}).status_code == 204


def test_deleted_customer_leaves_a_tombstone(caller: Caller) -> None:
    assert caller.delete("/customers/ESK-000003").status_code == 204
    [stone] = caller.walk("/customers", include_deleted="true")[-1:]
    assert stone == {"external_id": "ESK-000003", "deleted_at": stone["updated_at"], "updated_at": stone["updated_at"]}
    assert "ESK-000003" not in ids(caller.walk("/customers"))
    assert caller.get("/customers/ESK-000003").status_code == 404
    assert caller.delete("/customers/ESK-000003").status_code == 404


def test_deleted_customer_takes_its_interactions_along(caller: Caller) -> None:
    caller.delete("/customers/ESK-000001")
    assert all(each["customer_external_id"] != "ESK-000001" for each in caller.walk("/interactions"))
    stones = [each for each in caller.walk("/interactions", include_deleted="true") if "deleted_at" in each]
    assert len(stones) >= 3


def test_reference_of_a_deleted_record_is_free_again(caller: Caller) -> None:
    first = caller.post("/customers", json=AYLIN).json()["external_id"]
    caller.delete(f"/customers/{first}")
    second = caller.post("/customers", json=AYLIN)
    assert (second.status_code, second.json()["external_id"] > first) == (201, True)


@pytest.mark.parametrize("written", ["Işıldağ", "IŞILDAĞ", "isildag", "cem işıl"])
def test_search_forgives_how_turkish_is_typed(caller: Caller, written: str) -> None:
    assert ids(caller.walk("/customers", q=written)) == ["ESK-000001"]


def test_interaction_is_recorded_for_a_known_customer_only(caller: Caller) -> None:
    call = {"customer_external_id": "ESK-000001", "channel": "phone", "kind": "inquiry", "direction": "in"}
    assert caller.post("/interactions", json=call).status_code == 201
    refused = caller.post("/interactions", json=call | {"customer_external_id": "ESK-999999"})
    assert (refused.status_code, refused.json()["field"]) == (400, "customer_external_id")


@pytest.mark.parametrize("key", [{}, {"X-Api-Key": "yanlış".encode()}, {"X-Api-Key": ""}])
def test_caller_without_the_key_gets_401(caller: Caller, key: dict[str, Any]) -> None:
    del caller.headers["X-Api-Key"]
    assert caller.get("/customers", headers=key).status_code == 401
    assert caller.get("/health", headers=key).json() == {"status": "ok", "dealer": "eskisehir"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/vehicles", 404),
        ("GET", "/customers/", 404),
        ("GET", "/customers/ESK-000001/x", 404),
        ("GET", "/customers/%ff", 404),
        ("GET", "/customers/ESK-I000001", 404),
        ("GET", "/customers?limit=0", 400),
        ("GET", "/customers?limit=%C2%B2", 400),
        ("GET", "/customers?limit=5&limit=6", 400),
        ("GET", "/customers?colour=red", 400),
        ("GET", "/customers?cursor=none", 400),
        ("GET", "/customers?cursor=e30=", 400),
        ("GET", "/customers?updated_since=0001-01-01T00:00:00%2B14:00", 400),
        ("GET", "/customers?updated_since=yesterday", 400),
        ("GET", "/customers?q=%ff", 400),
        ("PUT", "/customers", 405),
        ("DELETE", "/customers", 405),
        ("POST", "/customers/ESK-000001", 405),
        ("OPTIONS", "/customers", 405),
        ("BREW", "/customers", 501),
    ],
)
def test_wrong_request_gets_a_small_json_error(caller: Caller, method: str, path: str, status: int) -> None:
    answer = caller.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"kind": NaN}',
        b'{"kind":"person","given_name":"a\\u0000b"}',
        b'{"kind":"person","given_name":"\\ud800"}',
        b"[" * 10_000,
        b'{"kind":"person","given_name":' + b"9" * 5_000 + b"}",
        b'{"kind":"person"}',
        b'{"kind":"robot","given_name":"R2"}',
        b'{"given_name":"Aylin"}',
        b'{"kind":"person","given_name":"A","contact_points":[1]}',
        b'{"kind":"person","given_name":"A","reference":7}',
    ],
)
def test_wrong_body_changes_nothing(caller: Caller, body: bytes) -> None:
    answer = caller.post("/customers", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert caller.get("/customers").json()["total"] == 25


def test_other_media_types_get_415(caller: Caller) -> None:
    assert caller.post("/customers", data=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415


def test_405_names_what_is_possible(caller: Caller) -> None:
    assert caller.put("/customers/ESK-000001").headers["Allow"] == "GET, PATCH, DELETE"


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [("Content-Length", "9999999", 413), ("Content-Length", "-1", 400), ("Transfer-Encoding", "chunked", 411)],
)
def test_unreadable_length_closes_the_connection(caller: Caller, header: str, value: str, status: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(caller.url).netloc, timeout=10)
    connection.putrequest("POST", "/customers")
    connection.putheader(header, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Connection")) == (status, "close")
    connection.close()


def test_walk_meets_what_stays_once_while_others_write(caller: Caller, small_store: Store) -> None:
    met: list[str] = []
    params: dict[str, str | int] = {"limit": 3}
    while "cursor" not in params or params["cursor"]:
        page = caller.get("/customers", params=params).json()
        met += ids(page["items"])
        params["cursor"] = page["next"]
        if len(met) < 20:
            small_store.change("customers", "ESK-000025", lambda item: item)
    assert sorted(each for each in met if each != "ESK-000025") == [f"ESK-{number:06d}" for number in range(1, 25)]
