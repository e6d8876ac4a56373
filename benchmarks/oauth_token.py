"""`oauth.token`: a client-credentials token by `client_secret_basic`, in tokens per second, as a share of the floor's.

Against `benchmarks.floor.token`: a bare WSGI function on the same granian that finds the client by its header in a
dict, signs the same claims with the same ES256 key through `cryptography`, and runs the product's own INSERT of the
token's record in one transaction (fsync is on). 50 clients in turn, 16 connections. Fair because statements and
answers are compared before measuring; the floor leaves out comparing secrets in constant time, scopes, standing, error
shapes.
"""

from __future__ import annotations

from typing import Any

from benchmarks.comparison import Comparison
from benchmarks.load import Wanted
from benchmarks.results import at_least
from benchmarks.stage import Database, Door


class _Tokens(Comparison):
    def callers(self, tokens: dict[str, Door]) -> dict[str, Door]:
        """Clients come with their secret, not with a token."""
        return {door.basic: door for door in tokens.values()}


def ask(database: Database, headers: dict[str, str]) -> list[Wanted]:
    """Each client asks in turn."""
    form = ("application/x-www-form-urlencoded", "grant_type=client_credentials")
    return [Wanted("POST", "/oauth/token", headers[door.partner_id], *form) for door in database.doors]


def without(answer: Any) -> Any:
    """Two tokens differ in id and times, so only their length can be compared."""
    return answer | {"access_token": len(answer["access_token"])}


BENCHMARK = _Tokens("oauth.token", at_least(0.45), "token", ask, "INSERT INTO issued_tokens", without)
