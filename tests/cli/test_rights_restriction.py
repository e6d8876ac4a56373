"""Restrictions from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cli.conftest import Run
from tests.conftest import Cast
from tests.rights.restriction.test_hiding import restrict

AS_JSON = ("-o", "json")


def lift(cast: Cast, days: float) -> tuple[str, ...]:
    at = datetime.now(UTC) + timedelta(days=days)
    return ("rights", "lift", str(cast.cem_id), "--at", at.isoformat(), "--reason", "İnceleme bitti")


def test_lifting_is_announced_to_the_customer(kopru: Run, cast: Cast) -> None:
    restrict(cast)
    announced = kopru(*lift(cast, 4), *AS_JSON).json
    assert kopru("rights", "restriction", str(cast.cem_id), *AS_JSON).json == announced
    shown = cast.cem.get("/restriction").get_json()
    assert (shown["lift_reason"], shown["lift_at"]) == ("İnceleme bitti", announced["lift_at"])


def test_restriction_is_not_lifted_sooner_than_the_customer_is_told(kopru: Run, cast: Cast) -> None:
    restrict(cast)
    refused = kopru(*lift(cast, 2))
    assert (refused.code, "/at: At least 3 days from now" in refused.err) == (1, True)
    assert cast.cem.get("/restriction").get_json()["lift_at"] is None


def test_who_is_not_restricted_is_said_not_to_be(kopru: Run, cast: Cast) -> None:
    shown, refused = kopru("rights", "restriction", str(cast.cem_id)), kopru(*lift(cast, 4))
    assert (shown.code, "never restricted" in shown.err) == (1, True)
    assert (refused.code, "no restriction" in refused.err) == (1, True)
