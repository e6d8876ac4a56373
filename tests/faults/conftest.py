"""One installation for all faults of a test process; every test gets it healed and leaves it to the next."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.connectors.fake_partner import serve
from tests.faults.installation import Installation, Seeded, installed
from tests.faults.syncing import CarelessPartner
from tests.webhooks.receiver import Receiver, receiving

_numbers = count(1)


@pytest.fixture(scope="package")
def standing_installation() -> Iterator[Installation]:
    """Started once, for that costs seconds, and stopped with the last of these tests: it never rests."""
    with tempfile.TemporaryDirectory(prefix="kopru-faults-") as folder, installed(Path(folder)) as installation:
        yield installation


@pytest.fixture
def installation(standing_installation: Installation) -> Installation:
    """The installation, all of it up."""
    standing_installation.heal()
    return standing_installation


@pytest.fixture
def partner(installation: Installation) -> Seeded:
    """A partner of this test's own, with a handful of customers."""
    return installation.seed(f"bayi{next(_numbers)}", 8)


@pytest.fixture
def careless() -> Iterator[tuple[CarelessPartner, str]]:
    """A partner's system that does not notice doubles, and its address."""
    system = CarelessPartner(page_size=200)
    with serve(system) as url:
        yield system, url


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A third party that is told of changes."""
    with receiving() as receiver:
        # A sender that is killed hangs up on it, which is nothing to be printed.
        setattr(receiver._server, "handle_error", lambda *_: None)  # noqa: B010
        yield receiver
