"""`/oauth/authorize`: a client asks, the person signs in and decides, the answer goes back to the client."""

from __future__ import annotations

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidScopeError
from flask import Blueprint, Response, request

from gateway.db import transaction
from gateway.edge import installation
from gateway.oauth import codes, consents, standing
from gateway.oauth.grants import Code
from gateway.oauth.known import Person
from gateway.oauth.protocol import calling
from gateway.oauth.rendering import go, language, origin_of, render
from gateway.oauth.requests import OAuthRequest, parameter, read_form, read_parameters
from gateway.oauth.scopes import sentence_of
from gateway.oauth.server import server
from gateway.oauth.sign_in import sign_in_first
from gateway.oauth.visitors import Visitor, visitor

authorizing = Blueprint("authorizing", __name__)


@authorizing.route("/oauth/authorize", methods=["GET", "POST"], provide_automatic_options=False)
def authorize() -> Response:
    """An authorization request (RFC 6749 section 4.1.1); a POST is the person's decision about it."""
    known, settings = standing.current(), installation()
    try:
        parameters = read_parameters(request.query_string)
        form = read_form(request) if request.method == "POST" else None
        with transaction(calling()) as tx:
            asked = OAuthRequest(parameters, request, tx, known, settings)
            redirect_uri = Code(asked, server).validate_authorization_request()
            return _decide(asked, redirect_uri, visitor(tx, known), form)
    except OAuth2Error as error:
        return _refuse(error, parameters.get("state", "") if error.redirect_uri else "")


def _decide(asked: OAuthRequest, redirect_uri: str, who: Visitor, form: dict[str, str] | None) -> Response:
    if who.person is None:
        return sign_in_first(_address())
    if not who.person.may_use(asked.client):
        return _wrong_account(who)
    scopes = set(asked.scope.split()) & who.person.scopes
    if not scopes:
        raise InvalidScopeError(redirect_uri=redirect_uri)
    if form is not None:
        if not who.sent(form):
            return _ask(asked, redirect_uri, who, scopes, 403)
        if form.get("decision") != "allow":
            raise AccessDeniedError(redirect_uri=redirect_uri)
        consents.remember(asked.tx, who.person.id, asked.client.client_id, scopes)
    elif not asked.client.is_trusted and not consents.has_allowed(
        asked.tx, who.person.id, asked.client.client_id, scopes
    ):
        return _ask(asked, redirect_uri, who, scopes)
    return _give_code(asked, redirect_uri, who.person, scopes)


def _give_code(asked: OAuthRequest, redirect_uri: str, person: Person, scopes: set[str]) -> Response:
    challenge, scope = parameter(asked, "code_challenge"), " ".join(sorted(scopes))
    code = codes.give(asked.tx, asked.client.client_id, person.id, redirect_uri, scope, challenge)
    return _send_back(redirect_uri, {"code": code}, parameter(asked, "state"))


def _ask(asked: OAuthRequest, redirect_uri: str, who: Visitor, scopes: set[str], status: int = 200) -> Response:
    is_turkish = language(who.locale) == "tr"
    sentences = [sentence_of(scope, asked.client.channel, is_turkish=is_turkish) for scope in sorted(scopes)]
    return render(
        "consent",
        status,
        locale=who.locale,
        leads_to=redirect_uri,
        client_name=asked.client.name,
        sentences=sentences,
        person=who.person.display_name if who.person else "",
        destination=origin_of(redirect_uri),
        action=_address(),
        form_token=who.form_token,
    )


def _wrong_account(who: Visitor) -> Response:
    return render(
        "refused",
        403,
        locale=who.locale,
        notice="wrong_account",
        detail="",
        form_token=who.form_token,
        next=_address(),
    )


def _refuse(error: OAuth2Error, state: str) -> Response:
    if error.redirect_uri:
        return _send_back(error.redirect_uri, dict(error.get_body()), state)
    # Without a redirect URI that is known to be the client's, the person is told and nobody else (RFC 6749 4.1.2.1).
    detail = error.get_error_description()
    return render("refused", error.status_code, notice="bad_request", detail=detail, form_token="", next="")


def _send_back(redirect_uri: str, answer: dict[str, str], state: str) -> Response:
    if state:
        answer["state"] = state
    answer["iss"] = installation().base_url  # RFC 9207: the client can tell servers apart
    return go(add_params_to_uri(redirect_uri, list(answer.items())))


def _address() -> str:
    return f"{request.path}?{request.query_string.decode('ascii')}"
