"""Guessing passwords gets slower and slower, for each person and for each network address."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from gateway.accounts.models import SignInAddress, User
from gateway.accounts.passwords import delay_seconds
from gateway.db import Transaction, now
from gateway.errors import TooManyRequests

FREE_FOR_A_PERSON = 5
FREE_FOR_AN_ADDRESS = 100  # a whole office may share one
_MEMORY = timedelta(minutes=15)


class TooManySignIns(TooManyRequests):
    """This address failed so often that it has to wait, whoever it asks for."""

    code, title = "too_many_sign_ins", "Too many failed sign-ins from this address"


def network_of(address: str) -> str:
    """What is counted for an address: itself for IPv4, its /64 for IPv6, since one line owns that many."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else str(parsed)


def check_address(tx: Transaction, address: str) -> None:
    """Raises TooManySignIns with Retry-After while this address is kept out."""
    row = tx.session.get(SignInAddress, network_of(address))
    if row is not None and row.locked_until is not None and row.locked_until > now():
        wait = int((row.locked_until - now()).total_seconds()) + 1
        raise TooManySignIns(headers={"Retry-After": str(wait)})


def count_failure(tx: Transaction, user: User | None, address: str) -> None:
    """Count one wrong guess; `user` is None where the person is unknown, disabled or kept out already."""
    moment = now()
    if user is not None:
        user.failed_sign_ins += 1
        user.locked_until = _until(moment, delay_seconds(user.failed_sign_ins, FREE_FOR_A_PERSON))
    _count_address(tx, network_of(address), moment)


def forget_addresses(tx: Transaction) -> None:
    """Delete what addresses did longer ago than is held against them."""
    tx.session.execute(delete(SignInAddress).where(SignInAddress.updated_at < now() - _MEMORY))


def _count_address(tx: Transaction, network: str, moment: datetime) -> None:
    tx.session.execute(
        insert(SignInAddress)
        .values(address=network, failures=0, updated_at=moment)
        .on_conflict_do_nothing(index_elements=["address"])
    )
    row = tx.session.get_one(SignInAddress, network, with_for_update=True, populate_existing=True)
    row.failures = 1 if row.updated_at < moment - _MEMORY else row.failures + 1
    row.locked_until = _until(moment, delay_seconds(row.failures, FREE_FOR_AN_ADDRESS))
    row.updated_at = moment


def _until(moment: datetime, seconds: int) -> datetime | None:
    return moment + timedelta(seconds=seconds) if seconds else None
