"""May this one contact this customer, through this channel, for this purpose, then? And the place, if it is wanted.

What the customer has said and what the record holds is one half; it ends by no clock. Quiet hours and caps are the
other, and say from when on it may be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.consent import audience, turns
from gateway.consent.audience import Audience
from gateway.consent.contact_points import Point, fit_for, needs_point, points_of
from gateway.consent.decisions import reservations
from gateway.consent.decisions.models import Reservation
from gateway.consent.decisions.reasons import Reason
from gateway.consent.decisions.timing import Timing
from gateway.consent.purposes import service as purposes
from gateway.consent.purposes.models import Purpose
from gateway.consent.rules import preferences
from gateway.consent.rules import service as rules
from gateway.consent.rules.caps import Cap, binding, counted
from gateway.consent.rules.hours import Span
from gateway.consent.rules.models import Preferences, Rules
from gateway.consent.statements import service as statements
from gateway.consent.statements.standing import Word, in_force, judge
from gateway.customers import search, shares
from gateway.db import Transaction, now
from gateway.errors import refuse_field

_SKEW, _FARTHEST = timedelta(minutes=5), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Question:
    """A contact that somebody means to make; without `contact_point` the best that is allowed is chosen."""

    customer_id: UUID
    channel: str
    purpose: Purpose
    who: Audience
    at: datetime
    contact_point: UUID | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: allowed where nothing stands against it, else from `earliest_at` on, or not at all."""

    at: datetime
    reasons: list[Reason]
    earliest_at: datetime | None
    contact_point: UUID | None
    preferred_channel: str | None
    reservation: Reservation | None = None


def decide(tx: Transaction, asked: dict[str, Any]) -> Decision:
    """Answer a loaded `DecisionInput`, and reserve where that is wanted and allowed; raises NotFound, Invalid."""
    customer = search.get(tx, asked["customer_id"], ("contact_points",))
    question = _question(tx, asked)
    own = None
    if asked["reserve"]:
        turns.take(tx, question.customer_id)
        own = reservations.open_of_caller(tx, _wanted(tx, question, None))
        if own is not None and "at" not in asked:
            question = replace(question, at=own.contact_at)
    decision = _decide(tx, question, points_of(customer), own)
    if decision.reasons or not asked["reserve"]:
        return decision
    return _reserve(tx, question, decision, own)


def _question(tx: Transaction, asked: dict[str, Any]) -> Question:
    purpose = purposes.named(tx, asked["purpose"])
    if purpose.is_archived:
        raise refuse_field("/purpose", "archived", "Nobody is contacted for this any more.")
    moment = now()
    at: datetime = asked.get("at", moment)
    if asked["reserve"] and not moment - _SKEW <= at <= moment + _FARTHEST:
        raise refuse_field("/at", "out_of_reach", "A place is reserved for now or the next 30 days.")
    who = audience.of_caller(tx.caller)
    if code := asked.get("partner"):
        who = audience.named(tx, asked["customer_id"], audience.PARTNER, code)
    return Question(asked["customer_id"], asked["channel"], purpose, who, at, asked.get("contact_point"))


def _decide(tx: Transaction, question: Question, points: list[Point], own: Reservation | None) -> Decision:
    house, wanted = rules.current(tx), preferences.of(tx, question.customer_id)
    point, against = _by_their_word(tx, question, points, wanted)
    timing = _timing(tx, question, house, wanted, own)
    opens, place = timing.opens(question.at), timing.next_place(question.at)
    by_the_clock = [
        Reason(code, until) for code, until in (("quiet_hours", opens), ("cap_reached", place)) if until != question.at
    ]
    return Decision(
        at=question.at,
        reasons=against + by_the_clock,
        earliest_at=None if against else timing.earliest(question.at),
        contact_point=point.id if point else None,
        preferred_channel=wanted.preferred_channel,
    )


def _by_their_word(
    tx: Transaction, question: Question, points: list[Point], wanted: Preferences
) -> tuple[Point | None, list[Reason]]:
    """The contact point to use, and what stands against it that no clock ends."""
    against = [Reason("restricted")] if wanted.is_restricted and not question.purpose.is_duty else []
    against += _as_agreed(tx, question)
    words = in_force(statements.words_to(tx, question.customer_id, question.who), question.at)
    point, reason = _best_point(question, points, words)
    return point, against + ([reason] if reason else [])


def _best_point(question: Question, points: list[Point], words: list[Word]) -> tuple[Point | None, Reason | None]:
    """The first contact point that is allowed, else the first; with what stands against that one."""
    if not needs_point(question.channel):
        return None, _word_on(question, words, None)
    fit = fit_for(points, question.channel, question.at)
    if question.contact_point is not None:
        fit = [point for point in fit if point.id == question.contact_point]
    if not fit:
        missing = "no_contact_point" if question.contact_point is None else "no_such_contact_point"
        return None, Reason(missing)
    chosen = next((point for point in fit if _word_on(question, words, point) is None), fit[0])
    return chosen, _word_on(question, words, chosen)


def _word_on(question: Question, words: list[Word], point: Point | None) -> Reason | None:
    verdict = judge(words, question.purpose, question.channel, point.value if point else None)
    return None if verdict.is_allowed else Reason(verdict.because)


def _timing(tx: Transaction, question: Question, house: Rules, wanted: Preferences, own: Reservation | None) -> Timing:
    # No cap stands against a duty; it is no reason to ring at night.
    laid_down = () if question.purpose.is_duty else map(Cap.read, house.caps)
    caps = binding(laid_down, question.purpose.code, question.channel)
    contacts = reservations.taken(tx, question.customer_id, question.at, own) if caps else []
    return Timing(
        question.channel,
        ZoneInfo(wanted.time_zone or house.time_zone),
        [Span.read(each) for each in (*house.quiet_hours, *wanted.quiet_hours)],
        [(cap, counted(cap, contacts)) for cap in caps],
    )


def _as_agreed(tx: Transaction, question: Question) -> list[Reason]:
    """What stands against a partner's part in it: what the customer is shared with it for, if at all."""
    if question.who.partner_id is None:
        return []
    agreed = shares.purposes_with(tx, question.customer_id, question.who.partner_id)
    if agreed is None:
        return [Reason("not_shared")]
    is_agreed = not agreed or question.purpose.code in agreed or question.purpose.is_duty
    return [] if is_agreed else [Reason("not_agreed")]


def _reserve(tx: Transaction, question: Question, decision: Decision, own: Reservation | None) -> Decision:
    if own is not None and own.contact_at == question.at and own.contact_point == decision.contact_point:
        return replace(decision, reservation=own)
    wanted = _wanted(tx, question, decision.contact_point)
    return replace(decision, reservation=reservations.take(tx, wanted, instead_of=own))


def _wanted(tx: Transaction, question: Question, point: UUID | None) -> Reservation:
    minutes = timedelta(minutes=rules.current(tx).reservation_minutes)
    return Reservation(
        customer_id=question.customer_id,
        purpose=question.purpose.code,
        channel=question.channel,
        contact_point=point,
        partner_id=question.who.partner_id,
        contact_at=question.at,
        expires_at=max(question.at, now()) + minutes,
        reserved_by=tx.caller.actor,
    )
