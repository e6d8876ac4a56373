"""One record of every kind that belongs to Eskişehir, or to Cem, for a stranger to try and reach.

A new kind of id in a path is given its maker here; `test_isolation` fails until it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from gateway.channels import Caller
from gateway.db import new_id, now, transaction
from gateway.identity.models import IdentityPair
from gateway.identity.weighing.comparison import fields_of
from gateway.longrunning.jobs import go_on
from gateway.rights.erasure.models import ErasureNotice
from gateway.sync.merging.models import SyncConflict
from gateway.sync.models import RejectedRecord
from gateway.webhooks.models import Attempt, Delivery
from tests.conftest import Cast

SECRET_WORD = "Yeşilırmak"


class Belongings:
    """Eskişehir's records, each made when first asked for."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.get = cache(self._make)

    def _make(self, parameter: str) -> str:
        return MAKERS[parameter](self)

    def ids(self, parameters: list[str]) -> dict[str, str]:
        """Eskişehir's own id for each parameter of a path."""
        return {name: self.get(name) for name in parameters}


def _customer(belongings: Belongings) -> str:
    person = {"kind": "person", "given_name": SECRET_WORD, "identifiers": [{"system": "erp", "value": SECRET_WORD}]}
    return _made(belongings.cast.eskisehir.post("/customers", person))


def _interaction(belongings: Belongings) -> str:
    call = {"channel": "phone", "kind": "complaint", "direction": "in", "subject": SECRET_WORD, "visibility": "shared"}
    return _made(
        belongings.cast.eskisehir.post("/interactions", {**call, "customer_id": belongings.get("customer_id")})
    )


def _endpoint(belongings: Belongings) -> str:
    wish = {"url": "https://127.0.0.1/kopru", "event_types": ["customer.*"], "description": SECRET_WORD}
    return _made(belongings.cast.eskisehir.post("/webhooks/endpoints", wish))


def _attempt(belongings: Belongings) -> str:
    endpoint_id = belongings.get("endpoint_id")
    with transaction(Caller.system("test")) as tx:
        told = {"event_id": new_id(), "attempted_at": now(), "status": "failed", "error": SECRET_WORD, "duration_ms": 1}
        attempt = Attempt(id=new_id(), endpoint_id=endpoint_id, http_status=500, **told)
        tx.session.add(attempt)
        return str(attempt.id)


def _message(belongings: Belongings) -> str:
    body = orjson.dumps({"data": {"given_name": SECRET_WORD}}).decode()
    whose = {"endpoint_id": UUID(belongings.get("endpoint_id")), "customer_id": UUID(belongings.get("customer_id"))}
    with transaction(Caller.system("test")) as tx:
        message = Delivery(id=new_id(), event_id=new_id(), type="customer.updated", payload=body, due_at=now(), **whose)
        tx.session.add(message)
        return str(message.id)


def _operation(belongings: Belongings) -> str:
    path = f"/webhooks/endpoints/{belongings.get('endpoint_id')}/recover"
    return _made(belongings.cast.eskisehir.post(path, BODIES["recover_webhook_messages"]), 202)


def _link(belongings: Belongings) -> str:
    """Inside alone, so reached through Ayşe; nothing is ever called."""
    settings = {"base_url": "http://127.0.0.1:9", "api_key": "sır"}
    link = {"name": SECRET_WORD, "partner": "eskisehir", "connector": "rest", "settings": settings}
    return _made(belongings.cast.ayse.post("/sync/links", link))


def _run(belongings: Belongings) -> str:
    return _made(belongings.cast.ayse.post(f"/sync/links/{belongings.get('link_id')}/runs"), 202)


def _schedule(belongings: Belongings) -> str:
    return _made(belongings.cast.ayse.post(f"/sync/links/{belongings.get('link_id')}/schedules", {"cron": "0 3 * * *"}))


def _rejected(belongings: Belongings) -> str:
    with transaction(Caller.system("test")) as tx:
        told = {"key": "1", "external_id": "1", "raw": f'"{SECRET_WORD}"', "reasons": [], "fingerprint": b"1"}
        link_id = UUID(belongings.get("link_id"))
        rejected = RejectedRecord(id=new_id(), link_id=link_id, stream="customers", **told)
        tx.session.add(rejected)
        return str(rejected.id)


