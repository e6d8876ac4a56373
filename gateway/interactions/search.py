"""Reading interactions: one statement for each kind of question, compiled once, over the visible columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, func, or_, select, text, true

from gateway.channels import Channel
from gateway.customers.models import Share
from gateway.customers.search import Sort, identity_of
from gateway.db import Query, Transaction
from gateway.errors import NotFound
from gateway.interactions.fields import visible_fields, without_cost
from gateway.interactions.models import Interaction
from gateway.paging import Page, after_key, cut_page, key_params
from gateway.turkish import words
from schemas import interaction as shapes
from schemas.projection import Project, columns_of, projection

SORTS = ("occurred_at", "created_at", "updated_at")
_EQUAL = ("customer_id", "channel", "kind", "direction")
_MOST_WORDS = 8


def visible_to(channel: Channel) -> tuple[FromClause, ColumnElement[bool]]:
    """Where a channel's interactions come from, and the condition on them; row-level security says the same again."""
    table, shares = Interaction.__table__, Share.__table__
    if channel is Channel.EXTRANET:
        partner = bindparam("partner", type_=shares.c.partner_id.type)
        mine = and_(table.c.visibility == "partner", table.c.partner_id == partner)
        joined = table.join(shares, and_(shares.c.customer_id == table.c.customer_id, shares.c.partner_id == partner))
        return joined, or_(table.c.visibility == "shared", mine)
    if channel is Channel.INTERNET:
        customer = bindparam("customer", type_=table.c.customer_id.type)
        return table, and_(table.c.customer_id == customer, table.c.visibility != "internal")
    return table, true()


def shown_as(channel: Channel, names: tuple[str, ...]) -> Project:
    """The projection of a channel's interactions; outside, product lines come without their cost."""
    project = projection(shapes.Interaction, names)
    if channel is Channel.INTRANET or "products" not in names:
        return project

    def without(row: Sequence[Any]) -> dict[str, Any]:
        shown = project(row)
        if shown["products"]:
            shown["products"] = without_cost(shown["products"])
        return shown

    return without


def get(tx: Transaction, interaction_id: UUID, names: tuple[str, ...]) -> dict[str, Any]:
    """One interaction with the fields `names`; raises NotFound, also for one the caller may not see."""
    channel = tx.caller.channel
    row = tx.first(_one(channel, names), id=interaction_id, **identity_of(tx.caller))
    if row is None:
        raise NotFound
    return shown_as(channel, names)(row)


def find(
    tx: Transaction,
    names: tuple[str, ...],
    sort: Sort,
    filters: dict[str, Any],
    after: Sequence[Any] | None,
    limit: int,
) -> Page:
    """A page of the interactions the caller may see; `filters` are the loaded parameters of `InteractionQuery`."""
    asked, params = _conditions_asked(filters)
    statement = _many(tx.caller.channel, names, sort, asked, after is not None)
    rows = tx.rows(statement, limit=limit + 1, **params, **key_params(after), **identity_of(tx.caller))
    project = shown_as(tx.caller.channel, names)
    return cut_page(rows, limit, project, len(columns_of(shapes.Interaction, names)))


def newest_of(tx: Transaction, customer_ids: list[UUID], most: int = 20) -> dict[UUID, list[dict[str, Any]]]:
    """The newest interactions of each customer that the caller may see, newest first."""
    channel = tx.caller.channel
    names = visible_fields(channel)
    found: dict[UUID, list[dict[str, Any]]] = {customer_id: [] for customer_id in customer_ids}
    project = shown_as(channel, names)
    for row in tx.rows(_newest(channel, names), ids=customer_ids, most=most, **identity_of(tx.caller)):
        shown = project(row)
        found[shown["customer_id"]].append(shown)
    return found


def _columns(names: tuple[str, ...]) -> list[Any]:
    table = Interaction.__table__
    return [table.c[name] for name in columns_of(shapes.Interaction, names)]


@lru_cache(maxsize=256)
def _one(channel: Channel, names: tuple[str, ...]) -> Query:
    source, visible = visible_to(channel)
    table = Interaction.__table__
    same = table.c.id == bindparam("id", type_=table.c.id.type)
    return Query(select(*_columns(names)).select_from(source).where(same, visible))


@lru_cache(maxsize=16)
def _newest(channel: Channel, names: tuple[str, ...]) -> Query:
    source, visible = visible_to(channel)
    table = Interaction.__table__
    wanted = text("unnest(CAST(:ids AS uuid[])) AS wanted (id)")
    newest = (
        select(*_columns(names))
        .select_from(source)
        .where(table.c.customer_id == text("wanted.id"), visible)
        .order_by(table.c.occurred_at.desc(), table.c.id.desc())
        .limit(bindparam("most"))
        .lateral("newest")
    )
    return Query(select(*newest.c).select_from(wanted).select_from(newest))


@lru_cache(maxsize=512)
def _many(channel: Channel, names: tuple[str, ...], sort: Sort, asked: tuple[str, ...], is_after: bool) -> Query:
    source, visible = visible_to(channel)
    table = Interaction.__table__
    order = [(table.c[name], descending) for name, descending in sort]
    order.append((table.c.id, sort[-1][1]))
    statement = (
        select(*_columns(names), *(column for column, _ in order))
        .select_from(source)
        .where(visible, *(_condition(name, table) for name in asked))
        .order_by(*(column.desc() if descending else column for column, descending in order))
        .limit(bindparam("limit"))
    )
    return Query(statement.where(after_key(order)) if is_after else statement)


def _condition(name: str, table: Any) -> ColumnElement[bool]:
    if name in _EQUAL:
        condition: ColumnElement[bool] = table.c[name] == bindparam(name, type_=table.c[name].type)
        return condition
    if name == "occurred_from":
        return table.c.occurred_at >= bindparam(name)  # type: ignore[no-any-return]
    if name == "occurred_to":
        return table.c.occurred_at < bindparam(name)  # type: ignore[no-any-return]
    if name == "updated_since":
        return table.c.updated_at >= bindparam(name)  # type: ignore[no-any-return]
    return func.strpos(table.c.search_key, bindparam(name)) > 0


def _conditions_asked(filters: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    plain = (*_EQUAL, "occurred_from", "occurred_to", "updated_since")
    params = {name: filters[name] for name in plain if name in filters}
    asked = list(params)
    if "q" in filters:
        for number, word in enumerate(words(filters["q"])[:_MOST_WORDS] or ["\x01"]):
            asked.append(f"word_{number}")
            params[f"word_{number}"] = f" {word}"
    return tuple(asked), params
