"""Reading customers: one statement for each kind of question, compiled once, over the visible columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import phonenumbers
from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, exists, select, true

from gateway.channels import Caller, Channel
from gateway.customers.contact import HOME_REGION
from gateway.customers.models import Customer, CustomerKey, Share
from gateway.customers.redirects import missing
from gateway.customers.shape import PHONE, WORD, identifier_key
from gateway.db import Query, Transaction
from gateway.paging import Page, after_key, cut_page, key_params
from gateway.partners.models import Partner
from gateway.turkish import fold, words
from schemas import customer as shapes
from schemas.projection import columns_of, projection

Sort = tuple[tuple[str, bool], ...]
SORTS = ("created_at", "updated_at", "display_name")
_SORT_COLUMNS = {"display_name": "sort_key", "created_at": "created_at", "updated_at": "updated_at"}
_MOST_WORDS = 8
_LAST_LETTER = "\U0010ffff"


def visible_to(channel: Channel) -> tuple[FromClause, ColumnElement[bool]]:
    """Where a channel's customers come from, and the condition on them; `:partner` and `:customer` name the caller.

    Row-level security says the same once more; this is for speed and for the reader.
    """
    table = Customer.__table__
    if channel is Channel.EXTRANET:
        shares = Share.__table__
        joined = shares.join(table, table.c.id == shares.c.customer_id)
        return joined, shares.c.partner_id == bindparam("partner", type_=shares.c.partner_id.type)
    if channel is Channel.INTERNET:
        return table, table.c.id == bindparam("customer", type_=table.c.id.type)
    return table, true()


def identity_of(caller: Caller) -> dict[str, UUID]:
    """The parameters that `visible_to` asks for."""
    if caller.channel is Channel.EXTRANET:
        return {"partner": caller.partner_id or UUID(int=0)}
    if caller.channel is Channel.INTERNET:
        return {"customer": caller.customer_id or UUID(int=0)}
    return {}


def get(tx: Transaction, customer_id: UUID, names: tuple[str, ...]) -> dict[str, Any]:
    """One customer with the fields `names`.

    Raises NotFound, also for a customer the caller may not see, and RecordMerged.
    """
    row = tx.first(_one(tx.caller.channel, names), id=customer_id, **identity_of(tx.caller))
    if row is None:
        raise missing(tx, customer_id)
    return projection(shapes.Customer, names)(row)


def find(
    tx: Transaction,
    names: tuple[str, ...],
    sort: Sort,
    filters: dict[str, Any],
    after: Sequence[Any] | None,
    limit: int,
) -> Page:
    """A page of the customers the caller may see; `filters` are the loaded parameters of `CustomerQuery`."""
    asked, params = _conditions_asked(filters)
    statement = _many(tx.caller.channel, names, sort, asked, after is not None)
    rows = tx.rows(statement, limit=limit + 1, **params, **key_params(after), **identity_of(tx.caller))
    project = projection(shapes.Customer, names)
    return cut_page(rows, limit, project, len(columns_of(shapes.Customer, names)))


@lru_cache(maxsize=512)
def _one(channel: Channel, names: tuple[str, ...]) -> Query:
    source, visible = visible_to(channel)
    table = Customer.__table__
    return Query(
        select(*(table.c[name] for name in columns_of(shapes.Customer, names)))
        .select_from(source)
        .where(table.c.id == bindparam("id", type_=table.c.id.type), visible)
    )


@lru_cache(maxsize=512)
def _many(channel: Channel, names: tuple[str, ...], sort: Sort, asked: tuple[str, ...], is_after: bool) -> Query:
    source, visible = visible_to(channel)
    table, shares = Customer.__table__, Share.__table__
    # Through the extranet the share's copies of the columns are filtered and sorted: its index serves them in order.
    place, unique = (shares, shares.c.customer_id) if channel is Channel.EXTRANET else (table, table.c.id)
    order = [(place.c[_SORT_COLUMNS[name]], descending) for name, descending in sort]
    order.append((unique, sort[-1][1]))
    statement: Select[Any] = (
        select(*(table.c[name] for name in columns_of(shapes.Customer, names)), *(column for column, _ in order))
        .select_from(source)
        .where(visible, *(_condition(name, table, place) for name in asked))
        .order_by(*(column.desc() if descending else column for column, descending in order))
        .limit(bindparam("limit"))
    )
    return Query(statement.where(after_key(order)) if is_after else statement)


def _condition(name: str, table: Any, place: Any) -> ColumnElement[bool]:
    if name == "city":
        return place.c.city_key == bindparam("city")  # type: ignore[no-any-return]
    if name == "status":
        return place.c.status == bindparam("status")  # type: ignore[no-any-return]
    if name == "updated_since":
        return place.c.updated_at >= bindparam("updated_since")  # type: ignore[no-any-return]
    if name == "partner":
        of_partner = select(Partner.id).where(Partner.code == bindparam("partner_code")).scalar_subquery()
        return exists().where(Share.customer_id == table.c.id, Share.partner_id == of_partner)
    kind, _, number = name.partition(":")
    if kind == "word":
        spelt = and_(CustomerKey.key >= bindparam(f"word_{number}"), CustomerKey.key < bindparam(f"word_{number}_end"))
        return exists().where(CustomerKey.customer_id == table.c.id, spelt)
    return exists().where(CustomerKey.customer_id == table.c.id, CustomerKey.key == bindparam(kind))


def _conditions_asked(filters: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    asked: list[str] = []
    params: dict[str, Any] = {}
    if "city" in filters:
        asked, params = ["city"], {"city": fold(filters["city"])}
    for name in ("status", "updated_since"):
        if name in filters:
            asked.append(name)
            params[name] = filters[name]
    if "partner" in filters:
        asked.append("partner")
        params["partner_code"] = filters["partner"]
    if "identifier" in filters:
        system, _, value = filters["identifier"].partition(":")
        asked.append("identifier")
        params["identifier"] = identifier_key(system, value)
    if "q" in filters:
        _ask_for_text(filters["q"], asked, params)
    return tuple(asked), params


def _ask_for_text(text: str, asked: list[str], params: dict[str, Any]) -> None:
    if phone := _as_phone(text):
        asked.append("phone")
        params["phone"] = PHONE + phone
        return
    found = [fold(text.strip())] if "@" in text else words(text)[:_MOST_WORDS]
    for number, word in enumerate(found or ["\x01"]):  # only signs were given: nothing is called that
        asked.append(f"word:{number}")
        params[f"word_{number}"], params[f"word_{number}_end"] = WORD + word, WORD + word + _LAST_LETTER


def _as_phone(text: str) -> str | None:
    if sum(letter.isdigit() for letter in text) < 10 or any(letter.isalpha() for letter in text):
        return None
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
