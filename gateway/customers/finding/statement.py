"""The one statement of a walk: a few ranges of keys, each read in order as far as a page goes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, func, select, true, tuple_

from gateway.channels import Channel
from gateway.customers import search
from gateway.customers.conditions import condition, ranges_of, texts
from gateway.customers.models import Customer, CustomerKey, Share
from gateway.db import Query
from schemas import customer as shapes
from schemas.projection import columns_of


@lru_cache(maxsize=512)
def walking(channel: Channel, names: tuple[str, ...], asked: tuple[str, ...], is_plain: bool) -> Query:
    """The columns of `names`, the key met, the customer, and all its keys; in order of (key, customer).

    Parameters: `starts`, `stops`, `wanted` (of LIKE where it is plain, else regular expressions), `after_key`,
    `after_id`, `limit`, and those of the conditions `asked` and of `visible_to`.
    """
    source, visible = search.visible_to(channel)
    table: Any = Customer.__table__
    ranges = ranges_of("starts", "stops")
    met = _met(channel, asked, is_plain, ranges.c.start, ranges.c.stop).lateral("met")
    keys = select(func.array_agg(CustomerKey.key)).where(CustomerKey.customer_id == met.c.customer_id).scalar_subquery()
    shown = [table.c[name] for name in columns_of(shapes.Customer, names)]
    return Query(
        select(*shown, met.c.key, met.c.customer_id, keys)
        .select_from(ranges.join(met, true()).join(source, table.c.id == met.c.customer_id))
        .where(visible)
        .order_by(met.c.key, met.c.customer_id)
        .limit(bindparam("limit"))
    )


def _met(channel: Channel, asked: tuple[str, ...], is_plain: bool, start: Any, stop: Any) -> Any:
    keys: Any = CustomerKey.__table__.alias("k")
    after = tuple_(bindparam("after_key", type_=Text), bindparam("after_id", type_=Uuid))
    wanted = func.all(texts("wanted"))
    holds = keys.c.key.like(wanted) if is_plain else keys.c.key.op("~")(wanted)
    met = select(keys.c.key, keys.c.customer_id).where(
        keys.c.key >= start, keys.c.key < stop, tuple_(keys.c.key, keys.c.customer_id) > after, holds
    )
    if asked:
        source, visible = search.visible_to(channel)
        table: Any = Customer.__table__
        place = Share.__table__ if channel is Channel.EXTRANET else table
        met = met.select_from(keys.join(source, table.c.id == keys.c.customer_id)).where(
            visible, *(condition(name, table, place) for name in asked)
        )
    return met.order_by(keys.c.key, keys.c.customer_id).limit(bindparam("limit"))
