"""Changing a link from the command line: what an operator does who typed a wrong address or password."""

from __future__ import annotations

import json

from gateway.channels import Caller
from gateway.db import transaction
from gateway.sync import service
from gateway.sync.sealing import opened
from tests.cli.conftest import Run

AS_JSON = ("-o", "json")
CHANGE = ("sync", "change")


def settings_of(link: str) -> dict[str, object]:
    with transaction(Caller.system("test")) as tx:
        found = service.find_link(tx, link)
        assert found is not None
        return opened(found)


def test_new_settings_replace_the_old_ones_and_keep_the_secret(kopru: Run, link: str) -> None:
    wanted = {"base_url": "http://127.0.0.1:9/api"}
    changed = kopru(*CHANGE, link, "--settings", "-", *AS_JSON, typed=json.dumps(wanted)).json
    assert changed["settings"] == wanted
    assert settings_of(link) == {**wanted, "api_key": "çok-gizli"}


def test_secret_does_not_follow_to_another_host(kopru: Run, link: str) -> None:
    before = settings_of(link)
    refused = kopru(*CHANGE, link, "--settings", "-", typed='{"base_url": "https://baska.example"}')
    assert (refused.code, "/settings/api_key" in refused.err) == (1, True)
    assert settings_of(link) == before


def test_wrong_settings_are_refused_by_place_and_the_old_ones_stay(kopru: Run, link: str) -> None:
    before = settings_of(link)
    refused = kopru(*CHANGE, link, "--settings", "-", typed='{"base_url": "buraya"}')
    assert (refused.code, "/settings/base_url" in refused.err) == (1, True)
    assert settings_of(link) == before


def test_pace_and_name_are_changed_and_zero_takes_a_limit_back(kopru: Run, link: str) -> None:
    kopru(*CHANGE, link, "--every", "300", "--per-minute", "60")
    changed = kopru(*CHANGE, link, "--every", "0", "--name", "Bursa İçin DMS", *AS_JSON).json
    assert (changed["name"], changed["interval_seconds"]) == ("Bursa İçin DMS", None)
    with transaction(Caller.system("test")) as tx:
        assert service.list_links(tx)[0].requests_per_minute == 60


def test_nothing_to_change_is_wrong_usage(kopru: Run, link: str) -> None:
    refused = kopru(*CHANGE, link)
    assert (refused.code, "Say what to change" in refused.err) == (2, True)
