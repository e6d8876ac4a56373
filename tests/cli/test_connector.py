"""`kopru connector`: a stranger makes one, tries it, and looks at a real partner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.channels import Caller
from gateway.cli import connector_claims
from gateway.db import transaction
from gateway.partners import service as partners
from gateway.sync import service
from tests.cli.conftest import Run
from tests.connectors.fake_partner import API_KEY, FakePartner, serve


def as_stranger(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder far from ours, as somebody who has no installation of Köprü's servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KOPRU_", "DATABASE", "REDIS"))}
    command = [sys.executable, "-m", "gateway.cli", "connector", *arguments]
    return subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)


def test_stranger_gets_from_nothing_to_a_connector_that_keeps_every_claim(tmp_path: Path) -> None:
    made = as_stranger(tmp_path, "new", "kartvizit")
    assert (made.returncode, "kopru connector test kartvizit" in made.stdout) == (0, True), made.stderr
    tried = as_stranger(tmp_path, "test", "kartvizit", "-o", "json")
    results = {each["claim"]: each["result"] for each in json.loads(tried.stdout)}
    assert (tried.returncode, results["first round brings every record in our shape"]) == (0, "held"), tried.stderr
    assert list(results.values()).count("held") > 35 and "failed" not in results.values()


def test_claim_that_does_not_hold_is_named_with_its_reason(tmp_path: Path) -> None:
    as_stranger(tmp_path, "new", "kartvizit", "--folder", "mine")
    source = tmp_path / "mine" / "kopru_kartvizit.py"
    source.write_text(source.read_text().replace('item.get("name")', "None"))
    tried = as_stranger(tmp_path, "test", "kartvizit", "--path", "mine", "-o", "json")
    failed = {each["claim"]: each["why"] for each in json.loads(tried.stdout) if each["result"] == "failed"}
    assert (tried.returncode, "assert" in failed["change arrives in the next round"]) == (1, True)


def test_connector_that_cannot_be_read_fails_and_shows_why(tmp_path: Path) -> None:
    as_stranger(tmp_path, "new", "kartvizit")
    (tmp_path / "kopru-kartvizit" / "kopru_kartvizit.py").write_text("import no_such_thing\n")
    tried = as_stranger(tmp_path, "test", "kartvizit")
    assert (tried.returncode, "no_such_thing" in tried.stdout) == (1, True)


def test_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    made = as_stranger(tmp_path, "new", "rest")
    assert (made.returncode, list(tmp_path.iterdir())) == (1, []) and "already" in made.stderr


def test_without_pytest_the_words_are_clear(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector_claims, "find_spec", lambda name: None)
    ran = kopru("connector", "test", "rest")
    assert (ran.code, "pip install pytest" in ran.err) == (1, True)


def test_connector_without_tests_says_where_to_name_them(kopru: Run) -> None:
    ran = kopru("connector", "test", "nowhere")
    assert (ran.code, "--path" in ran.err) == (1, True)


def test_neither_name_nor_link_is_wrong_usage(kopru: Run) -> None:
    assert kopru("connector", "test").code == 2


def test_list_tells_abilities_and_settings(kopru: Run) -> None:
    rest = next(each for each in kopru("connector", "list", "-o", "json").json if each["name"] == "rest")
    assert "pull" in rest["can"] and rest["settings_schema"]["properties"]["api_key"]["writeOnly"]


@pytest.fixture
def system(bursa: str) -> Iterator[FakePartner]:
    """The system of Bursa's dealer, and a link to it called Bursa DMS."""
    system = FakePartner()
    with serve(system) as url:
        with transaction(Caller.system("test")) as tx:
            partner = partners.find(tx, bursa)
            assert partner is not None
            settings = {"base_url": url, "api_key": API_KEY}
            service.add_link(tx, name="Bursa DMS", partner_id=partner.id, connector="rest", settings=settings)
        yield system


def test_link_is_looked_at_without_a_write(kopru: Run, system: FakePartner) -> None:
    system.add("customers", [{"kind": "person", "given_name": "Işıl"}, {"kind": "robot"}])
    ran = kopru("connector", "test", "--link", "Bursa DMS", "-o", "json")
    results = {each["claim"]: (each["result"], each["why"]) for each in ran.json}
    assert (ran.code, results["the partner answers and lets us in"]) == (1, ("held", None))
    result, why = results["customers: every record of it has our shape"]
    assert result == "failed" and why.startswith("1 × /kind: ")
    assert {each.method for each in system.requests} == {"GET"}


def test_link_whose_partner_is_down_says_so(kopru: Run, system: FakePartner) -> None:
    system._may_enter = lambda request: False  # type: ignore[method-assign]
    ran = kopru("connector", "test", "--link", "Bursa DMS")
    assert (ran.code, "401" in ran.out, API_KEY in ran.out + ran.err) == (1, True, False)
