"""What statements come to: later words replace earlier ones about the same, and of others the least permissive wins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.consent.purposes.models import Purpose
from gateway.consent.statements.standing import Verdict, Word, in_force, judge

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARKETING = Purpose(code="marketing", basis="consent", is_allowed_by_default=False)
SERVICE = Purpose(code="service", basis="legitimate_interest", is_allowed_by_default=True)
RECALL = Purpose(code="recall", basis="legal", is_allowed_by_default=True)
ONE, OTHER, THIRD, DEALER = (UUID(int=number) for number in range(1, 5))
MAIL = "isil@example.com"


def word(day: int, *, granted: bool = True, **differs: Any) -> Word:
    said_at = START + timedelta(days=day)
    usual = {"purpose": "marketing", "channel": "email", "contact_value": None, "audience": "all", "partner_id": None}
    times = {"said_at": said_at, "valid_until": None, "recorded_at": said_at}
    return Word(**{"id": UUID(int=100 + day), **usual, **times, "said_of": ONE, "is_granted": granted} | differs)


def verdict(*words: Word, purpose: Purpose = MARKETING, channel: str = "email", value: str | None = MAIL) -> Verdict:
    return judge(in_force(words, START + timedelta(days=50)), purpose, channel, value)


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [(MARKETING, (False, "no_consent")), (SERVICE, (True, "default")), (RECALL, (True, "legal"))],
)
def test_silence_leaves_it_to_the_purpose(purpose: Purpose, expected: tuple[bool, str]) -> None:
    assert verdict(purpose=purpose) == expected


def test_later_word_about_the_same_replaces_the_earlier() -> None:
    assert verdict(word(1), word(2, granted=False)) == (False, "withdrawn")
    assert verdict(word(1, granted=False), word(2)) == (True, "granted")


def test_it_counts_when_it_was_said_and_not_when_it_was_written_down() -> None:
    late = word(1, recorded_at=START + timedelta(days=40))
    assert verdict(late, word(2, granted=False)) == (False, "withdrawn")


def test_of_two_words_of_one_moment_the_withdrawal_counts() -> None:
    assert verdict(word(1, granted=False), word(1, id=UUID(int=999))) == (False, "withdrawn")


@pytest.mark.parametrize(
    "level",
    [
        {"purpose": None},
        {"purpose": None, "channel": "all"},
        {"channel": "all"},
        {"contact_value": MAIL},
        {"audience": "partner", "partner_id": DEALER},
    ],
)
def test_withdrawal_on_any_level_wins_over_a_later_consent_on_another(level: dict[str, Any]) -> None:
    assert verdict(word(1, granted=False, **level), word(2)) == (False, "withdrawn")


@pytest.mark.parametrize(
    "elsewhere", [{"purpose": "research"}, {"channel": "sms"}, {"contact_value": "baska@example.com"}]
)
def test_withdrawal_about_something_else_forbids_nothing(elsewhere: dict[str, Any]) -> None:
    assert verdict(word(1, granted=False, **elsewhere), word(2)) == (True, "granted")


def test_lifting_a_withdrawal_from_everything_is_consent_to_nothing() -> None:
    everything = {"purpose": None, "channel": "all"}
    lifted = word(1, granted=False, **everything), word(2, **everything)
    assert verdict(*lifted) == (False, "no_consent")
    assert verdict(*lifted, purpose=SERVICE) == (True, "default")


def test_consent_for_one_contact_point_is_none_for_another() -> None:
    assert verdict(word(1, contact_value=MAIL)) == (True, "granted")
    assert verdict(word(1, contact_value=MAIL), value="baska@example.com") == (False, "no_consent")


def test_what_has_run_out_counts_no_more_and_what_was_before_counts_again() -> None:
    for_a_week = {"valid_until": START + timedelta(days=9)}
    assert verdict(word(1), word(2, granted=False, **for_a_week)) == (True, "granted")
    assert verdict(word(1, granted=False), word(2, **for_a_week)) == (False, "withdrawn")


def test_nobody_can_object_to_a_duty() -> None:
    assert verdict(word(1, granted=False, purpose=None), purpose=RECALL) == (True, "legal")


def moved(said: Word, *moves: tuple[UUID, int]) -> Word:
    return Word(
        **{name: getattr(said, name) for name in Word.__slots__ if name != "moves"},
        moves=tuple((record, START + timedelta(days=day)) for record, day in moves),
    )


@pytest.mark.parametrize("lost_says", [True, False])
def test_of_two_records_that_were_merged_the_least_permissive_wins(lost_says: bool) -> None:
    of_lost = moved(word(1, granted=lost_says, said_of=OTHER), (ONE, 10))
    assert verdict(of_lost, word(2, granted=not lost_says)) == (False, "withdrawn")
    assert verdict(of_lost, word(-1, granted=not lost_says)) == (False, "withdrawn")


def test_word_said_after_a_merge_replaces_those_of_both_records() -> None:
    of_lost = moved(word(1, granted=False, said_of=OTHER), (ONE, 10))
    assert verdict(of_lost, word(2, granted=False), word(11)) == (True, "granted")


def test_word_said_between_two_merges_replaces_only_those_it_could_know() -> None:
    of_lost = moved(word(1, granted=False, said_of=OTHER), (THIRD, 10), (ONE, 20))
    between = moved(word(15, said_of=THIRD), (ONE, 20))
    assert verdict(of_lost, between) == (True, "granted")
    assert verdict(of_lost, word(15)) == (False, "withdrawn")
