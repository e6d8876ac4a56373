"""A Tryton party with its addresses, contact mechanisms and identifiers, as our customer record and back.

Tryton has one name field, no districts and no kind of party: what it cannot keep is left out, never invented, except
the kind, which follows from the tax number, from our reference, or else from the settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.wire.tryton_rpc import read_time

Json = dict[str, Any]
_CHILDREN = {
    "addresses": ("party.address", ("street", "city", "postal_code", "country.code")),
    "contact_mechanisms": ("party.contact_mechanism", ("type", "value")),
    "identifiers": ("party.identifier", ("type", "code")),
}
_OWN = ("active", "write_date", "create_date", "_timestamp")
FIELDS = [
    *("name", "lang.code", *_OWN),
    *(f"{child}.{field}" for child, (_, fields) in _CHILDREN.items() for field in (*fields, *_OWN)),
]
_NAMES = ("given_name", "family_name", "organisation_name")
_REFERENCES = {"organisation": "kopru:", "person": "kopru-person:"}
_TAX_KINDS = {"tr_vat": "organisation", "tr_tckimlik": "person"}
_TAX_TYPES = {10: "tr_vat", 11: "tr_tckimlik"}
_CONTACT_KINDS = {"email": "email", "phone": "phone", "mobile": "phone"}


def reference_codes(key: str) -> list[str]:
    """The identifiers under which a party may keep our key."""
    return [prefix + key for prefix in _REFERENCES.values()]


def lock(party: Json) -> str:
    """The record's version: the time stamps of the party and of everything in it, as Tryton's own lock wants them."""
    stamps = {f"{model},{row['id']}": row["_timestamp"] for model, row in _rows(party)}
    return json.dumps(stamps, sort_keys=True, separators=(",", ":"))


def to_record(party: Json, unknown_kind: str) -> Json:
    """The party as a customer record."""
    tax = next((each for each in _living(party, "identifiers") if each["type"] in _TAX_KINDS), None)
    kind_told, reference = _reference(party)
    kind = _TAX_KINDS[tax["type"]] if tax else kind_told or unknown_kind
    record = {
        "external_id": str(party["id"]),
        "updated_at": max(filter(None, (_touched(row) for _, row in _rows(party))), default=None),
        "version": lock(party),
        "kind": kind,
        **_names(party.get("name") or "", kind),
        "tax_id": tax and tax["code"],
        "status": "active" if party["active"] else "inactive",
        "contact_points": [*_contacts(party), *_addresses(party)],
        "identifiers": [
            {"system": each["type"] or "tryton", "value": each["code"]}
            for each in _living(party, "identifiers")
            if each["type"] not in _TAX_KINDS and each["code"] not in reference_codes(reference or "")
        ],
    }
    if party.get("lang."):
        record["locale"] = party["lang."]["code"].replace("_", "-")
    return {**record, "reference": reference} if reference else record


def to_values(record: Mapping[str, Any], key: str, party: Json | None = None) -> Json:
    """What to write so that the party says what the record says; `party` is what stands there now."""
    values: Json = {}
    if any(name in record for name in _NAMES):
        values["name"] = _name(record, party)
    if "status" in record:
        values["active"] = record["status"] != "inactive"
    if "contact_points" in record:
        points = record["contact_points"] or []
        values["contact_mechanisms"] = _contact_commands(points, party)
        values["addresses"] = _address_commands(points, party)
    values["identifiers"] = _identifier_commands(record, key, party)
    return {name: value for name, value in values.items() if value != []}


def _rows(party: Json) -> Iterable[tuple[str, Json]]:
    yield "party.party", party
    for child, (model, _) in _CHILDREN.items():
        yield from ((model, row) for row in party[f"{child}."])


def _living(party: Json | None, child: str) -> list[Json]:
    return [row for row in party[f"{child}."] if row["active"]] if party else []


def _touched(row: Json) -> str | None:
    return read_time(row["write_date"]) or read_time(row["create_date"])


def _reference(party: Json) -> tuple[str | None, str | None]:
    for each in _living(party, "identifiers"):
        for kind, prefix in _REFERENCES.items():
            if each["type"] is None and each["code"].startswith(prefix):
                return kind, each["code"].removeprefix(prefix)
    return None, None


def _names(name: Any, kind: str) -> Json:
    if kind == "organisation":
        return {"organisation_name": name}
    if not isinstance(name, str):
        return {"family_name": name}
    given, _, family = name.strip().rpartition(" ")
    return {"given_name": given or None, "family_name": family}


def _name(record: Mapping[str, Any], party: Json | None) -> str:
    """The one name; whatever part of a person's the record does not speak of stays as it stands there."""
    if record.get("organisation_name"):
        return str(record["organisation_name"])
    there = _names(party["name"] or "", "person") if party else {}
    said = {**there, **{name: record[name] for name in ("given_name", "family_name") if name in record}}
    return " ".join(said[part] for part in ("given_name", "family_name") if said.get(part))