def _conflict(belongings: Belongings) -> str:
    with transaction(Caller.system("test")) as tx:
        said = {
            "field": "family_name",
            "base": None,
            "ours": SECRET_WORD,
            "theirs": "Kaya",
            "our_source": "hub:intranet",
        }
        whose = {name: UUID(belongings.get(name)) for name in ("link_id", "customer_id")}
        conflict = SyncConflict(
            id=new_id(),
            stream="customers",
            record_id=whose["customer_id"],
            rule="manual",
            status="open",
            **said,
            **whose,
        )
        tx.session.add(conflict)
        return str(conflict.id)


def _field(belongings: Belongings) -> str:
    rule = {"stream": "customers", "field": "family_name", "rule": "newest"}
    assert belongings.cast.ayse.post("/sync/rules", rule).status_code == 201
    return "family_name"


def _event_type(belongings: Belongings) -> str:
    wish = {"name": "showroom.visit.ended", "description": SECRET_WORD, "schema": {}, "example": {}}
    assert belongings.cast.ayse.post("/event-types", wish).status_code == 201
    return "showroom.visit.ended"


def _pair(belongings: Belongings) -> str:
    """Inside alone: nobody else learns that two records may be one person."""
    twin = _made(belongings.cast.ayse.post("/customers", {"kind": "person", "given_name": "Yeşim"}))
    first, second = sorted((UUID(belongings.get("customer_id")), UUID(twin)))
    told = {"bits": 3.0, "levels": [0] * len(fields_of(True)), "adjusted": {}, "outcome": "perhaps"}
    with transaction(Caller.system("test")) as tx:
        pair = IdentityPair(id=new_id(), first_id=first, second_id=second, is_person=True, **told)
        tx.session.add(pair)
        return str(pair.id)


def _merge(belongings: Belongings) -> str:
    """Inside alone, as pairs are; of records that nobody else has."""
    api = belongings.cast.ayse
    keep, lose = (
        _made(api.post("/customers", {"kind": "person", "given_name": name})) for name in ("Yeşim", "Yasemin")
    )
    return _made(api.post("/identity/merges", {"keep_id": keep, "lose_id": lose}))


def _matching(belongings: Belongings) -> str:
    return _made(belongings.cast.ayse.post("/identity/matchings"), 202)


def _reservation(belongings: Belongings) -> str:
    noon = datetime.now(UTC).replace(hour=9, minute=0) + timedelta(days=1)
    asked = {"channel": "app", "purpose": "service", "at": noon.isoformat(), "reserve": True}
    asked["customer_id"] = belongings.get("customer_id")
    answer = belongings.cast.eskisehir.post("/contact-decisions", asked)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["reservation"]["id"])


def _confirmation(belongings: Belongings) -> str:
    cast, customer = belongings.cast, f"/customers/{belongings.cast.cem_id}"
    points = cast.eskisehir.get(customer).get_json()["contact_points"]
    asked = {"channel": "email", "purpose": "marketing", "contact_point": points[0]["id"], "wording": SECRET_WORD}
    return _made(cast.eskisehir.post("/consent-confirmations", {**asked, "customer_id": str(cast.cem_id)}))


def _claim(belongings: Belongings) -> str:
    said = {"customer_id": belongings.get("customer_id"), "note": SECRET_WORD}
    return _made(belongings.cast.eskisehir.post("/claims", said))


def _referral(belongings: Belongings) -> str:
    said = {"kind": "person", "given_name": "Yönlendirilen"}
    customer_id = _made(belongings.cast.ayse.post("/customers", said))
    offer = {"customer_id": customer_id, "partner": "eskisehir", "interest": SECRET_WORD}
    return _made(belongings.cast.ayse.post("/referrals", offer))


def _import(belongings: Belongings) -> str:
    content = f"Ad;E-posta\n{SECRET_WORD};su@example.com\n"
    headers = {"Content-Type": "text/csv"}
    return _made(belongings.cast.eskisehir.post("/imports", data=content.encode(), headers=headers))


