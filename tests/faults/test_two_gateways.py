"""Two whole gateways, each with its own servers and processes, joined by one link."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.clients import Door
from tests.faults.installation import Installation, Seeded, installed
from tests.faults.syncing import Link

pytestmark = pytest.mark.faults

ROUNDS = 3
_WRITTEN = "SELECT id, version, updated_at FROM {} ORDER BY id"


class Side:
    """One gateway, with the other one as its partner."""

    def __init__(self, installation: Installation, seeded: Seeded) -> None:
        self.installation = installation
        self.seeded = seeded
        self.inside = Door(installation.base_url, "intranet", seeded.inside)

    def create(self, name: str) -> str:
        """A customer entered here and shared with the other side."""
        made: str = self.inside.make("/customers", {"kind": "organisation", "organisation_name": name})["id"]
        self.inside.make(f"/customers/{made}/shares", {"partner": self.seeded.code})
        return made

    def change(self, customer: str, **fields: Any) -> None:
        """Somebody here edits it."""
        path = f"{self.inside.base}/customers/{customer}"
        version = self.inside.get(f"/customers/{customer}")["version"]
        answer = self.inside.session.patch(path, json=fields, headers={"If-Match": f'"{version}"'}, timeout=10)
        assert answer.status_code == 200, answer.text

    def called(self, name: str) -> list[dict[str, Any]]:
        """The customers of exactly this name among the newest."""
        found = self.inside.get("/customers?limit=200&sort=-created_at")["items"]
        return [each for each in found if each["organisation_name"] == name]

    def written(self) -> list[Any]:
        """Everything that moves when anything is written."""
        tables = ("customers", "interactions")
        events = self.installation.count("SELECT count(*) FROM events WHERE type NOT LIKE 'sync.%%'")
        return [events, *(self.installation.rows(_WRITTEN.format(table)) for table in tables)]


class Joined:
    """Both sides and the link, which stands on this one."""

    def __init__(self, here: Side, there: Side) -> None:
        self.here, self.there = here, there
        client_id, secret = there.seeded.outside
        settings = {"base_url": there.installation.base_url, "name": there.seeded.code, "client_id": client_id}
        self.settings = {**settings, "client_secret": secret, "overlap_seconds": 1}
        wish = {"name": "Komşu", "partner": here.seeded.code, "connector": "kopru", "settings": self.settings}
        self.link = Link(here.installation, here.inside, here.inside.make("/sync/links", wish)["id"])

    def sync(self) -> dict[str, Any]:
        """One run, which must succeed."""
        run = self.link.sync()
        assert run["status"] == "succeeded", run
        return run

    def rest(self) -> None:
        """Rounds enough for every echo to come back, and then some in which nobody writes anything."""
        for _ in range(2):
            self.sync()
        before = self.here.written(), self.there.written()
        runs = [self.sync()["streams"]["customers"] for _ in range(ROUNDS)]
        assert [(each["created"], each["changed"], each["pushed"], each["failed"]) for each in runs] == [
            (0, 0, 0, 0)
        ] * ROUNDS
        assert (self.here.written(), self.there.written()) == before


@pytest.fixture(scope="module")
def other_installation() -> Iterator[Installation]:
    """The second gateway."""
    with tempfile.TemporaryDirectory(prefix="kopru-other-") as folder, installed(Path(folder)) as installation:
        yield installation


@pytest.fixture(scope="module")
def joined(standing_installation: Installation, other_installation: Installation) -> Joined:
    """Two gateways that share customers; each calls the other a partner."""
    standing_installation.heal()
    here = Side(standing_installation, standing_installation.seed("komsu"))
    return Joined(here, Side(other_installation, other_installation.seed("merkez")))


def test_customer_of_either_side_appears_on_the_other_and_edits_follow(joined: Joined) -> None:
    ours, theirs = joined.here.create("Işık Oto"), joined.there.create("Çağrı Filo")
    joined.sync()
    [copy_here], [copy_there] = joined.here.called("Çağrı Filo"), joined.there.called("Işık Oto")
    joined.here.change(ours, organisation_name="Işık Otomotiv")
    joined.here.change(copy_here["id"], attributes={"filo": 12})
    joined.there.change(theirs, organisation_name="Çağrı Filo Kiralama")
    joined.there.change(copy_there["id"], attributes={"segment": "sedan"})
    for _ in range(2):
        joined.sync()
    for name, attributes in (("Işık Otomotiv", {"segment": "sedan"}), ("Çağrı Filo Kiralama", {"filo": 12})):
        assert [each["attributes"] for side in (joined.here, joined.there) for each in side.called(name)] == [
            attributes
        ] * 2
    joined.rest()


def test_interactions_follow_their_customer_both_ways(joined: Joined) -> None:
    ours, theirs = joined.here.create("Şule Taksi"), joined.there.create("Güneş Nakliyat")
    said = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared"}
    joined.here.inside.make("/interactions", {**said, "customer_id": ours, "subject": "Sedan soruyor"})
    joined.there.inside.make("/interactions", {**said, "customer_id": theirs, "subject": "Kamyonet soruyor"})
    joined.sync()
    for side, name, subject in (
        (joined.there, "Şule Taksi", "Sedan soruyor"),
        (joined.here, "Güneş Nakliyat", "Kamyonet soruyor"),
    ):
        [customer] = side.called(name)
        [arrived] = side.inside.get(f"/interactions?customer_id={customer['id']}")["items"]
        assert (arrived["subject"], arrived["visibility"]) == (subject, "partner")
    joined.rest()


def test_edit_on_both_sides_at_once_waits_for_a_steward_and_then_agrees(joined: Joined) -> None:
    ours = joined.here.create("Ortak Ad")
    joined.sync()
    [copy] = joined.there.called("Ortak Ad")
    joined.here.change(ours, organisation_name="Bizim Ad")
    joined.there.change(copy["id"], organisation_name="Onların Adı")
    assert joined.sync()["streams"]["customers"]["conflicts"] == 1
    [conflict] = joined.here.inside.get(f"/sync/conflicts?customer_id={ours}&status=open")["items"]
    assert (conflict["ours"], conflict["theirs"]) == ("Bizim Ad", "Onların Adı")
    answer = joined.here.inside.post(f"/sync/conflicts/{conflict['id']}/settle", {"choose": "theirs"})
    assert answer.status_code == 200, answer.text
    joined.rest()
    assert len(joined.here.called("Onların Adı")) == len(joined.there.called("Onların Adı")) == 1


def test_webhook_of_the_other_side_brings_an_edit_without_a_run_of_ours(joined: Joined) -> None:
    theirs = joined.there.create("Haberci")
    joined.sync()
    outside = Door(joined.there.installation.base_url, "extranet", joined.there.seeded.outside)
    url = f"{joined.here.installation.base_url}/hooks/{joined.link.id}"
    secret = outside.make("/webhooks/endpoints", {"url": url, "event_types": ["customer.*"]})["secret"]
    listen(joined, secret)
    joined.there.change(theirs, organisation_name="Haberci Oldu")
    joined.here.installation.wait(
        lambda: tended(joined) and len(joined.here.called("Haberci Oldu")) == 1, 30, "the webhook has been taken over"
    )


def listen(joined: Joined, secret: str) -> None:
    """Give the link the secret of the other side's webhooks."""
    path = f"{joined.here.inside.base}/sync/links/{joined.link.id}"
    version = joined.here.inside.session.get(path, timeout=10).headers["ETag"]
    settings = {**joined.settings, "webhook_secrets": [secret]}
    answer = joined.here.inside.session.patch(
        path, json={"settings": settings}, headers={"If-Match": version}, timeout=10
    )
    assert answer.status_code == 200, answer.text


def tended(joined: Joined) -> bool:
    """Keep the other installation's programs running, too, while one waits for this one."""
    joined.there.installation.supervisor.watch()
    return True
