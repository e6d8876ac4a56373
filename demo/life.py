"""What makes a dealer's system lifelike: changes of its own, and failures now and then. A quiet one has neither."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from threading import Event, Lock, Thread

from demo.history import happening
from demo.numbers import mobile_number
from demo.places import NEIGHBOURHOODS, STREETS
from demo.records import Record
from demo.store import CustomerUnknown, RecordNotFound, Store

_SLOW_SECONDS = (1.0, 3.0)
Tell = Callable[[str, Record], object]


@dataclass(frozen=True, slots=True)
class Mood:
    """How one request is treated: refused as busy, kept waiting, or its connection dropped before or after the work."""

    is_busy: bool = False
    wait_seconds: float = 0.0
    drops_before: bool = False
    drops_after: bool = False


class Moods:
    """Moods from a seed; a share of `failure_rate` of all requests meets a bad one."""

    def __init__(self, rng: Random, failure_rate: float) -> None:
        self._rng = rng
        self._rate = failure_rate
        self._lock = Lock()

    def next_mood(self) -> Mood:
        """The mood for the next request."""
        with self._lock:
            if self._rng.random() >= self._rate:
                return Mood()
            bad = (
                Mood(is_busy=True),
                Mood(wait_seconds=self._rng.uniform(*_SLOW_SECONDS)),
                Mood(drops_before=True),
                Mood(drops_after=True),  # the nastiest: the work is done, the answer is lost
            )
            return self._rng.choice(bad)


class Day(Thread):
    """A dealer's working day in the background: every few seconds something changes, until stopped."""

    def __init__(self, store: Store, rng: Random, every_seconds: float, tell: Tell | None = None) -> None:
        super().__init__(name="day", daemon=True)
        self._tell = tell
        self._store = store
        self._rng = rng
        self._every_seconds = every_seconds
        self._over = Event()

    def run(self) -> None:
        """Work until `end` is called."""
        while not self._over.wait(self._every_seconds * self._rng.uniform(0.5, 1.5)):
            changed = work_once(self._store, self._rng)
            if changed and self._tell:
                self._tell(*changed)

    def end(self) -> None:
        """Stop before the next change."""
        self._over.set()
        self.join(timeout=2)


def work_once(store: Store, rng: Random) -> tuple[str, Record] | None:
    """One change of the kinds a working day brings; what a customer likes, and its city, stay as they are.

    Answers the stream and the record as it is then.
    """
    customer = store.pick("customers", rng)
    if customer is None:
        return None
    # The customer may be deleted between the look and the change: then this moment brings nothing.
    with suppress(RecordNotFound, CustomerUnknown):
        if rng.random() < 0.6:
            return "interactions", _note_interaction(store, rng, customer)
        edit = rng.choice((_with_new_phone, _with_new_street))
        return "customers", store.change("customers", customer["external_id"], lambda item: edit(rng, item))
    return None


def _note_interaction(store: Store, rng: Random, customer: Record) -> Record:
    taste = customer.get("attributes", {}).get("body_type")
    record = happening(rng, datetime.now(UTC), customer.get("status", "active"), taste)
    return store.create("interactions", {"customer_external_id": customer["external_id"], **record})


def _with_new_phone(rng: Random, item: Record) -> Record:
    number = mobile_number(rng.randrange(100_000, 900_000))
    others = [point for point in item.get("contact_points", []) if point["kind"] != "phone"]
    return item | {"contact_points": [{"kind": "phone", "value": number, "primary": True}, *others]}


def _with_new_street(rng: Random, item: Record) -> Record:
    line = f"{rng.choice(NEIGHBOURHOODS)} Mah. {rng.choice(STREETS)} Sok. No: {rng.randint(1, 99)}"
    return item | {"contact_points": [_readdressed(point, line) for point in item.get("contact_points", [])]}


def _readdressed(point: Record, line: str) -> Record:
    return point | {"address": point["address"] | {"line1": line}} if point["kind"] == "address" else point