def _export(belongings: Belongings) -> str:
    eskisehir = belongings.cast.eskisehir
    begun = eskisehir.post("/exports", {"format": "csv", "filters": {"q": SECRET_WORD}})
    go_on(_made(begun, 202))
    return str(begun.get_json()["options"]["export_id"])


def _attribute(belongings: Belongings) -> str:
    declared = {"name": "renk", "title_en": "Colour", "title_tr": SECRET_WORD, "type": "string"}
    assert belongings.cast.ayse.post("/attributes", declared).status_code == 201
    return "renk"


def _case(belongings: Belongings) -> str:
    """Cem's own, known to him and inside."""
    return _made(belongings.cast.cem.post("/rights-requests", {"kind": "erasure", "note": SECRET_WORD}))


def _erasure(belongings: Belongings) -> str:
    told = {"former_ids": [new_id()], "grounds": ["share"], "told_at": now(), "due_at": now(), "case_id": new_id()}
    with transaction(Caller.system("test")) as tx:
        notice = ErasureNotice(id=new_id(), partner_id=belongings.cast.eskisehir.partner_id, **told)
        tx.session.add(notice)
        return str(notice.id)


def _queue(belongings: Belongings) -> str:
    """Inside alone, as is the work in it."""
    return _made(belongings.cast.ayse.post("/queues", {"name": SECRET_WORD}))


def _queue_item(belongings: Belongings) -> str:
    work = {"kind": "follow_up", "subject": SECRET_WORD, "customer_id": belongings.get("customer_id")}
    return _made(belongings.cast.ayse.post(f"/queues/{belongings.get('queue_id')}/items", work))


def _matter(belongings: Belongings) -> str:
    matter = {"subject": SECRET_WORD, "customer_id": belongings.get("customer_id")}
    return _made(belongings.cast.eskisehir.post("/matters", matter))


def _made(answer: Any, status: int = 201) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.get_json()["id"])


MAKERS: dict[str, Callable[[Belongings], str]] = {
    "customer_id": _customer,
    "interaction_id": _interaction,
    "matter_id": _matter,
    "queue_id": _queue,
    "item_id": _queue_item,
    "endpoint_id": _endpoint,
    "attempt_id": _attempt,
    "message_id": _message,
    "operation_id": _operation,
    "link_id": _link,
    "run_id": _run,
    "rejected_id": _rejected,
    "schedule_id": _schedule,
    "conflict_id": _conflict,
    "pair_id": _pair,
    "matching_id": _matching,
    "merge_id": _merge,
    "claim_id": _claim,
    "referral_id": _referral,
    "import_id": _import,
    "export_id": _export,
    "reservation_id": _reservation,
    "confirmation_id": _confirmation,
    "case_id": _case,
    "erasure_id": _erasure,
    "field": _field,
    "type_name": _event_type,
    "attribute": _attribute,
    "stream": lambda belongings: "customers",
    "partner": lambda belongings: "eskisehir",
    "code": lambda belongings: "eskisehir",
    "purpose": lambda belongings: "marketing",
    "disposition": lambda belongings: "busy",
}

# Of these, what names no record of anybody's.
WORDS = ("disposition", "field", "attribute", "type_name", "stream", "partner", "code", "purpose")

# What an operation must be sent to get as far as looking for its record; most are content with nothing.
BODIES: dict[str, Any] = {
    "refuse_rights_request": {"reason": "Yasal saklama süresi"},
    "settle_conflict": {"choose": "ours"},
    "preview_import": {"match_on": "email"},
    "start_import": {"match_on": "email"},
    "decline_referral": {"reason": SECRET_WORD},
    "return_referral": {"reason": SECRET_WORD},
    "record_consent": {"decision": "withdrawn"},
    "add_matter_note": {"text": "Merhaba"},
    "add_matter_interaction": {"interaction_id": "01890000-0000-7000-8000-000000000000"},
    "settle_identity_pair": {"decision": "different"},
    "recover_webhook_messages": {"since": "2026-01-01T00:00:00Z"},
    "replay_webhook_events": {"since": "2026-01-01T00:00:00Z"},
}
