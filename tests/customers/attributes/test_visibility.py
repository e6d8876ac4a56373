"""An attribute is seen and written on the channels it is declared for, and nowhere else leaves a trace."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels import Channel
from gateway.oauth import standing
from tests.conftest import Api, Cast
from tests.customers.attributes.test_attributes import TITLES, declare, refusals
from tests.transfers.exporting.test_export import records
from tests.transfers.files import bring

SECRET = "SIR-İĞŞ"
HELD = {"gizli": SECRET, "derece": "altın", "plan": "gold", "renk": "mavi"}


@pytest.fixture
def declared(cast: Cast) -> Cast:
    """Cem has an attribute for each way of being seen; Eskişehir sees him."""
    declare(cast, name="gizli", type="string", visible_on=[], writable_on=[])
    declare(cast, name="derece", type="string", is_by_agreement=True)
    declare(cast, name="plan", type="string", writable_on=[])
    put(cast, **HELD)
    return cast


def put(cast: Cast, **attributes: Any) -> None:
    """Have somebody inside write attributes of Cem."""
    path = f"/customers/{cast.cem_id}"
    answer = cast.ayse.patch(path, {"attributes": attributes}, cast.ayse.get(path).get_json()["version"])
    assert answer.status_code == 200, answer.text


def seen(api: Api, cast: Cast) -> dict[str, Any]:
    """The attributes of Cem."""
    shown: dict[str, Any] = api.get(f"/customers/{cast.cem_id}").get_json()["attributes"]
    return shown


def grant(cast: Cast, *names: str) -> None:
    """Change what Eskişehir's agreement grants."""
    version = cast.ayse.get("/partners/eskisehir").get_json()["version"]
    answer = cast.ayse.patch("/partners/eskisehir", {"granted_fields": list(names)}, version)
    assert answer.status_code == 200, answer.text
    standing.forget()


def test_each_channel_sees_what_is_declared_for_it(declared: Cast) -> None:
    assert seen(declared.ayse, declared) == {"body_type": "sedan", **HELD}
    assert seen(declared.eskisehir, declared) == {"body_type": "sedan", "plan": "gold", "renk": "mavi"}
    assert seen(declared.cem, declared) == {"body_type": "sedan", "derece": "altın", "plan": "gold", "renk": "mavi"}


def test_partner_sees_what_its_agreement_grants(declared: Cast) -> None:
    grant(declared, "attributes.derece")
    assert seen(declared.eskisehir, declared)["derece"] == "altın"
    grant(declared)
    assert "derece" not in seen(declared.eskisehir, declared)


@pytest.mark.parametrize("name", ["attributes.", "attributes.5x", "attributes.a-b", "attributes", "owner"])
def test_agreement_grants_only_what_can_be_granted(cast: Cast, name: str) -> None:
    answer = cast.ayse.patch("/partners/eskisehir", {"granted_fields": [name]}, version=1)
    assert answer.get_json()["errors"][0]["pointer"] == "/granted_fields/0"


@pytest.mark.parametrize(
    "path",
    [
        "/customers",
        "/customers?fields=attributes",
        "/customers?q=cem",
        "/customers?q=cem&sort=updated_at",
        "/customers?include=interactions&sort=-display_name",
        "/customers/{id}?fields=id,attributes",
        "/customers/{id}?include=interactions",
        "/customers/{id}/timeline",
        "/events",
    ],
)
def test_no_read_shows_a_hidden_attribute(declared: Cast, path: str) -> None:
    answer = declared.eskisehir.get(path.format(id=declared.cem_id))
    assert answer.status_code == 200, answer.text
    assert [each for each in ("gizli", SECRET, "derece", "altın") if each in answer.text] == []


def test_no_write_answers_a_hidden_attribute(declared: Cast) -> None:
    path = f"/customers/{declared.cem_id}"
    answer = declared.eskisehir.patch(path, {"attributes": {"renk": "kırmızı"}}, version=2)
    assert answer.get_json()["attributes"] == {"body_type": "sedan", "plan": "gold", "renk": "kırmızı"}
    assert seen(declared.ayse, declared)["gizli"] == SECRET


def test_no_export_and_no_preview_shows_a_hidden_attribute(declared: Cast) -> None:
    assert records(declared.eskisehir)[0]["attributes"] == {"body_type": "sedan", "plan": "gold", "renk": "mavi"}
    received = bring(declared.eskisehir, "Ad;Soyad;E-posta\nCemil;Işık;cem@example.com\n")
    terms = {"match_on": "email", "on_match": "update"}
    shown = declared.eskisehir.post(f"/imports/{received['id']}/preview", terms)
    assert shown.get_json()["items"][0]["customer_id"] == str(declared.cem_id)
    assert SECRET not in shown.text


