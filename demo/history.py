"""What happened between the dealers and their customers, in the shape of schemas' InteractionRecord.

`amount` is what the customer paid; `cost` is what that contact cost the dealer: the channel's handling plus the goods.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random

from demo.catalogue import ACCESSORIES, CARS, WORKSHOP, Product
from demo.names import STAFF
from demo.people import Party
from demo.phrases import CEM_STORY, KINDS_BY_STATUS, MANNERS
from demo.records import Record, soon_after, stamp
from demo.world import DEMO_DATE, IMPORTED_AT, INTERACTIONS, SEED, dealer

_HANDLING = {"phone": 45, "email": 12, "web": 4, "store": 160, "chat": 20, "message": 3, "visit": 220}
_LIVELINESS = {"prospect": 0.4, "active": 1.3, "inactive": 0.7}
_LOYAL_TO_TASTE = 0.85
_KINDLY = ((1, 2, 3, 4, 5), (3, 5, 14, 38, 40))
_ANGRILY = ((1, 2, 3, 4, 5), (34, 30, 20, 11, 5))

Counts = Counter[tuple[str, str]]


def counts_of(people: Sequence[Party], seed: int = SEED) -> Counts:
    """How many interactions each (dealer, external id) has: at least one, for Cem more, INTERACTIONS in all."""
    rng = Random(f"{seed}:counts")
    known = [(each, code) for each in people for code in each.ids]
    weights = [_LIVELINESS[each.status] * rng.expovariate(1.0) for each, _ in known]
    counts = Counter((code, each.ids[code]) for each, code in known)
    counts[known[0][1], known[0][0].ids[known[0][1]]] += len(CEM_STORY)
    drawn = rng.choices(known, weights, k=INTERACTIONS - counts.total())
    counts.update((code, each.ids[code]) for each, code in drawn)
    return counts


def interactions_of(code: str, people: Iterable[Party], counts: Counts, seed: int = SEED) -> Iterator[Record]:
    """Every interaction of this dealer, customer by customer and each customer's in order of time."""
    rng = Random(f"{seed}:{code}:interactions")
    number = 0
    for party in people:
        if code not in party.ids:
            continue
        told = list(_cem_story(rng, party)) if party.is_cem else []
        for record in (*told, *_course(rng, party, counts[code, party.ids[code]] - len(told))):
            number += 1
            yield {
                "external_id": interaction_id(dealer(code).prefix, number),
                "customer_external_id": party.ids[code],
                **record,
            }


def interaction_id(prefix: str, number: int) -> str:
    """The external id of a dealer's interaction: ESK-I000042."""
    return f"{prefix}-I{number:06d}"


def happening(rng: Random, at: datetime, status: str = "active", body_type: str | None = None) -> Record:
    """One interaction at that time, without ids; customers buy what they like, more often than not."""
    kinds, weights = KINDS_BY_STATUS[status]
    kind = rng.choices(kinds, weights)[0]
    manner = MANNERS[kind]
    channel = rng.choice(manner.channels)
    car = _car(rng, body_type)
    part = _part(rng, kind, car)
    subject, body, outcome = rng.choice(manner.phrases)
    record = {
        "channel": channel,
        "kind": kind,
        "direction": "in" if rng.random() < manner.incoming else "out",
        "occurred_at": stamp(at),
        "subject": subject.format(model=car.name, part=part.name),
        "body": body.format(model=car.name, part=part.name),
        "outcome": outcome,
        "agent": rng.choice(STAFF),
        "visibility": "shared" if rng.random() < 0.45 else "partner",
        **_money(rng, kind, channel, part),
    }
    if rng.random() < manner.rated:
        record["satisfaction"] = rng.choices(*(_ANGRILY if kind == "complaint" else _KINDLY))[0]
    return record


def _course(rng: Random, party: Party, count: int) -> Iterator[Record]:
    since = datetime.combine(party.since, time(8), UTC)
    seconds = int((datetime.combine(DEMO_DATE, time.min, UTC) - since).total_seconds())
    for offset in sorted(rng.random() for _ in range(count)):
        at = since + timedelta(seconds=int(seconds * offset))
        yield _noted(rng, at, happening(rng, at, party.status, party.body_type))


def _noted(rng: Random, at: datetime, record: Record) -> Record:
    """The record as it was written down within two days, or brought over by the import, one batch for each quarter."""
    written = soon_after(rng, at, 2)
    if written < IMPORTED_AT:
        written = IMPORTED_AT + timedelta(seconds=4 * (at.year - 2023) + (at.month - 1) // 3)
    return {"updated_at": stamp(written), "version": rng.choice(("1", "1", "2")), **record}


def _cem_story(rng: Random, party: Party) -> Iterator[Record]:
    for day, (kind, channel, subject, body) in enumerate(CEM_STORY):
        at = datetime.combine(party.since, time(11, 30), UTC) + timedelta(days=9 * day)
        record: Record = {
            "channel": channel,
            "kind": kind,
            "direction": "in",
            "occurred_at": stamp(at),
            "subject": subject,
            "body": body,
            "outcome": "satıldı" if kind == "purchase" else "bilgi verildi",
            "agent": STAFF[0],
            "satisfaction": 5,
            "visibility": "shared",
            **_money(rng, kind, channel, CARS[0]),
        }
        yield _noted(rng, at, record)


def _car(rng: Random, body_type: str | None) -> Product:
    liked = [car for car in CARS if car.body_type == body_type]
    return rng.choice(liked if liked and rng.random() < _LOYAL_TO_TASTE else CARS)


def _part(rng: Random, kind: str, car: Product) -> Product:
    if kind == "service":
        return rng.choice(WORKSHOP)
    return rng.choice(ACCESSORIES) if rng.random() < 0.6 else car


def _money(rng: Random, kind: str, channel: str, product: Product) -> Record:
    handling = _HANDLING[channel]
    if kind not in ("purchase", "service"):
        return {"cost": _lira(handling)}
    quantity = 1 if product.body_type or rng.random() < 0.9 else 2
    price = int(product.price * rng.uniform(0.93, 1.04))
    unit_cost = int(product.price * rng.uniform(0.68, 0.86))
    line = {
        "sku": product.sku,
        "name": product.name,
        "quantity": str(quantity),
        "unit_price": f"{price}.00",
        "unit_cost": f"{unit_cost}.00",
    }
    return {"amount": _lira(price * quantity), "cost": _lira(unit_cost * quantity + handling), "products": [line]}


def _lira(whole: int) -> Record:
    return {"value": f"{whole}.00", "currency": "TRY"}
