"""What the house takes of a partner's records: attributes of customers as they are declared, and as the partner may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gateway.channels import Channel
from gateway.customers.attributes import known
from gateway.customers.attributes.rules import Side
from gateway.db import Transaction
from gateway.sync.work import Link

Row = dict[str, Any]
_PART = "attributes/"


class Terms(Protocol):
    """What is taken of a stream's records."""

    def standing(self, tx: Transaction, link: Link) -> Callable[[Row], bool]:
        """What tells whether the draft of a record of this page may be written as it is."""

    def admitted(self, tx: Transaction, link: Link, data: Row) -> Row:
        """A new record as far as it is taken from this partner; raises Invalid."""

    def heard(self, tx: Transaction, link: Link, values: Row) -> Row:
        """Values by path as far as they are taken from this partner; raises Invalid."""


class Everything:
    """Records of which nothing is declared."""

    def standing(self, tx: Transaction, link: Link) -> Callable[[Row], bool]:
        """All may."""
        return _may_stand

    def admitted(self, tx: Transaction, link: Link, data: Row) -> Row:
        """All of it."""
        return data

    def heard(self, tx: Transaction, link: Link, values: Row) -> Row:
        """All of them."""
        return values


class Declared:
    """Customers: attributes have to be as they are declared, and those that a partner may not write are passed over."""

    def standing(self, tx: Transaction, link: Link) -> Callable[[Row], bool]:
        """Those may all of whose attributes are right."""
        rules, side = known.present(tx), _side(link)
        return _may_stand if rules.is_free else lambda raw: rules.is_right(side, raw.get("attributes") or {})

    def admitted(self, tx: Transaction, link: Link, data: Row) -> Row:
        """A new record without what the partner may not write; raises Invalid."""
        rules = known.present(tx)
        if rules.is_free:
            return data
        said = rules.admitted(_side(link), data.get("attributes") or {})
        rules.check(_side(link), said, is_new=True)
        return {**data, "attributes": said}

    def heard(self, tx: Transaction, link: Link, values: Row) -> Row:
        """Values by path without what the partner may not write; raises Invalid."""
        rules = known.present(tx)
        said = {path.removeprefix(_PART): value for path, value in values.items() if path.startswith(_PART)}
        if rules.is_free or not said:
            return values
        heard = rules.admitted(_side(link), said)
        rules.check(_side(link), heard, is_new=False)
        passed_over = {f"{_PART}{name}" for name in said.keys() - heard.keys()}
        return {path: value for path, value in values.items() if path not in passed_over}


def _side(link: Link) -> Side:
    return Side(Channel.EXTRANET, link.granted_fields)


def _may_stand(_: Row) -> bool:
    return True
