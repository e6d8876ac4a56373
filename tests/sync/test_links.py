"""Links: made and changed inside, by settings that their connector checks and secrets that nobody reads again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from gateway import vault
from gateway.db import transaction
from gateway.sync import crossref, sealing, service
from gateway.sync.crossref import Seen
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

SECRET = "çok-gizli-anahtar-0123456789"
WISH = {
    "name": "Ankara DMS",
    "partner": "ankara",
    "connector": "rest",
    "settings": {"base_url": "http://127.0.0.1:9", "api_key": SECRET},
}


def make(cast: Cast, **more: Any) -> dict[str, Any]:
    answer = cast.ayse.post("/sync/links", WISH | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def test_a_link_is_made_and_never_shows_its_secret(cast: Cast) -> None:
    link = make(cast)
    listed = cast.ayse.get("/sync/links")
    assert SECRET not in str(link) + listed.text and listed.get_json()["items"] == [link]
    assert link["settings"] == {"base_url": "http://127.0.0.1:9"} and link["partner"] == "ankara"


def test_a_secret_is_sealed_and_bound_to_its_row(cast: Cast) -> None:
    make(cast)
    make(cast, name="İkinci", settings={**WISH["settings"], "api_key": "another-one"})  # type: ignore[dict-item]
    (first, sealed), (second, _) = rows("SELECT id, sealed FROM sync_links ORDER BY id")
    assert SECRET not in str(rows("SELECT sealed, settings::text FROM sync_links"))
    assert sealed and vault.unseal(sealed, f"sync_link:{first}:settings").find(SECRET) > 0
    with pytest.raises(vault.SealBroken):
        vault.unseal(sealed, f"sync_link:{second}:settings")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"settings": {"base_url": "ftp://x", "api_key": "k"}}, "/settings/base_url"),
        ({"settings": {"base_url": "http://127.0.0.1:9"}}, "/settings/api_key"),
        ({"settings": {**WISH["settings"], "pagination": {"kind": "magic"}}}, "/settings/pagination/kind"),  # type: ignore[dict-item]
        ({"connector": "telex"}, "/connector"),
        ({"partner": "nobody"}, "/partner"),
        ({"interval_seconds": 1}, "/interval_seconds"),
    ],
)
def test_a_wrong_link_is_refused_by_the_place_of_the_mistake(cast: Cast, wrong: dict[str, Any], pointer: str) -> None:
    answer = cast.ayse.post("/sync/links", WISH | wrong)
    assert answer.status_code == 422 and [each["pointer"] for each in answer.get_json()["errors"]] == [pointer]


def test_two_links_cannot_share_a_name(cast: Cast) -> None:
    make(cast)
    assert cast.ayse.post("/sync/links", WISH).status_code == 409


def test_a_link_is_paused_and_resumed_by_its_version(cast: Cast) -> None:
    path = f"/sync/links/{make(cast)['id']}"
    assert cast.ayse.patch(path, {"status": "paused"}).status_code == 428
    paused = cast.ayse.patch(path, {"status": "paused", "paused_reason": "Taşınıyorlar"}, 1).get_json()
    assert (paused["status"], paused["paused_reason"]) == ("paused", "Taşınıyorlar")
    assert cast.ayse.patch(path, {"status": "active"}, 1).status_code == 412
    assert cast.ayse.patch(path, {"status": "active"}, 2).get_json()["paused_reason"] is None


def test_new_settings_keep_a_secret_that_is_left_out(cast: Cast) -> None:
    link = make(cast)
    path = f"/sync/links/{link['id']}"
    changed = cast.ayse.patch(path, {"settings": {"base_url": "http://127.0.0.1:10"}}, 1)
    assert changed.get_json()["settings"] == {"base_url": "http://127.0.0.1:10"}
    with transaction(SYSTEM) as tx:
        kept = service.find_link(tx, "Ankara DMS")
        assert kept is not None and sealing.opened(kept)["api_key"] == SECRET


def test_partners_reach_no_link(cast: Cast, dealer: Dealer) -> None:
    assert cast.eskisehir.get("/sync/links").status_code == 404
    assert cast.eskisehir.get(f"/sync/links/{dealer.link_id}").status_code == 404


def test_an_unknown_link_and_run_are_404(cast: Cast) -> None:
    nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
    paths = (f"/sync/links/{nobody}", f"/sync/runs/{nobody}", "/sync/links/not-an-id")
    assert [cast.ayse.get(path).status_code for path in paths] == [404] * 3
    assert cast.ayse.post(f"/sync/links/{nobody}/runs").status_code == 404


def test_runs_and_rejected_records_are_listed_by_link_and_page(cast: Cast, dealer: Dealer) -> None:
    for number in range(3):
        dealer.add_customer(f"Kötü {number}", kind="robot")
    newest = [dealer.sync().id for _ in range(3)][::-1]
    first = cast.ayse.get(f"/sync/runs?link_id={dealer.link_id}&limit=2").get_json()
    rest = cast.ayse.get(f"/sync/runs?link_id={dealer.link_id}&limit=2&cursor={first['next']}").get_json()
    assert [each["id"] for each in first["items"] + rest["items"]] == [str(each) for each in newest]
    rejected = cast.ayse.get(f"/sync/rejected?link_id={dealer.link_id}").get_json()["items"]
    assert [each["raw"]["kind"] for each in rejected] == ["robot"] * 3


def test_every_connector_is_listed_with_what_it_can(cast: Cast) -> None:
    listed = {each["name"]: each for each in cast.ayse.get("/sync/connectors").get_json()["items"]}
    assert listed["rest"]["is_available"] and "push" in listed["rest"]["can"]
    assert listed["rest"]["settings_schema"]["properties"]["api_key"]["writeOnly"] is True


def test_a_broken_seal_fails_the_run_by_name(dealer: Dealer) -> None:
    rows("UPDATE sync_links SET sealed = 'k9.AAAA' RETURNING 1")
    run = run_of(dealer.sync().id)
    assert run.status == "failed" and "k9" in (run.error or "")


def test_what_a_link_remembers_goes_with_it(cast: Cast) -> None:
    link = make(cast)
    with transaction(SYSTEM) as tx:
        seen = Seen("K-1", cast.cem_id, b"hash", None, b"{}")
        crossref.save(tx, UUID(link["id"]), "customers", [seen])
        assert crossref.living(tx, UUID(link["id"]), "customers", ["K-1"])
        tx.raw.execute("DELETE FROM sync_links WHERE id = %s", (link["id"],))
        assert not crossref.living(tx, UUID(link["id"]), "customers", ["K-1"])
