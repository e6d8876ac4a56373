"""One customer that two dealers share with the hub, each in its own system with its own way of writing things."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from gateway.customers import service as customers
from gateway.db import transaction
from tests.conftest import Cast
from tests.connectors.fake_partner import FakePartner, Json, serve
from tests.sync.conftest import SYSTEM, Dealer, Moody, add_link

Rewrite = Callable[[Json], Json]


class Wilful(FakePartner):
    """A system that writes what it is given in its own way; without `versions` it does not say which state it shows."""

    def __init__(self, rewrite: Rewrite, *, versions: bool = True) -> None:
        super().__init__()
        self.rewrite = rewrite
        self.versions = versions

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        if request.method in ("POST", "PATCH"):
            body = json.dumps(self.rewrite(json.loads(body))).encode()
            environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = BytesIO(body)
        if self.versions:
            return super().__call__(environ, start_response)
        environ.pop("HTTP_IF_MATCH", None)
        return self._unversioned(Response.from_app(super().__call__, environ))(environ, start_response)

    @staticmethod
    def _unversioned(answer: Response) -> Response:
        shown = answer.get_json(silent=True)
        if isinstance(shown, dict):
            for item in shown.get("items", [shown]):
                item.pop("version", None)
            answer.set_data(json.dumps(shown))
        return answer


def as_given(record: Json) -> Json:
    """Nothing is rewritten."""
    return record


def in_capitals(record: Json) -> Json:
    """Names in Turkish capitals."""
    names = ("given_name", "family_name")
    return record | {
        name: record[name].translate({ord("i"): "İ", ord("ı"): "I"}).upper() for name in names if record.get(name)
    }


class Pair:
    """Two dealers and the customer they share."""

    def __init__(self, cast: Cast, first: Dealer, second: Dealer) -> None:
        self.cast, self.first, self.second = cast, first, second

    def here(self) -> Json:
        """The customer as Ayşe sees it."""
        shown = self.cast.ayse.get(f"/customers/{self.cast.cem_id}?include=sources")
        assert shown.status_code == 200, shown.text
        return dict(shown.get_json())

    def change(self, **patch: Any) -> None:
        """Ayşe changes the customer."""
        answer = self.cast.ayse.patch(f"/customers/{self.cast.cem_id}", patch, self.here()["version"])
        assert answer.status_code == 200, answer.text

    def sync(self, rounds: int = 1) -> None:
        """So many rounds on both links."""
        for _ in range(rounds):
            for dealer in (self.first, self.second):
                run = dealer.sync()
                assert (run.status, run.error) == ("succeeded", None)

    def state(self) -> tuple[Any, ...]:
        """Everything that a further round might change."""
        return self.here()["version"], *(len(dealer.writes()) for dealer in (self.first, self.second))


def there(dealer: Dealer) -> Json:
    """The one customer in a dealer's system."""
    (record,) = dealer.system.records("customers")
    return record


def edit(dealer: Dealer, **fields: Any) -> None:
    """Somebody at the dealer changes the customer."""
    dealer.system.change("customers", there(dealer)["external_id"], fields)


@pytest.fixture
def pair_of(cast: Cast) -> Callable[[FakePartner, FakePartner], AbstractContextManager[Pair]]:
    """Cem in the hub and, after one round, at two dealers with these systems."""

    @contextmanager
    def joined(one: FakePartner, other: FakePartner) -> Iterator[Pair]:
        assert cast.eskisehir.partner_id is not None and cast.ankara.partner_id is not None
        with transaction(SYSTEM) as tx:
            for code in ("eskisehir", "ankara"):
                customers.share(tx, cast.cem_id, code, "sale")
        first, second = Moody(one), Moody(other)
        with serve(first) as here, serve(second) as there:
            links = (
                add_link(here, cast.eskisehir.partner_id),
                add_link(there, cast.ankara.partner_id, name="Ankara DMS"),
            )
            pair = Pair(cast, Dealer(first, links[0]), Dealer(second, links[1]))
            pair.sync()
            yield pair

    return joined


@pytest.fixture
def pair(pair_of: Callable[..., AbstractContextManager[Pair]]) -> Iterator[Pair]:
    """Cem in the hub and, after one round, at two dealers that keep what they are given."""
    with pair_of(Wilful(as_given), Wilful(as_given)) as pair:
        yield pair
