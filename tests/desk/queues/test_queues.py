"""Queues are made and changed by those who set up the desk."""

from __future__ import annotations

from tests.conftest import Api, Cast
from tests.desk.conftest import add_queue


def test_queue_is_shown_as_it_was_made(cast: Cast) -> None:
    queue = add_queue(cast, "Şikâyetler", team="Müşteri ilişkileri", target_seconds=900)
    shown = cast.ayse.get(f"/queues/{queue}").get_json()
    assert (shown["name"], shown["team"], shown["target_seconds"]) == ("Şikâyetler", "Müşteri ilişkileri", 900)


def test_two_queues_have_two_names(cast: Cast, queue: str) -> None:
    refused = cast.ayse.post("/queues", {"name": "Geri aramalar"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "queue_name_taken")


def test_archived_queue_takes_nothing_new(cast: Cast, queue: str) -> None:
    assert cast.ayse.patch(f"/queues/{queue}", {"archived": True}, version=1).status_code == 200
    item = {"kind": "follow_up", "customer_id": str(cast.cem_id), "subject": "Arayın"}
    assert cast.ayse.post(f"/queues/{queue}/items", item).get_json()["errors"][0]["code"] == "archived"


def test_stale_change_is_refused(cast: Cast, queue: str) -> None:
    cast.ayse.patch(f"/queues/{queue}", {"team": "Çağrı merkezi"}, version=1)
    assert cast.ayse.patch(f"/queues/{queue}", {"team": "Şube"}, version=1).status_code == 412


def test_queues_are_listed_by_name_in_pages(cast: Cast, queue: str) -> None:
    add_queue(cast, "Hasar")
    page = cast.ayse.get("/queues?limit=1").get_json()
    rest = cast.ayse.get("/queues", query_string={"limit": 1, "cursor": page["next"]}).get_json()
    assert [each["name"] for each in (*page["items"], *rest["items"])] == ["Geri aramalar", "Hasar"]


def test_agent_sets_up_no_queue(zeynep: Api) -> None:
    assert zeynep.post("/queues", {"name": "Benim"}).status_code == 403
