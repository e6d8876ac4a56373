"""Who sits at the browser: the cookie, the person signed in under it, and forms that must be the browser's own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from gateway.config import Settings
from gateway.db import Transaction
from gateway.edge import installation
from gateway.oauth import sessions
from gateway.oauth.known import Person
from gateway.oauth.standing import Standing


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser. It has a cookie before anybody signs in, so that a forged sign-in form can be told from ours."""

    cookie: str
    is_new: bool
    person: Person | None
    settings: Settings

    @property
    def form_token(self) -> str:
        """What this browser's forms carry."""
        return sessions.form_token(self.cookie, self.settings)

    @property
    def locale(self) -> str:
        """The language of whoever is signed in."""
        return self.person.locale if self.person else ""

    def sent(self, form: dict[str, str]) -> bool:
        """Whether the form came from a page given to this browser."""
        cookie = None if self.is_new else self.cookie
        return sessions.is_own_form(form.get("form_token", ""), cookie, self.settings)

    def remembering(self, response: Response) -> Response:
        """The response, with the cookie for a browser that had none."""
        if self.is_new:
            sessions.set_cookie(response, self.cookie, self.settings)
        return response


def visitor(tx: Transaction, known: Standing) -> Visitor:
    """Whoever made this request."""
    settings = installation()
    cookie = sessions.read_cookie(request, settings)
    user_id = sessions.find_user_id(tx, cookie)
    person = known.person(user_id, tx) if user_id else None
    return Visitor(cookie or sessions.new_cookie(), cookie is None, person, settings)


def local_address(wanted: str) -> str:
    """The address on this very server to go on to, or an empty string: never an open redirector."""
    is_local = wanted.startswith("/") and wanted[1:2] not in ("/", "\\")
    return wanted if is_local and wanted.isascii() and wanted.isprintable() else ""
