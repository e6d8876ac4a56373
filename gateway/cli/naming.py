"""What people type for a record: its id, or the name they know it by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import click

from gateway.accounts import service as accounts
from gateway.accounts.models import User
from gateway.customers.models import Customer
from gateway.db import Transaction, now
from gateway.errors import NotFound
from gateway.oauth import service as oauth
from gateway.oauth.models import Client
from gateway.partners import service as partners
from gateway.partners.models import Partner


def partner_of(tx: Transaction, code_or_id: str) -> Partner:
    """The partner with this code or id; raises NotFound saying where to look."""
    found_id = as_id(code_or_id)
    found = tx.session.get(Partner, found_id) if found_id else partners.find(tx, code_or_id)
    if found is None:
        raise NotFound(f"There is no partner {code_or_id}; see: kopru partner list")
    return found


def customer_of(tx: Transaction, customer_id: UUID) -> Customer:
    """The customer with this id; raises NotFound."""
    found = tx.session.get(Customer, customer_id)
    if found is None:
        raise NotFound(f"There is no customer {customer_id}.")
    return found


def user_of(tx: Transaction, username: str) -> User:
    """The person with this username or id; raises NotFound."""
    found_id = as_id(username)
    found = tx.session.get(User, found_id) if found_id else accounts.find(tx, username)
    if found is None:
        raise NotFound(f"There is no person {username}; see: kopru user list")
    return found


def client_of(tx: Transaction, client_id: str) -> Client:
    """The client with this client id; raises NotFound."""
    try:
        return oauth.find_client(tx, client_id)
    except NotFound:
        raise NotFound(f"There is no client {client_id}; see: kopru client list") from None


@contextmanager
def known(what: str, listed: str) -> Iterator[None]:
    """Around what is done with a typed id: raises a NotFound that says by which command `what` is listed."""
    try:
        yield
    except NotFound as error:
        raise NotFound(error.detail or f"There is no such {what}; see: kopru {listed}") from None


def as_id(text: str) -> UUID | None:
    """The UUID written here, or None where this is a name."""
    try:
        return UUID(text)
    except ValueError:
        return None


class Moment(click.ParamType[datetime]):
    """A moment: `2026-11-01T09:00` (UTC unless it says otherwise), or so long ago: `90s`, `30m`, `2h`, `3d`."""

    name = "moment"
    _ago = re.compile(r"(\d{1,6})([smhd])")
    _units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}  # noqa: RUF012

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it, or fail as wrong usage."""
        if ago := self._ago.fullmatch(value):
            return now() - timedelta(**{self._units[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} is no moment: 2026-11-01T09:00, or 2h for two hours ago.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
