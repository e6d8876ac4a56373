"""A link's budget is set and its circuit shown where the link is."""

from __future__ import annotations

from tests.conftest import Cast
from tests.sync.conftest import Dealer, rows


def test_a_link_is_given_a_budget(dealer: Dealer, cast: Cast) -> None:
    path = f"/sync/links/{dealer.link_id}"
    before = cast.ayse.get(path).get_json()
    assert (before["requests_per_minute"], before["most_concurrent"]) == (None, 4)
    after = cast.ayse.patch(path, {"requests_per_minute": 120, "most_concurrent": 2}, before["version"]).get_json()
    assert (after["requests_per_minute"], after["most_concurrent"]) == (120, 2)
    assert cast.ayse.patch(path, {"requests_per_minute": 0}, after["version"]).status_code == 422


def test_a_link_shows_how_it_stands_with_its_partner(dealer: Dealer, cast: Cast) -> None:
    shown = ("circuit", "circuit_until", "quiet_until")
    path = f"/sync/links/{dealer.link_id}"
    assert [cast.ayse.get(path).get_json()[name] for name in shown] == ["closed", None, None]
    rows(
        "INSERT INTO sync_traffic (link_id, tokens, drawn_at, failures, opened, open_until, quiet_until) "
        "SELECT id, 1, now(), 5, 1, now() + interval '1 min', now() + interval '2 min' FROM sync_links RETURNING 1"
    )
    link = cast.ayse.get(path).get_json()
    assert link["circuit"] == "open" and link["circuit_until"] < link["quiet_until"]
    rows("UPDATE sync_traffic SET open_until = now(), quiet_until = now() RETURNING 1")
    link = cast.ayse.get(path).get_json()
    assert (link["circuit"], link["quiet_until"]) == ("probing", None)
