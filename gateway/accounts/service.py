"""What can be done with people's accounts."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from sqlalchemy import func, select

from gateway import audit
from gateway.accounts import lockout, passwords
from gateway.accounts.models import User
from gateway.accounts.roles import ROLES, scopes_of
from gateway.channels import Channel
from gateway.db import Transaction, now
from gateway.errors import Conflict, Problem, refuse_field

__all__ = [
    "SignInRefused", "UsernameTaken", "add_user", "change_password", "find", "fold", "get", "list_users", "scopes_of",
    "set_status", "sign_in", "unlock",
]  # fmt: skip

_TURKISH_I = str.maketrans("İIı", "iii")


class UsernameTaken(Conflict):
    """Another person has this username."""

    code, title = "username_taken", "Another person has this username"


class SignInRefused(Problem):
    """Wrong name or password, locked or disabled: one answer for all, so that nothing is revealed."""

    status, code, title = 403, "sign_in_refused", "The name or the password is not right"


def fold(username: str) -> str:
    """The form in which usernames are compared: NFKC, lower case, dotted and dotless i alike."""
    return unicodedata.normalize("NFKC", username).translate(_TURKISH_I).casefold().strip()


def add_user(
    tx: Transaction,
    username: str,
    password: str,
    channel: Channel,
    role: str,
    partner_id: UUID | None = None,
    customer_id: UUID | None = None,
    display_name: str = "",
    locale: str = "",
) -> User:
    """Add a person; raises Invalid naming the field that is wrong, UsernameTaken for a second one."""
    name = _usable_username(username)
    _check_password(name, password)
    _check_place(channel, role, partner_id, customer_id)
    if find(tx, name) is not None:
        raise UsernameTaken
    user = User(
        username=name,
        password_hash=passwords.hash_password(password),
        channel=channel.value,
        role=role,
        partner_id=partner_id,
        customer_id=customer_id,
        display_name=display_name or username,
        locale=locale,
    )
    tx.session.add(user)
    tx.session.flush()
    audit.record(tx, "user.created", "user", user.id, {"role": role})
    return user


def find(tx: Transaction, username: str) -> User | None:
    """The person with this username in any spelling, or None."""
    found: User | None = tx.session.scalar(select(User).where(User.username == fold(username)))
    return found


def get(tx: Transaction, user_id: UUID) -> User:
    """The person with this id; raises NotFound."""
    return tx.get(User, user_id)


def list_users(tx: Transaction) -> list[User]:
    """Every person the caller may see, by username."""
    return list(tx.session.scalars(select(User).order_by(User.username)))


def change_password(tx: Transaction, user: User, password: str) -> None:
    """Give the person another password and sign them out everywhere; raises Invalid when it is too weak."""
    _check_password(user.username, password)
    user.password_hash = passwords.hash_password(password)
    _end_what_was_given(user)
    user.failed_sign_ins, user.locked_until, user.version = 0, None, user.version + 1
    audit.record(tx, "user.password_changed", "user", user.id)


def set_status(tx: Transaction, user: User, status: str) -> None:
    """Make the person `active` or `disabled`; a disabled one's tokens are refused everywhere within 5 s."""
    if status not in ("active", "disabled"):
        raise refuse_field("/status", "unknown_value", "Either active or disabled.")
    user.status, user.version = status, user.version + 1
    _end_what_was_given(user)
    audit.record(tx, f"user.{status}", "user", user.id)


def unlock(tx: Transaction, user: User) -> None:
    """Forgive a person the failed sign-ins that keep them out."""
    user.failed_sign_ins, user.locked_until = 0, None
    audit.record(tx, "user.unlocked", "user", user.id)


def sign_in(tx: Transaction, username: str, password: str, address: str) -> User:
    """The person, if name and password are right and nothing keeps them out.

    Raises SignInRefused or lockout.TooManySignIns: catch them *inside* the transaction, or the failure is not counted.
    """
    lockout.check_address(tx, address)
    user = tx.session.scalar(select(User).where(User.username == _searchable(username)).with_for_update())
    usable = user if user is not None and user.is_active and not user.is_locked(now()) else None
    if not passwords.is_right(usable.password_hash if usable else None, password) or usable is None:
        lockout.count_failure(tx, usable, address)
        audit.record(tx, "user.sign_in_refused", "user", user.id if user else "", {"address": address})
        raise SignInRefused
    if passwords.needs_rehash(usable.password_hash):
        usable.password_hash = passwords.hash_password(password)
    usable.failed_sign_ins, usable.locked_until, usable.signed_in_at = 0, None, now()
    audit.record(tx, "user.signed_in", "user", usable.id, {"address": address})
    return usable


def _end_what_was_given(user: User) -> None:
    # The database's clock: it also stamps the sessions and tokens this is compared with.
    user.credentials_changed_at = func.now()


def _searchable(username: str) -> str:
    name = fold(username[:512])
    return name if _is_plain(name) else ""


def _is_plain(name: str) -> bool:
    return 0 < len(name) <= 254 and name.isprintable() and not any(letter.isspace() for letter in name)


def _usable_username(username: str) -> str:
    name = fold(username)
    if not _is_plain(name):
        raise refuse_field("/username", "malformed", "1 to 254 printable characters without spaces.")
    return name


def _check_password(username: str, password: str) -> None:
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        raise refuse_field("/password", "length", f"{passwords.SHORTEST} to {passwords.LONGEST} characters.")
    if fold(password) == username:
        raise refuse_field("/password", "too_weak", "Not the username.")


def _check_place(channel: Channel, role: str, partner_id: UUID | None, customer_id: UUID | None) -> None:
    if role not in ROLES or ROLES[role][0] is not channel:
        raise refuse_field("/role", "unknown_value", f"No role of the {channel} channel.")
    if (partner_id is not None) != (channel is Channel.EXTRANET):
        raise refuse_field("/partner_id", "wrong_channel", "Partners' people have a partner, and nobody else has.")
    if (customer_id is not None) != (channel is Channel.INTERNET):
        raise refuse_field("/customer_id", "wrong_channel", "Customers have a customer record, and nobody else has.")
