"""Stored customers as matching reads them, in a few words each."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.identity.blocks import with_keys
from gateway.identity.reading.profile import Profile, read_profile
from gateway.identity.weighing.model import default_model
from gateway.identity.weighing.terms import Terms

HOME = "Gökmeydan Mah. Menekşe Sok. No:12/3"
USUAL = Terms({"g:mehmet": 2500, "g:ayse": 1800, "f:yilmaz": 1500, "f:kaya": 1200}, 100_000)
"""A base of 100,000 in which some names are frequent."""


def person(given: str, family: str, born: str = "", line: str = "", **said: str) -> Profile:
    """A person; `said` may hold `email`, `phone`, `tax_id`."""
    day = date.fromisoformat(born) if born else None
    return _read("person", {"given_name": given, "family_name": family, "birth_date": day}, line, said)


def company(name: str, line: str = "", **said: str) -> Profile:
    """An organisation."""
    return _read("organisation", {"organisation_name": name}, line, said)


def outcome(one: Profile, two: Profile) -> str:
    """What the weights that are shipped say of two."""
    model = default_model()
    assert model.weigh(one, two, USUAL).bits == model.weigh(two, one, USUAL).bits
    return model.outcome(model.weigh(one, two, USUAL).bits)


def _read(kind: str, names: dict[str, Any], line: str, said: dict[str, str]) -> Profile:
    points = [{"kind": each, "value": said[each], "address": None} for each in ("email", "phone") if each in said]
    if line:
        parts = {"line1": line, "city": "Eskişehir", "district": "Odunpazarı"}
        points.append({"kind": "address", "value": line, "address": parts})
    empty = dict.fromkeys(("given_name", "family_name", "organisation_name", "birth_date"))
    row = {**empty, **names, "kind": kind, "tax_id": said.get("tax_id"), "contact_points": points, "identifiers": []}
    return with_keys(read_profile(row))
