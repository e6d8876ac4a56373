"""What the demo's declaration promises to whoever starts it."""

from demo.people import population
from demo.world import CEM, CLIENTS, DEALERS, USERS
from gateway.accounts.roles import ROLES

PARTNER_CLIENTS = [client for client in CLIENTS if client.channel == "extranet"]


def test_dealers_share_all_customers_and_one_is_quiet() -> None:
    assert {dealer.code for dealer in DEALERS} >= {"eskisehir", "ankara", "izmir", "trabzon"}
    assert abs(sum(dealer.share for dealer in DEALERS) - 1) < 1e-9
    assert any(dealer.quiet for dealer in DEALERS)


def test_one_dealer_is_granted_birth_dates_and_another_is_not() -> None:
    granted = {dealer.code: "birth_date" in dealer.fields for dealer in DEALERS}
    assert (granted["eskisehir"], granted["ankara"]) == (True, False)


def test_partners_sign_with_every_algorithm_and_one_has_a_secret() -> None:
    signed = [client.alg for client in PARTNER_CLIENTS if client.auth == "private_key_jwt"]
    assert sorted(map(str, signed)) == ["ES256", "EdDSA", "PS256"]
    assert [client.partner for client in PARTNER_CLIENTS if client.auth == "client_secret_basic"] == ["trabzon"]


def test_every_partner_has_a_client() -> None:
    assert {client.partner for client in PARTNER_CLIENTS} == {dealer.code for dealer in DEALERS}


def test_every_door_has_its_clients() -> None:
    doors = {(client.channel, client.auth, client.grants[0]) for client in CLIENTS}
    assert ("internet", "none", "authorization_code") in doors
    assert ("intranet", "client_secret_basic", "authorization_code") in doors
    assert ("intranet", "client_secret_basic", "client_credentials") in doors


def test_only_clients_that_sign_people_in_redirect() -> None:
    assert all(bool(client.redirect_uris) == ("authorization_code" in client.grants) for client in CLIENTS)


def test_every_role_has_somebody_on_its_channel() -> None:
    assert {(user.role, user.channel) for user in USERS} == {(role, place[0].value) for role, place in ROLES.items()}


def test_the_customer_who_signs_in_is_cem() -> None:
    [customer] = [user.customer for user in USERS if user.role == "customer"]
    assert customer == CEM
    assert population()[0].ids == {CEM[0]: CEM[1]}
