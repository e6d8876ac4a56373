"""The pages on which people sign in and out."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, request

from gateway import audit
from gateway.accounts import service as accounts
from gateway.accounts.lockout import TooManySignIns
from gateway.accounts.service import SignInRefused
from gateway.db import Transaction, transaction
from gateway.errors import Problem
from gateway.oauth import sessions, standing
from gateway.oauth.protocol import calling
from gateway.oauth.rendering import go, render, style
from gateway.oauth.requests import read_form
from gateway.oauth.standing import Standing
from gateway.oauth.visitors import Visitor, local_address, visitor

SIGN_IN, SIGN_OUT = "/oauth/sign-in", "/oauth/sign-out"

signing_in = Blueprint("signing_in", __name__)


def sign_in_first(then: str) -> Response:
    """Send the browser to the sign-in page, and from there to `then`."""
    return go(f"{SIGN_IN}?{urlencode({'next': then})}")


@signing_in.get("/oauth/pages.css")
def stylesheet() -> Response:
    """The one style sheet."""
    return style()


@signing_in.get(SIGN_IN)
def show_sign_in() -> Response:
    """The form; whoever is signed in goes on at once."""
    known, then = standing.current(), local_address(request.args.get("next", ""))
    with transaction(calling()) as tx:
        who = visitor(tx, known)
        if who.person is not None:
            return go(then or SIGN_OUT)
        return who.remembering(_form(who, then, leads_to=_destination(then, known, tx)))


@signing_in.post(SIGN_IN)
def sign_in() -> Response:
    """Check name and password; success renews the cookie, so that one planted before is worth nothing."""
    known = standing.current()
    try:
        form = read_form(request)
    except OAuth2Error as error:
        return render("refused", error.status_code, notice="bad_request", detail="", form_token="", next="")
    then = local_address(form.get("next", ""))
    with transaction(calling()) as tx:
        who = visitor(tx, known)
        leads_to = _destination(then, known, tx)
        if not who.sent(form):
            return who.remembering(_form(who, then, 403, "stale_form", leads_to=leads_to))
        try:
            cookie = _check(tx, who, form)
        except (SignInRefused, TooManySignIns) as refused:
            return _refuse(who, then, form.get("username", ""), refused, leads_to)
    response = go(then or SIGN_OUT)
    sessions.set_cookie(response, cookie, who.settings)
    return response


@signing_in.get(SIGN_OUT)
def show_sign_out() -> Response:
    """Who is signed in, with a way out."""
    known = standing.current()
    with transaction(calling()) as tx:
        who = visitor(tx, known)
    person = who.person.display_name if who.person else ""
    page = render("account", locale=who.locale, notice="signed_out", person=person, form_token=who.form_token)
    return who.remembering(page)


@signing_in.post(SIGN_OUT)
def sign_out() -> Response:
    """End the session."""
    try:
        form = read_form(request)
    except OAuth2Error:
        form = {}
    known = standing.current()
    with transaction(calling()) as tx:
        who = visitor(tx, known)
        if who.sent(form):
            sessions.close_session(tx, who.cookie)
            if who.person is not None:
                audit.record(tx, "user.signed_out", "user", who.person.id)
    then = local_address(form.get("next", ""))
    return sign_in_first(then) if then else go(SIGN_OUT)


def _check(tx: Transaction, who: Visitor, form: dict[str, str]) -> str:
    user = accounts.sign_in(tx, form.get("username", ""), form.get("password", ""), tx.caller.address)
    return sessions.open_session(tx, user.id, tx.caller.address, who.settings.session_hours, who.cookie)


def _refuse(who: Visitor, then: str, username: str, refused: Problem, leads_to: str) -> Response:
    notice = "too_many" if isinstance(refused, TooManySignIns) else "wrong"
    response = _form(who, then, refused.status, notice, username, leads_to)
    response.headers.update(refused.headers)
    return response


def _form(
    who: Visitor, then: str, status: int = 200, notice: str = "", username: str = "", leads_to: str = ""
) -> Response:
    return render(
        "sign_in",
        status,
        leads_to=leads_to,
        notice=notice,
        next=then,
        username=username,
        form_token=who.form_token,
    )


def _destination(then: str, known: Standing, tx: Transaction) -> str:
    """The client's address to which signing in may lead at once, if it is a registered one."""
    asked = parse_qs(urlsplit(then).query)
    client_id, redirect_uri = asked.get("client_id", [""])[0], asked.get("redirect_uri", [""])[0]
    client = known.client(client_id, tx) if client_id.isascii() and client_id.isprintable() and client_id else None
    return redirect_uri if client and client.check_redirect_uri(redirect_uri) else ""
