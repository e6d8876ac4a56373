"""What a dealer's staff typed wrong, and how they put it right."""

from demo.dealer import spoil
from demo.spoiled import SPOILED
from demo.store import Store
from demo.world import DEALERS
from schemas.record import InteractionRecord
from tests.demo.conftest import Caller


def test_every_spoiled_record_breaks_one_field_alone() -> None:
    for record in SPOILED["eskisehir"]:
        assert len(InteractionRecord().validate({"external_id": "ESK-I1", **record})) == 1


def test_quiet_dealer_has_nothing_spoiled() -> None:
    assert not {each.code for each in DEALERS if each.quiet} & SPOILED.keys()


def test_corrected_record_is_taken_by_the_dealer(caller: Caller, small_store: Store) -> None:
    spoil(small_store, "eskisehir")
    wrong = [each for each in caller.walk("/interactions") if each.get("satisfaction") == 11]
    assert len(wrong) == 1
    place = f"/interactions/{wrong[0]['external_id']}"
    assert caller.patch(place, json={"satisfaction": 12}).status_code == 400
    assert caller.patch(place, json={"satisfaction": 5}).json()["satisfaction"] == 5
