"""The filters of the customers list as conditions of SQL, each by a name and with parameters of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, exists, func, select, union_all
from sqlalchemy import bindparam as param

from gateway.customers.attributes.keys import MOST_LETTERS
from gateway.customers.attributes.models import AttributeKey
from gateway.customers.finding.tiers import Tier
from gateway.customers.keys import identifier_key
from gateway.customers.models import CustomerKey, Share
from gateway.partners.models import Partner
from gateway.turkish import fold

_TEXT, _DIALLED, _ATTRIBUTE = "text:", "d", "attribute:"


def asked_by(filters: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the conditions, and their parameters; text is asked for by `ask_for`."""
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
    for at, (name, value) in enumerate(sorted(filters.get("attributes", {}).items())):
        asked.append(f"{_ATTRIBUTE}{at}")
        params |= {f"attribute_{at}": name, f"value_{at}": value[:MOST_LETTERS]}
    return tuple(asked), params


def ask_for(tiers: tuple[Tier, ...]) -> tuple[str, dict[str, Any]]:
    """The condition that a customer is in one of these tiers, and its parameters."""
    params: dict[str, Any] = {}
    for at, tier in enumerate(tiers):
        params |= {f"starts_{at}": tier.starts, f"stops_{at}": tier.stops, f"wanted_{at}": tier.patterns}
    return _TEXT + "".join(_DIALLED if tier.forward else "k" for tier in tiers), params


def condition(name: str, table: Any, place: Any) -> ColumnElement[bool]:
    """A condition on the customers of `table`; `place` has their sort columns."""
    if name == "city":
        return place.c.city_key == param("city")  # type: ignore[no-any-return]
    if name == "status":
        return place.c.status == param("status")  # type: ignore[no-any-return]
    if name == "updated_since":
        return place.c.updated_at >= param("updated_since")  # type: ignore[no-any-return]
    if name == "partner":
        of_partner = select(Partner.id).where(Partner.code == param("partner_code")).scalar_subquery()
        return exists().where(Share.customer_id == table.c.id, Share.partner_id == of_partner)
    if name.startswith(_ATTRIBUTE):
        at = name.removeprefix(_ATTRIBUTE)
        held: Any = AttributeKey.__table__.alias()
        is_held = (held.c.name == param(f"attribute_{at}"), held.c.value == param(f"value_{at}"))
        return exists().where(held.c.customer_id == table.c.id, *is_held)
    if name.startswith(_TEXT):
        tiers = (_in_tier(at, kind == _DIALLED) for at, kind in enumerate(name.removeprefix(_TEXT)))
        return table.c.id.in_(union_all(*tiers))  # type: ignore[no-any-return]
    return exists().where(CustomerKey.customer_id == table.c.id, CustomerKey.key == param(name))


def texts(name: str) -> Any:
    """A parameter that is a list of texts."""
    return param(name, type_=ARRAY(Text))


def _in_tier(at: int, is_dialled: bool) -> Any:
    keys: Any = CustomerKey.__table__.alias()
    unnested = func.unnest(texts(f"starts_{at}"), texts(f"stops_{at}")).table_valued("start", "stop")
    ranges = unnested.render_derived(name=f"ranges_{at}")
    key = keys.c.dialled if is_dialled else keys.c.key
    return select(keys.c.customer_id).where(
        key >= ranges.c.start, key < ranges.c.stop, key.like(func.all(texts(f"wanted_{at}")))
    )