def _contacts(party: Json) -> list[Json]:
    return [
        {"kind": _CONTACT_KINDS[row["type"]], "value": row["value"]}
        for row in _living(party, "contact_mechanisms")
        if row["type"] in _CONTACT_KINDS and row["value"]
    ]


def _addresses(party: Json) -> list[Json]:
    parts = [_address(row) for row in _living(party, "addresses")]
    return [{"kind": "address", "address": part} for part in parts if any(part.values())]


def _address(row: Json) -> Json:
    first, _, rest = (row["street"] or "").strip().partition("\n")
    address = {"line1": first or None, "line2": ", ".join(rest.split("\n")) or None}
    country = (row.get("country.") or {}).get("code")
    return {
        **address,
        "city": row["city"],
        "postal_code": row["postal_code"],
        **({"country": country} if country else {}),
    }


def _contact_commands(points: list[Json], party: Json | None) -> list[Any]:
    wanted = {_same(point["kind"], point["value"]): point for point in points if point["kind"] in ("email", "phone")}
    there = {
        _same(_CONTACT_KINDS[row["type"]], row["value"] or ""): row["id"]
        for row in _living(party, "contact_mechanisms")
        if row["type"] in _CONTACT_KINDS
    }
    fresh = [{"type": point["kind"], "value": point["value"]} for same, point in wanted.items() if same not in there]
    return _commands(fresh, [row_id for same, row_id in there.items() if same not in wanted])


def _same(kind: str, value: str) -> tuple[str, str]:
    """What makes two contact points one: Tryton writes phone numbers with spaces."""
    return kind, "".join(filter(str.isdigit, value)) if kind == "phone" else value.strip().casefold()


def _address_commands(points: list[Json], party: Json | None) -> list[Any]:
    wanted = [_address_values(point["address"]) for point in points if point["kind"] == "address"]
    there = {row["id"]: _address_values(_address(row)) for row in _living(party, "addresses")}
    fresh = [values for values in wanted if values not in there.values()]
    stale = [row_id for row_id, values in there.items() if values not in wanted]
    changed = [["write", [row_id], values] for row_id, values in zip(stale, fresh, strict=False)]
    return [*changed, *_commands(fresh[len(stale) :], stale[len(fresh) :])]


def _address_values(address: Json) -> Json:
    lines = [address.get("line1"), address.get("line2")]
    street = "\n".join(line for line in lines if line)
    return {"street": street or None, "city": address.get("city"), "postal_code": address.get("postal_code")}


def _identifier_commands(record: Mapping[str, Any], key: str, party: Json | None) -> list[Any]:
    living = _living(party, "identifiers")
    there = {(row["type"], row["code"]) for row in living}
    wanted: list[tuple[str | None, str]] = []
    # The reference tells the kind, so only a record that speaks of its kind makes one.
    if record.get("kind") and not any((None, code) in there for code in reference_codes(key)):
        wanted.append((None, _REFERENCES[record["kind"]] + key))
    tax_id = record.get("tax_id") or ""
    if len(tax_id) in _TAX_TYPES:
        wanted.append((_TAX_TYPES[len(tax_id)], tax_id))
    # A party has one tax number here: another one, or none, takes its place.
    taxes = [row for row in living if row["type"] in _TAX_KINDS] if "tax_id" in record else []
    replaced = [row["id"] for row in taxes if (row["type"], row["code"]) not in wanted]
    return _commands([{"type": kind, "code": code} for kind, code in wanted if (kind, code) not in there], replaced)


def _commands(fresh: list[Json], retired: list[int]) -> list[Any]:
    """One2Many commands. Nothing is deleted: documents of the ERP may refer to it."""
    created: list[Any] = [["create", fresh]] if fresh else []
    return [*created, ["write", retired, {"active": False}]] if retired else created
