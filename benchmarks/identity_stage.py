"""A generated base in a database of its own, matched by the product end to end, and what it finds held to the truth."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.identity_base import population, stored
from benchmarks.identity_errors import USUAL, Errors
from benchmarks.processes import cpu_seconds, footprint_mib
from benchmarks.stage import Stage
from gateway import migrations
from gateway.bulk import as_json
from gateway.embedded_cluster import SUPERUSER

Pair = tuple[int, int]
_AT_ONCE = 100_000
_LOOK_SECONDS, _WORKERS = 0.5, 2
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_UNREAD = {
    "status": "active", "attributes": "{}", "sources": "{}", "created_at": _AT.isoformat(),
    "updated_at": _AT.isoformat(), "display_name": "", "sort_key": "", "city_key": "",
}  # fmt: skip
_COLUMNS = (
    "id", "kind", "given_name", "family_name", "organisation_name", "birth_date", "tax_id", "contact_points",
    "identifiers", *_UNREAD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the true pairs and of those that are none: how many are merged by themselves, put before a steward, lost."""

    true: int
    same: int
    same_true: int
    asked: int
    asked_true: int

    @property
    def precision(self) -> float:
        """Of what is merged by itself, the share that is right."""
        return self.same_true / max(1, self.same)

    @property
    def recall(self) -> float:
        """Of the true pairs, the share that is found by itself or, as long as half of them are true, by a steward."""
        in_vain = self.asked - self.asked_true
        return (self.same_true + (self.asked_true if in_vain <= self.asked_true else 0)) / self.true


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds by the clock, CPU of the workers and of PostgreSQL, the most memory of both workers."""

    seconds: float
    cpu_seconds: float
    postgres_seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Base:
    """A filled database; customers are numbered, `truth` says who number n is."""

    name: str
    url: str
    admin_url: str
    truth: Mapping[int, int]

    def pairs(self, outcome: str) -> set[Pair]:
        """The open pairs of an outcome."""
        with psycopg.connect(self.admin_url) as connection:
            rows = connection.execute("SELECT first_id, second_id FROM identity_pairs WHERE outcome = %s", [outcome])
            return {(one.int & _NUMBER, two.int & _NUMBER) for one, two in rows}

    def quality(self) -> Quality:
        """What was found, held to the truth."""
        members: dict[int, list[int]] = defaultdict(list)
        for number, who in sorted(self.truth.items()):
            members[who].append(number)
        true = {pair for each in members.values() for pair in combinations(each, 2)}
        same, asked = self.pairs("same"), self.pairs("perhaps")
        return Quality(len(true), len(same), len(same & true), len(asked), len(asked & true))


_NUMBER = 2**40 - 1


def make_base(stage: Stage, name: str, count: int, seed: int, errors: Errors = USUAL, *, has_ids: bool = True) -> Base:
    """A database with `count` customers, in parts of 100,000 that know nothing of each other."""
    postgres = stage.servers.postgres
    postgres.drop_database(name)
    migrations.upgrade(postgres.create_database(name))
    admin_url = postgres.url_for(name, SUPERUSER).replace("+psycopg", "")
    truth: dict[int, int] = {}
    with psycopg.connect(admin_url) as connection:
        for part, first in enumerate(range(0, count, _AT_ONCE)):
            rows = _rows(min(_AT_ONCE, count - first), seed + part, errors, first, truth, has_ids)
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY customers ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row([row[column] for column in _COLUMNS])
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE customers")
    return Base(name, postgres.url_for(name), admin_url, truth)


def _rows(
    count: int, seed: int, errors: Errors, first: int, truth: dict[int, int], has_ids: bool
) -> Iterator[dict[str, Any]]:
    chance = Random(seed)
    for number, party in enumerate(population(count, seed, errors), start=first):
        truth[number] = first * 2 + party.truth
        row = stored(party, chance, number, has_ids=has_ids)
        listed = {name: as_json(row[name]) for name in ("contact_points", "identifiers")}
        yield row | listed | _UNREAD | {"id": str(_id_of(number))}


def _id_of(number: int) -> UUID:
    """A UUIDv7 that ends in the number."""
    return UUID(int=(int(_AT.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | number)


def match(stage: Stage, base: Base) -> Cost:
    """Have the whole base matched by two workers; raises CalledProcessError where one fails."""
    command = [sys.executable, "-m", "benchmarks.identity_worker"]
    environ = {**stage.environ(base.url), "KOPRU_BASE_URL": "http://127.0.0.1:1"}
    _ask_for_a_run(base)
    postgres_before, begun, peak, used = cpu_seconds(stage.postgres_pid), time.monotonic(), 0.0, [0.0] * _WORKERS
    with ExitStack() as stack:
        workers = [stack.enter_context(subprocess.Popen(command, env=environ)) for _ in range(_WORKERS)]
        while any(worker.poll() is None for worker in workers):
            peak = max(peak, sum(footprint_mib(worker.pid) for worker in workers))
            used = [max(before, cpu_seconds(worker.pid)) for before, worker in zip(used, workers, strict=True)]
            time.sleep(_LOOK_SECONDS)
    for worker in workers:
        if worker.returncode:
            raise subprocess.CalledProcessError(worker.returncode, command)
    return Cost(time.monotonic() - begun, sum(used), cpu_seconds(stage.postgres_pid) - postgres_before, peak)


def _ask_for_a_run(base: Base) -> None:
    with psycopg.connect(base.admin_url) as connection:
        connection.execute(
            "INSERT INTO identity_matchings (id, status, step, done, total, found, created_by, created_at) "
            "VALUES (gen_random_uuid(), 'queued', 'begin', 0, 0, 0, 'benchmarks', now())"
        )
