"""Whoever is shown a customer is noted, with a purpose; the person sees it, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from gateway.accounts import service as accounts
from gateway.channels import PURPOSES, Caller, Channel
from gateway.customers.reads import filing, jobs, noting
from gateway.db import now, transaction
from tests.conftest import Api, Cast, person_token
from tests.routes import routes_of


def log_of(cast: Cast) -> list[dict[str, Any]]:
    """What Cem sees of who saw him."""
    answer = cast.cem.get("/access-log")
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def fatma(cast: Cast, role: str = "agent") -> Api:
    """An employee in person."""
    with transaction(Caller.system("test")) as tx:
        accounts.add_user(tx, "fatma", "sedan-sever-35", Channel.INTRANET, role, display_name="Fatma Öztürk")
        return Api(cast.ayse.client, Channel.INTRANET, person_token(tx, "fatma", Channel.INTRANET))


def test_a_person_sees_that_a_partner_read_their_record_and_why(cast: Cast) -> None:
    cast.eskisehir.get(f"/customers/{cast.cem_id}", headers={"Kopru-Purpose": "sales"})
    (seen,) = log_of(cast)
    assert (seen["by"], seen["organisation"], seen["role"]) == ("partner", "Eskişehir Oto", "system")
    assert (seen["what"], seen["purpose"], seen["times"]) == ("customers", "sales", 1)


def test_reads_of_one_hour_are_counted_in_one_row(cast: Cast) -> None:
    for _ in range(3):
        cast.eskisehir.get(f"/customers/{cast.cem_id}")
        log_of(cast)
    (seen,) = log_of(cast)
    assert seen["times"] == 3
    assert seen["first_at"] < seen["last_at"]


def test_a_person_sees_the_role_of_an_employee_and_not_the_name(cast: Cast) -> None:
    fatma(cast).get(f"/customers/{cast.cem_id}")
    (seen,) = log_of(cast)
    assert (seen["by"], seen["role"], seen["organisation"]) == ("house", "agent", None)
    assert "actor" not in seen
    (inside,) = cast.ayse.get(f"/customers/{cast.cem_id}/access-log").get_json()["items"]
    assert inside["actor"] == "user:fatma"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/customers", "customers"),
        ("/customers?fields=display_name", "customers"),
        ("/customers?q=isik", "customers"),
        ("/customers/{id}/timeline", "desk"),
        ("/customers/{id}/consents", "consent"),
        ("/customers/lookup?phone=05321234567", "desk"),
        ("/events?type=customer.*", "events"),
    ],
)
def test_every_way_of_reading_is_noted(cast: Cast, path: str, what: str) -> None:
    answer = cast.ayse.get(path.format(id=cast.cem_id))
    assert answer.status_code == 200, answer.text
    assert [seen["what"] for seen in log_of(cast)] == [what]


def test_a_list_cut_to_some_fields_shows_no_other(cast: Cast) -> None:
    assert cast.ayse.get("/customers?fields=display_name").get_json()["items"] == [{"display_name": "Cem Işık"}]


def test_interactions_that_were_shown_are_noted(cast: Cast) -> None:
    call = {"channel": "phone", "kind": "service", "direction": "in", "subject": "Şanzıman"}
    cast.ayse.post("/interactions", {**call, "customer_id": str(cast.cem_id)})
    cast.ayse.get("/interactions?fields=subject")
    assert [seen["what"] for seen in log_of(cast)] == ["interactions"]


def test_what_a_person_reads_of_their_own_is_not_noted(cast: Cast) -> None:
    assert cast.cem.get(f"/customers/{cast.cem_id}").status_code == 200
    assert log_of(cast) == []


def test_what_was_refused_is_not_noted(cast: Cast) -> None:
    assert cast.ankara.get(f"/customers/{cast.cem_id}").status_code == 404
    assert log_of(cast) == []


def test_an_unknown_purpose_is_refused_and_nothing_shown(cast: Cast) -> None:
    answer = cast.eskisehir.get(f"/customers/{cast.cem_id}", headers={"Kopru-Purpose": "merak"})
    assert answer.status_code == 400
    assert all(purpose in answer.get_json()["detail"] for purpose in PURPOSES)
    assert log_of(cast) == []


def test_a_role_has_the_purpose_it_is_there_for(cast: Cast) -> None:
    fatma(cast, "steward").get(f"/customers/{cast.cem_id}")
    assert [seen["purpose"] for seen in log_of(cast)] == ["data_quality"]


def test_nobody_reads_somebody_elses_log(cast: Cast) -> None:
    other = cast.ayse.post("/customers", {"kind": "person", "given_name": "Şule"}).get_json()
    cast.ayse.get(f"/customers/{other['id']}")
    assert log_of(cast) == []
    assert cast.cem.get(f"/customers/{other['id']}/access-log").status_code == 404
    assert cast.eskisehir.get("/access-log").status_code == 404


def test_the_log_is_paged_without_loss(cast: Cast) -> None:
    for purpose in PURPOSES:
        cast.eskisehir.get(f"/customers/{cast.cem_id}", headers={"Kopru-Purpose": purpose})
    seen, path = [], "/access-log?limit=4"
    while path:
        page = cast.cem.get(path).get_json()
        seen += [each["purpose"] for each in page["items"]]
        path = f"/access-log?limit=4&cursor={page['next']}" if page["next"] else ""
    assert sorted(seen) == sorted(PURPOSES)


def test_the_log_of_both_is_kept_when_two_become_one(cast: Cast) -> None:
    lost = cast.ayse.post("/customers", {"kind": "person", "given_name": "Cem", "family_name": "Işık"}).get_json()
    cast.ayse.get(f"/customers/{lost['id']}")
    merged = cast.ayse.post("/identity/merges", {"keep_id": str(cast.cem_id), "lose_id": lost["id"]})
    assert merged.status_code == 201, merged.text
    assert [seen["what"] for seen in log_of(cast)] == ["customers"]


def test_what_is_older_than_the_log_goes_back_is_removed(cast: Cast) -> None:
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    assert len(log_of(cast)) == 1
    with transaction(Caller.system("test")) as tx:
        assert filing.forget(tx, now() - timedelta(hours=2)) == 0
        assert filing.forget(tx, now() + timedelta(hours=1)) == 1
    assert log_of(cast) == []


def test_log_goes_back_as_long_as_an_export_is_kept(
    cast: Cast, in_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPRU_ACCESS_LOG_DAYS", "1")
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    left = [len(log_of(cast))]
    for days in (3, 2):
        with transaction(Caller.system("test")) as tx:
            tx.raw.execute("UPDATE access_log SET hour = hour - %s * interval '1 day'", [days])
        jobs.forget_old_reads()
        left.append(len(log_of(cast)))
    assert left == [1, 1, 0]


def test_every_route_below_a_customer_is_noted(cast: Cast, whole_app: Flask) -> None:
    inside = [each for each in routes_of(whole_app) if (each.channel, each.method) == (Channel.INTRANET, "GET")]
    paths = [each.path(customer_id=str(cast.cem_id)) for each in inside if each.parameters == ["customer_id"]]
    shown = [path for path in paths if cast.ayse.get(path).status_code == 200]
    assert len(shown) >= 5
    assert sum(each["times"] for each in log_of(cast)) == len(shown)


def test_no_read_is_answered_that_could_not_be_noted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "as_commands", lambda *_: b"INSERT INTO reads (who) VALUES (NULL)")
    answer = cast.ayse.get(f"/customers/{cast.cem_id}")
    assert answer.status_code == 500
    assert "Cem" not in answer.text


def test_a_name_that_looks_like_a_command_is_only_a_name(cast: Cast) -> None:
    with transaction(Caller.system("test")) as tx:
        name = "x');delete/**/from/**/customers;--"
        accounts.add_user(tx, name, "sedan-sever-35", Channel.INTRANET, "agent", display_name="Çete")
        api = Api(cast.ayse.client, Channel.INTRANET, person_token(tx, name, Channel.INTRANET))
    assert api.get(f"/customers/{cast.cem_id}").status_code == 200
    (inside,) = cast.ayse.get(f"/customers/{cast.cem_id}/access-log").get_json()["items"]
    assert inside["actor"] == f"user:{name}"
