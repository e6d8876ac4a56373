"""Reading customers: one statement for each kind of question, compiled once, over the visible columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, select, true

from gateway.channels import Caller, Channel
from gateway.customers.attributes import known
from gateway.customers.conditions import ask_for, asked_by, condition
from gateway.customers.fields import cut, hidden_from, seen_by, side_of
from gateway.customers.finding import tiers
from gateway.customers.models import Customer, Share
from gateway.customers.redirects import missing
from gateway.db import Query, Transaction
from gateway.errors import refuse_parameter
from gateway.paging import Page, after_key, cut_page, key_params
from schemas import customer as shapes
from schemas.projection import Project, columns_of, projection

Sort = tuple[tuple[str, bool], ...]
SORTS = ("created_at", "updated_at", "display_name")
_SORT_COLUMNS = {"display_name": "sort_key", "created_at": "created_at", "updated_at": "updated_at"}


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
    return projecting(tx, names)(row)


def check_filters(tx: Transaction, filters: dict[str, Any]) -> None:
    """Raise BadRequest for attributes by which the caller cannot list customers; hidden ones are like none."""
    if asked := filters.get("attributes"):
        findable = known.present(tx).findable(side_of(tx.caller))
        if unknown := sorted(set(asked).difference(findable)):
            raise refuse_parameter(f"attributes.{unknown[0]}", "unknown_field", "Unknown field.")


def projecting(tx: Transaction, names: tuple[str, ...]) -> Project:
    """What makes a row the record with the fields `names`, and of its attributes those that the caller may see."""
    project = projection(shapes.Customer, names)
    hidden = hidden_from(tx, side_of(tx.caller)) if "attributes" in names else frozenset()
    return (lambda row: cut(project(row), hidden)) if hidden else project


def find(
    tx: Transaction,
    names: tuple[str, ...],
    sort: Sort,
    filters: dict[str, Any],
    after: Sequence[Any] | None,
    limit: int,
) -> Page:
    """A page of the customers the caller may see; `filters` are the loaded parameters of `CustomerQuery`."""
    asked, params = asked_by(_as_kept(tx, filters))
    if "q" in filters:
        typed = tiers.read(filters["q"], sees_tax_id="tax_id" in seen_by(tx.caller))
        wanted, said = ask_for((*typed.whole, *typed.far))
        asked, params = (*asked, wanted), {**params, **said}
    statement = _many(tx.caller.channel, names, sort, asked, after is not None)
    rows = tx.rows(statement, limit=limit + 1, **params, **key_params(after), **identity_of(tx.caller))
    return cut_page(rows, limit, projecting(tx, names), len(columns_of(shapes.Customer, names)))


def _as_kept(tx: Transaction, filters: dict[str, Any]) -> dict[str, Any]:
    asked = filters.get("attributes")
    return {**filters, "attributes": known.present(tx).keys_of(asked)} if asked else filters


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
        .where(visible, *(condition(name, table, place) for name in asked))
        .order_by(*(column.desc() if descending else column for column, descending in order))
        .limit(bindparam("limit"))
    )
    return Query(statement.where(after_key(order)) if is_after else statement)
