"""An endpoint has no more of a process than its share, and slow ones together leave most of it to others."""

from gateway.db import new_id
from gateway.webhooks.delivery.shares import MOST, MOST_SLOW, NARROW, WIDE, Shares


def test_endpoint_that_answers_quickly_gets_a_wide_share_and_loses_it_again() -> None:
    shares, endpoint = Shares(), new_id()
    left = [shares.left(endpoint)]
    for is_quick in (True, False):
        shares.judge(endpoint, is_quick)
        left.append(shares.left(endpoint))
    assert left == [NARROW, WIDE, NARROW]


def test_what_is_on_its_way_counts_until_it_lands() -> None:
    shares, endpoint = Shares(), new_id()
    for _ in range(NARROW):
        shares.begin(endpoint)
    assert (shares.left(endpoint), shares.busy(), shares.room) == (0, [endpoint], MOST - NARROW)
    shares.end(endpoint)
    assert (shares.left(endpoint), shares.busy(), shares.room) == (1, [], MOST - NARROW + 1)


def test_slow_endpoints_together_leave_room_for_quick_ones() -> None:
    shares = Shares()
    for _ in range(MOST_SLOW // NARROW):
        endpoint = new_id()
        for _ in range(NARROW):
            shares.begin(endpoint)
    assert (shares.has_room_for_slow, shares.room) == (False, MOST - MOST_SLOW)
    shares.end(endpoint)
    assert shares.has_room_for_slow
