"""What an owner may wish of an endpoint: kept as wished, refused with a pointer, and secrets told to nobody."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.vault import SealBroken
from gateway.webhooks.endpoints import headers
from tests.conftest import Api, Cast
from tests.connectors.servers.certificates import Authority

WISHES: dict[str, Any] = {
    "description": "Yedek parça için",
    "payload": "thin",
    "filters": [{"field": "city", "is": ["Eskişehir", "Iğdır"]}],
    "rate_per_minute": 120,
    "ordered": True,
    "retry_delays": [1, 60, 604800],
    "hold_hours": 0,
}
OAUTH = {"type": "oauth2", "token_url": "http://127.0.0.1:9/token", "client_id": "köprü", "client_secret": "gizli-söz"}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def add(api: Api, **wishes: Any) -> Any:
    return api.post("/webhooks/endpoints", {"url": "https://127.0.0.1/kopru", "event_types": ["*"], **wishes})


def path_of(answer: Any) -> str:
    return f"/webhooks/endpoints/{answer.get_json()['id']}"


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["pointer"], each["code"]) for each in answer.get_json()["errors"]]


def test_endpoint_that_wishes_nothing_gets_what_is_usual(cast: Cast) -> None:
    usual: dict[str, Any] = {
        "payload": "full",
        "filters": [],
        "rate_per_minute": None,
        "ordered": False,
        "retry_delays": None,
    }
    more = {"hold_hours": 72, "signatures": ["v1"], "headers": [], "auth": None, "public_keys_url": None}
    state = {"status": "active", "disabled_at": None, "circuit": "closed", "failing_since": None}
    assert (usual | more | state).items() <= add(cast.eskisehir).get_json().items()


def test_wishes_are_kept_from_the_start_and_through_a_change(cast: Cast) -> None:
    added = add(cast.eskisehir, **WISHES)
    assert WISHES.items() <= cast.eskisehir.get(path_of(added)).get_json().items()
    plain: dict[str, Any] = {
        "payload": "full",
        "filters": [],
        "rate_per_minute": None,
        "ordered": False,
        "retry_delays": None,
    }
    changed = cast.eskisehir.patch(path_of(added), plain, 1)
    assert plain.items() <= changed.get_json().items()
    assert changed.get_json()["description"] == WISHES["description"]


def test_change_that_changes_nothing_makes_no_version(cast: Cast) -> None:
    added = add(cast.eskisehir, **WISHES, headers={"X-Anahtar": "çok-gizli".encode().hex()}, signatures=["v1", "v1a"])
    same = {**WISHES, "headers": {"x-anahtar": "çok-gizli".encode().hex()}, "signatures": ["v1a", "v1"]}
    answer = cast.eskisehir.patch(path_of(added), {**same, "headers": {}}, 1)
    assert (answer.status_code, answer.get_json()["version"]) == (200, 1)


def test_headers_are_merged_by_name_and_never_shown_again(cast: Cast) -> None:
    added = add(cast.eskisehir, headers={"X-Bayi": "gizli-1", "X-Sube": "gizli-2", "Authorization": "Basic gizli-3"})
    patch = {"headers": {"x-bayi": "gizli-4", "X-Sube": None, "X-Yeni": "gizli-5"}}
    changed = cast.eskisehir.patch(path_of(added), patch, 1)
    assert changed.get_json()["headers"] == ["Authorization", "X-Yeni", "x-bayi"]
    shown = added.text + changed.text + cast.ayse.get("/webhooks/endpoints").text
    assert "gizli" not in shown
    assert cast.eskisehir.patch(path_of(added), {"headers": None}, 2).get_json()["headers"] == []


def test_client_secret_is_stored_sealed_and_never_shown(cast: Cast) -> None:
    added = add(
        cast.eskisehir,
        auth={**OAUTH, "scope": "olaylar", "audience": "bayi"},
        headers={"X-A": "gizli-söz".encode().hex()},
    )
    told = {name: value for name, value in OAUTH.items() if name != "client_secret"}
    assert added.get_json()["auth"] == {**told, "scope": "olaylar", "audience": "bayi"}
    with transaction(Caller.system("test")) as tx:
        row = tx.first(Query(text("SELECT to_json(e)::text FROM webhook_endpoints e")))
    assert row is not None
    assert "gizli" not in row[0] + cast.eskisehir.get(path_of(added)).text
    assert "gizli-söz".encode().hex() not in row[0]
    assert cast.eskisehir.patch(path_of(added), {"auth": None}, 1).get_json()["auth"] is None


def test_token_and_a_header_of_ones_own_cannot_share_authorization(cast: Cast) -> None:
    both = add(cast.eskisehir, auth=OAUTH, headers={"authorization": "Basic eA=="})
    assert faults(both) == [("/headers/Authorization", "invalid")]
    path = path_of(add(cast.eskisehir, auth=OAUTH))
    assert faults(cast.eskisehir.patch(path, {"headers": {"Authorization": "x"}}, 1)) == [
        ("/headers/Authorization", "invalid")
    ]
    assert cast.eskisehir.patch(path, {"auth": None, "headers": {"Authorization": "x"}}, 1).status_code == 200


def test_certificate_is_told_by_its_print_and_its_key_never(cast: Cast, authority: Authority) -> None:
    certificate, key = authority.issue("eskisehir")
    added = add(cast.eskisehir, auth={"type": "mtls", "certificate": certificate + key, "key": key})
    auth = added.get_json()["auth"]
    assert (auth["type"], auth["subject"], len(auth["fingerprint"])) == ("mtls", "CN=eskisehir", 64)
    assert "PRIVATE" not in added.text + cast.eskisehir.get(path_of(added)).text


@pytest.mark.parametrize("wish", [{"headers": {"X-A": "gizli"}}, {"auth": OAUTH}])
def test_no_secret_follows_to_another_server(cast: Cast, wish: dict[str, Any]) -> None:
    path = path_of(add(cast.eskisehir, **wish))
    elsewhere = {"url": "https://127.0.0.2/kopru"}
    assert faults(cast.ayse.patch(path, elsewhere, 1)) == [("/url", "secrets_stay")]
    assert cast.ayse.patch(path, {"url": "https://127.0.0.1/baska"}, 1).status_code == 200
    assert cast.ayse.patch(path, {**elsewhere, **wish}, 2).status_code == 200
    assert cast.ayse.patch(path, {"url": "https://127.0.0.3/", **dict.fromkeys(wish)}, 3).status_code == 200


def test_deleted_endpoint_keeps_no_secret(cast: Cast) -> None:
    path = path_of(add(cast.eskisehir, auth=OAUTH, headers={"X-A": "gizli"}))
    assert cast.eskisehir.delete(path).status_code == 204
    with transaction(Caller.system("test")) as tx:
        left = tx.first(
            Query(text("SELECT headers_sealed, access, access_sealed FROM webhook_endpoints WHERE access IS NULL"))
        )
        keys = tx.first(Query(text("SELECT count(*) FROM webhook_keys")))
    assert (left, keys) == ((None, None, None), (0,))


def test_headers_sealed_for_one_endpoint_open_for_no_other(cast: Cast) -> None:
    one, other = (UUID(add(cast.eskisehir, headers={"X-A": value}).get_json()["id"]) for value in ("bir", "iki"))
    with transaction(Caller.system("test")) as tx:
        sealed: dict[UUID, str] = dict(tx.rows(Query(text("SELECT id, headers_sealed FROM webhook_endpoints"))))
    assert headers.opened(one, sealed[one]) == {"X-A": "bir"}
    with pytest.raises(SealBroken):
        headers.opened(other, sealed[one])


@pytest.mark.parametrize(
    ("failures", "open_until", "circuit"),
    [(4, "now() + interval '1 minute'", "closed"), (5, "now() + interval '1 minute'", "open"), (9, "now()", "probing")],
)
def test_circuit_and_trouble_are_shown(cast: Cast, failures: int, open_until: str, circuit: str) -> None:
    path = path_of(add(cast.eskisehir))
    trouble = "UPDATE webhook_paces SET failing_since = '2026-11-01T09:00Z', failures = :failures, open_until = "
    with transaction(Caller.system("test")) as tx:
        tx.run(Query(text(trouble + open_until)), failures=failures)
    shown = cast.eskisehir.get(path).get_json()
    assert (shown["circuit"], shown["failing_since"]) == (circuit, "2026-11-01T09:00:00Z")


def test_endpoint_that_its_owner_disables_says_since_when(cast: Cast) -> None:
    path = path_of(add(cast.eskisehir))
    disabled = cast.eskisehir.patch(path, {"status": "disabled"}, 1).get_json()
    assert disabled["created_at"] < disabled["disabled_at"] <= disabled["updated_at"]
    enabled = cast.eskisehir.patch(path, {"status": "active"}, 2).get_json()
    assert (enabled["disabled_at"], enabled["disabled_reason"]) == (None, None)
    with transaction(Caller.system("test")) as tx:
        told = tx.rows(Query(text("SELECT type FROM events WHERE type LIKE 'webhook.%' ORDER BY position")))
    assert told == [("webhook.endpoint.disabled",), ("webhook.endpoint.enabled",)]