def test_change_of_what_is_hidden_is_told_to_nobody_outside(declared: Cast) -> None:
    def told(api: Api) -> int:
        return len(api.events("type=customer.updated"))

    before = {api.channel: told(api) for api in (declared.eskisehir, declared.cem, declared.ayse)}
    put(declared, gizli="başka")
    assert (told(declared.eskisehir), told(declared.cem)) == (before[Channel.EXTRANET], before[Channel.INTERNET])
    assert told(declared.ayse) == before[Channel.INTRANET] + 1
    put(declared, gizli="yine", plan="silver")
    assert told(declared.eskisehir) == before[Channel.EXTRANET] + 1


@pytest.mark.parametrize("name", ["gizli", "derece", "plan"])
def test_what_may_not_be_written_is_refused_as_what_does_not_exist(declared: Cast, name: str) -> None:
    path = f"/customers/{declared.cem_id}"
    for attributes in ({name: "x"}, {name: None}):
        answer = declared.eskisehir.patch(path, {"attributes": attributes}, version=2)
        assert [(each["pointer"], each["code"]) for each in answer.get_json()["errors"]] == [
            (f"/attributes/{name}", "unknown_field")
        ]
    assert refusals(declared.ankara, {name: "x"}) == [(f"/attributes/{name}", "unknown_field")]


def test_partner_that_empties_the_attributes_empties_its_own(declared: Cast) -> None:
    answer = declared.eskisehir.patch(f"/customers/{declared.cem_id}", {"attributes": None}, version=2)
    assert answer.status_code == 200, answer.text
    assert seen(declared.ayse, declared) == {"gizli": SECRET, "derece": "altın", "plan": "gold"}


def test_customer_writes_only_what_is_declared_for_the_internet(declared: Cast) -> None:
    path = f"/customers/{declared.cem_id}"
    refused = declared.cem.patch(path, {"attributes": {"renk": "x"}}, version=2)
    assert refused.get_json()["errors"][0]["code"] == "unknown_field"
    declare(declared, name="beden", type="enum", choices=["S", "M"], writable_on=["internet"])
    assert declared.cem.patch(path, {"attributes": {"beden": "M"}}, version=2).status_code == 200
    assert declared.cem.patch(path, {"attributes": {"beden": "M", "renk": "x"}}, version=3).status_code == 422
    assert refusals(declared.eskisehir, {"beden": "M"}) == [("/attributes/beden", "unknown_field")]


def test_what_is_required_is_asked_of_whoever_may_write_it(cast: Cast) -> None:
    declare(cast, name="sinif", type="string", is_required=True, writable_on=[])
    assert refusals(cast.ankara, {}) == []
    assert refusals(cast.ayse, {}) == [("/attributes/sinif", "required")]


def test_documents_show_to_each_channel_what_is_seen_and_written_there(declared: Cast) -> None:
    def properties(channel: str, shape: str) -> list[str]:
        document = declared.ayse.client.get(f"/{channel}/openapi.json").get_json()
        attributes = document["components"]["schemas"][shape]["properties"].get("attributes", {})
        return list(attributes.get("properties", {}))

    assert properties("intranet", "Customer") == ["derece", "gizli", "plan"]
    assert properties("extranet", "Customer") == ["derece", "plan"]
    assert properties("extranet", "CustomerInput") == ["derece"]
    assert (properties("internet", "Customer"), properties("internet", "CustomerPatch")) == (["derece", "plan"], [])
    assert "gizli" not in declared.ayse.client.get("/extranet/openapi.json").text


def test_declaration_that_hides_cannot_be_taken_back_while_it_does(declared: Cast) -> None:
    assert declared.ayse.delete("/attributes/gizli").get_json()["code"] == "attribute_hidden"
    assert declared.ayse.patch("/attributes/gizli", {"visible_on": ["extranet", "internet"]}, 1).status_code == 200
    assert declared.ayse.delete("/attributes/gizli").status_code == 204
    assert seen(declared.eskisehir, declared)["gizli"] == SECRET


def test_where_it_is_not_seen_it_is_not_written(cast: Cast) -> None:
    said = {"name": "x", **TITLES, "type": "string", "visible_on": ["internet"], "writable_on": ["extranet"]}
    assert cast.ayse.post("/attributes", said).get_json()["errors"][0]["pointer"] == "/writable_on"
