"""The one statement of a walk: a few ranges of keys, each read in order as far as a page goes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Uuid, bindparam, func, select, true, tuple_

from gateway.channels import Channel
from gateway.customers import search
from gateway.customers.conditions import condition, texts
from gateway.customers.models import Customer, CustomerKey, Share
from gateway.db import Query, Transaction
from schemas import customer as shapes
from schemas.projection import columns_of


@lru_cache(maxsize=512)
def walking(
    channel: Channel, names: tuple[str, ...], asked: tuple[str, ...], *, is_plain: bool, forward: bool
) -> Query:
    """The columns of `names`, the key met, the customer, and all its keys; in order of (key, customer).

    Where it is `forward`, the keys met are phones as they are dialled. Parameters: `starts` and `since` (key and
    customer after which each range begins), `stops`, `wanted` (of LIKE where it is plain, else regular expressions),
    `limit`, and those of the conditions `asked` and of `visible_to`.
    """
    source, visible = search.visible_to(channel)
    table: Any = Customer.__table__
    unnested = func.unnest(texts("starts"), bindparam("since", type_=ARRAY(Uuid)), texts("stops"))
    ranges = unnested.table_valued("start", "since", "stop").render_derived(name="ranges")
    met = _met(channel, asked, is_plain, forward, ranges).lateral("met")
    keys = select(func.array_agg(CustomerKey.key)).where(CustomerKey.customer_id == met.c.customer_id).scalar_subquery()
    shown = [table.c[name] for name in columns_of(shapes.Customer, names)]
    return Query(
        select(*shown, met.c.key, met.c.customer_id, keys)
        .select_from(ranges.join(met, true()).join(source, table.c.id == met.c.customer_id))
        .where(visible)
        .order_by(met.c.key, met.c.customer_id)
        .limit(bindparam("limit"))
    )


def plan_once(tx: Transaction) -> None:
    """Have this transaction's statements run by the plans that are kept.

    Their ranges come out of a list, of which no plan knows anything: planning anew costs more than running them.
    """
    tx.raw.execute(b"SET LOCAL plan_cache_mode = force_generic_plan")


def _met(channel: Channel, asked: tuple[str, ...], is_plain: bool, forward: bool, ranges: Any) -> Any:
    keys: Any = CustomerKey.__table__.alias("k")
    key = keys.c.dialled if forward else keys.c.key
    # One bound from below alone: of two the server may begin its walk at the lower one.
    after = tuple_(key, keys.c.customer_id) > tuple_(ranges.c.start, ranges.c.since)
    wanted = func.all(texts("wanted"))
    holds = key.like(wanted) if is_plain else key.op("~")(wanted)
    met = select(key.label("key"), keys.c.customer_id).where(after, key < ranges.c.stop, holds)
    if asked:
        source, visible = search.visible_to(channel)
        table: Any = Customer.__table__
        place = Share.__table__ if channel is Channel.EXTRANET else table
        met = met.select_from(keys.join(source, table.c.id == keys.c.customer_id)).where(
            visible, *(condition(name, table, place) for name in asked)
        )
    return met.order_by(key, keys.c.customer_id).limit(bindparam("limit"))
