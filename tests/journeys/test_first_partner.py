"""An operator and a partner's engineer follow docs/first-partner.md, command by command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.oauth import keys

ROOT = Path(__file__).parents[2]
_PAGE = (ROOT / "docs" / "first-partner.md").read_text()
_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_MARK = "==== "


def script() -> str:
    """Every command of the page, each section announced."""
    beginning, *sections = _HEADING.split(_PAGE)
    lines = ["set -euo pipefail", *_BLOCK.findall(beginning)]
    for heading, text in zip(sections[::2], sections[1::2], strict=True):
        lines += [f"echo; echo '{_MARK}{heading.replace(chr(39), '’')}'", *_BLOCK.findall(text)]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def seen(web: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the page's commands print, by section; each of them has to succeed."""
    with transaction(Caller.system("test")) as tx:
        keys.ensure_first_key(tx)
    here = {"http://127.0.0.1:8000": web, ".venv/bin/python": sys.executable, ".venv/bin/kopru": "kopru"}
    commands = re.sub("|".join(map(re.escape, here)), lambda found: here[found[0]], script())
    environ = {**os.environ, **environment, "KOPRU_BASE_URL": web, "PYTHONPATH": str(ROOT), "COLUMNS": "400"}
    done = subprocess.run(
        ["bash", "-c", f'kopru() {{ {sys.executable} -m gateway.cli "$@"; }}\n{commands}'],
        cwd=tmp_path_factory.mktemp("partner"),
        env=environ,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    parts = re.split(rf"^{_MARK}(.+)\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_partner_is_added_with_what_its_agreement_grants(seen: dict[str, str]) -> None:
    assert re.search(r"granted_fields +birth_date\n", seen["The operator adds the partner"])


def test_token_is_a_signed_one(seen: dict[str, str]) -> None:
    assert seen["The system gets a token"].strip() == ""


def test_customer_is_found_and_a_change_on_an_old_version_is_refused(seen: dict[str, str]) -> None:
    answers = filter(None, seen["It adds a customer, and changes it"].splitlines())
    found, changed, refused = map(json.loads, answers)
    assert [each["display_name"] for each in found["items"]] == ["Işıl Çınar"]
    assert (changed["birth_date"], refused["code"]) == ("1980-05-18", "stale_version")


def test_interaction_is_the_partners_own(seen: dict[str, str]) -> None:
    recorded = json.loads(seen["It records what was spoken"])
    assert (recorded["partner"], recorded["subject"]) == ("bursa", "Deneme sürüşü")


def test_secret_of_the_endpoint_is_shown(seen: dict[str, str]) -> None:
    assert seen["It is told of changes"].startswith("whsec_")


def test_staff_get_a_password_and_a_portal(seen: dict[str, str]) -> None:
    person, portal = seen["Its staff sign in"].split("client_id")
    assert re.search(r"role +partner_admin\n", person)
    assert re.search(r"redirect_uris +http://127.0.0.1:8768/callback\n", portal)
