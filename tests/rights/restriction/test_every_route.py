"""Whatever a partner reads, by any route there is: it is told nothing of a restricted customer."""

from __future__ import annotations

from flask import Flask

from gateway.channels import Channel
from tests.belongings import MAKERS, Belongings
from tests.conftest import Cast
from tests.routes import routes_of

FAMILY_NAME = "Zerdali"
OF_CUSTOMER = ("customer_id", "interaction_id", "matter_id", "reservation_id")


def read_all(app: Flask, own: Belongings) -> dict[str, tuple[int, str]]:
    """What every route answers to Eskişehir that asks for what is its own."""
    routes = [each for each in routes_of(app) if (each.channel, each.method) == (Channel.EXTRANET, "GET")]
    answers = [(route, own.cast.eskisehir.get(route.path(**own.ids(route.parameters)))) for route in routes]
    return {route.rule: (answer.status_code, answer.text) for route, answer in answers}


def restrict(cast: Cast, customer_id: str) -> None:
    case = cast.ayse.post("/rights-requests", {"kind": "restriction", "customer_id": customer_id}).get_json()
    assert cast.ayse.post(f"/rights-requests/{case['id']}/start").status_code == 200


def test_no_route_tells_a_partner_of_a_restricted_customer(cast: Cast, whole_app: Flask) -> None:
    own = Belongings(cast)
    customer_id = own.get("customer_id")
    path = f"/customers/{customer_id}"
    version = cast.ayse.get(path).get_json()["version"]
    assert cast.ayse.patch(path, {"family_name": FAMILY_NAME}, version).status_code == 200
    own.ids(list(MAKERS))
    before = read_all(whole_app, own)
    restrict(cast, customer_id)
    after = read_all(whole_app, own)
    assert len([rule for rule, (_, text) in before.items() if FAMILY_NAME in text]) >= 4
    assert [rule for rule, (_, text) in after.items() if FAMILY_NAME in text] == []
    below = [rule for rule in after if any(f"<id:{name}>" in rule for name in OF_CUSTOMER)]
    assert {(before[rule][0], after[rule][0]) for rule in below} == {(200, 404)}
