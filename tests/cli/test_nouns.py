"""Partners, clients, people and keys from the command line."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from gateway.accounts import service as accounts
from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.oauth.scopes import scopes_on
from tests.cli.conftest import Run
from tests.conftest import fetch_token

SYSTEM = Caller.system("test")
AS_JSON = ("-o", "json")
DMS = ("client", "add", "Bursa DMS", "--channel", "extranet", "--partner", "bursa", "--id", "bursa-dms")
WITH_SECRET = (*DMS, "--auth", "client_secret_basic", *AS_JSON)


def test_partner_is_listed_by_code_and_name(kopru: Run, bursa: str) -> None:
    listed = kopru("partner", "list", *AS_JSON).json
    assert [(each["code"], each["name"]) for each in listed] == [("bursa", "Bursa Işık Oto")]


def test_table_shows_turkish_letters_whole(kopru: Run, bursa: str) -> None:
    assert "Bursa Işık Oto" in kopru("partner", "list").out


def test_second_partner_of_a_code_is_refused(kopru: Run, bursa: str) -> None:
    refused = kopru("partner", "add", "bursa", "Başkası")
    assert (refused.code, refused.err) == (1, "kopru: The code bursa is taken.\n")


def test_refusal_names_the_field(kopru: Run) -> None:
    assert "/code: Lower-case letters" in kopru("partner", "add", "BURSA", "Bursa").err


def test_grant_replaces_what_was_granted(kopru: Run, bursa: str) -> None:
    kopru("partner", "grant", bursa, "tax_id")
    assert kopru("partner", "grant", bursa, "birth_date", *AS_JSON).json["granted_fields"] == ["birth_date"]


def test_agreement_is_written_down_and_shown_with_what_it_comes_to(kopru: Run, bursa: str) -> None:
    kopru("partner", "agree", bursa, "--kind", "own", "--until", "2030-01-01T00:00:00Z")
    agreed = kopru("partner", "agree", bursa, "--purpose", "service", "--protect", "7", *AS_JSON).json
    assert (agreed["kind"], agreed["purposes"], agreed["protection_days"]) == ("own", ["service"], 7)
    assert kopru("partner", "show", bursa, *AS_JSON).json["valid_until"] == "2030-01-01T00:00:00Z"


def test_suspended_partner_gets_no_token(kopru: Run, bursa: str, app: Flask) -> None:
    made = kopru(*WITH_SECRET).json
    kopru("partner", "suspend", bursa)
    answer = app.test_client().post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(made["client_id"], made["client_secret"])
    )
    assert answer.status_code == 401


def test_client_secret_works(kopru: Run, bursa: str, app: Flask) -> None:
    made = kopru(*WITH_SECRET).json
    assert fetch_token(app.test_client(), made["client_id"], made["client_secret"])


def test_client_secret_is_shown_once(kopru: Run, bursa: str) -> None:
    secret = kopru(*WITH_SECRET).json["client_secret"]
    assert secret not in kopru("client", "list", *AS_JSON).out


def test_rotated_secret_is_another_one(kopru: Run, bursa: str) -> None:
    first = kopru(*WITH_SECRET).json["client_secret"]
    assert kopru("client", "rotate-secret", "bursa-dms", *AS_JSON).json["client_secret"] != first


def test_client_with_a_private_key_in_its_file_is_refused(kopru: Run, bursa: str, tmp_path: Path) -> None:
    place = tmp_path / "keys.json"
    place.write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "gizli"}]}))
    refused = kopru(*DMS, "--auth", "private_key_jwt", "--jwks", str(place))
    assert refused.code == 1
    assert "/jwks/keys/0" in refused.err


def test_client_is_allowed_exactly_the_scopes_named(kopru: Run, bursa: str, app: Flask) -> None:
    made = kopru(*WITH_SECRET).json
    assert kopru("client", "allow", "bursa-dms", "customers:read", *AS_JSON).json["scopes"] == ["customers:read"]
    form = {"grant_type": "client_credentials", "scope": "interactions:read"}
    answer = app.test_client().post("/oauth/token", data=form, auth=(made["client_id"], made["client_secret"]))
    assert answer.get_json()["error"] == "invalid_scope"


def test_client_is_allowed_all_that_its_channel_has(kopru: Run, bursa: str) -> None:
    kopru(*WITH_SECRET, "--scope", "customers:read")
    allowed = kopru("client", "allow", "bursa-dms", "--all", *AS_JSON).json
    assert allowed["scopes"] == sorted(scopes_on(Channel.EXTRANET))


def test_scope_of_another_channel_is_refused_by_name(kopru: Run, bursa: str) -> None:
    kopru(*WITH_SECRET)
    refused = kopru("client", "allow", "bursa-dms", "sync:run")
    assert (refused.code, "No scope of extranet: sync:run" in refused.err) == (1, True)


def test_disabled_client_is_listed_so(kopru: Run, bursa: str) -> None:
    kopru(*WITH_SECRET)
    kopru("client", "disable", "bursa-dms")
    assert kopru("client", "list", *AS_JSON).json[0]["status"] == "disabled"


def test_password_comes_from_a_pipe_never_an_argument(kopru: Run) -> None:
    assert kopru("user", "add", "fatma", "--role", "agent", typed="ılık çay 1923\n").code == 0
    with transaction(SYSTEM) as tx:
        assert accounts.sign_in(tx, "fatma", "ılık çay 1923", "127.0.0.1").role == "agent"


def test_generated_password_is_shown_and_works(kopru: Run, bursa: str) -> None:
    asked = ("user", "add", "bursa.admin", "--role", "partner_admin", "--partner", bursa, "--generate", *AS_JSON)
    password = kopru(*asked).json["password"]
    with transaction(SYSTEM) as tx:
        assert accounts.sign_in(tx, "bursa.admin", password, "127.0.0.1").channel == "extranet"


def test_short_password_is_refused(kopru: Run) -> None:
    assert "/password: 10 to 256" in kopru("user", "add", "fatma", "--role", "agent", typed="kısa\n").err


def test_unlocked_person_may_sign_in_at_once(kopru: Run) -> None:
    kopru("user", "add", "fatma", "--role", "agent", typed="ılık çay 1923\n")
    for _ in range(5):
        guess_wrongly("fatma")
    assert kopru("user", "list", *AS_JSON).json[0]["is_locked"] is True
    kopru("user", "unlock", "fatma")
    assert kopru("user", "list", *AS_JSON).json[0]["is_locked"] is False


def guess_wrongly(username: str) -> None:
    """One wrong password, counted: the refusal is caught inside the transaction."""
    with transaction(SYSTEM) as tx, suppress(accounts.SignInRefused):
        accounts.sign_in(tx, username, "yanlış parola", "127.0.0.1")


def test_unknown_name_says_where_to_look(kopru: Run) -> None:
    refused = kopru("user", "disable", "kimse")
    assert (refused.code, refused.err) == (1, "kopru: There is no person kimse; see: kopru user list\n")


def test_rotation_publishes_the_next_key(kopru: Run) -> None:
    kopru("keys", "rotate")
    assert [key["state"] for key in kopru("keys", "list", *AS_JSON).json] == ["active", "next"]


def test_second_rotation_waits_for_the_first(kopru: Run) -> None:
    kopru("keys", "rotate")
    refused = kopru("keys", "rotate")
    assert refused.code == 1
    assert "signs from" in refused.err


@pytest.mark.parametrize(
    ("command", "listed"),
    [
        ("sync show", "sync runs"),
        ("sync cancel", "sync runs"),
        ("sync requests", "sync runs"),
        ("sync unschedule", "sync schedules"),
        ("sync discard", "sync rejected"),
        ("identity unmerge", "identity merges"),
        ("transfer cancel", "transfer list"),
    ],
)
def test_unknown_id_says_where_to_look(kopru: Run, command: str, listed: str) -> None:
    refused = kopru(*command.split(), str(UUID(int=1)))
    assert (refused.code, refused.err.endswith(f"; see: kopru {listed}\n")) == (1, True)


def test_customer_who_is_not_there_gets_no_sign_in(kopru: Run) -> None:
    asked = ("user", "add", "cem", "--role", "customer", "--customer", str(UUID(int=1)), "--generate")
    assert (kopru(*asked).code, kopru("user", "list", *AS_JSON).json) == (1, [])


def test_client_without_a_secret_says_how_it_comes_in(kopru: Run) -> None:
    kopru(
        "client",
        "add",
        "Uygulama",
        "--channel",
        "internet",
        "--auth",
        "none",
        "--redirect-uri",
        "https://a.example/",
        "--id",
        "uygulama",
    )
    assert "uygulama has no secret: it comes in by none" in kopru("client", "rotate-secret", "uygulama").err


@pytest.mark.parametrize("command", [("partner", "list"), ("migrate",), ("migrate", "--check")])
def test_database_that_is_away_is_named_with_what_to_do(
    kopru: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://kopru:gizli@127.0.0.1:9/kopru")
    refused = kopru(*command)
    assert (refused.code, "The database does not answer" in refused.err) == (1, True)
    assert "kopru doctor" in refused.err
    assert "gizli" not in refused.err


def test_port_that_is_taken_is_named_before_anything_starts(kopru: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = kopru("serve", "--port", port)
    assert (refused.code, f"Port {port} cannot be used" in refused.err) == (3, True)


def test_unknown_option_is_wrong_usage(kopru: Run) -> None:
    assert kopru("partner", "list", "--colour").code == 2


def test_bad_setting_is_wrong_set_up(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOPRU_RATE_LIMIT", "çok")
    refused = kopru("partner", "list")
    assert refused.code == 3
    assert "KOPRU_RATE_LIMIT" in refused.err
