"""Files to bring, and the work that is done on them."""

from __future__ import annotations

from typing import Any

from gateway.longrunning import jobs
from gateway.transfers.importing.reading.formats import CSV
from tests.conftest import Api

Json = dict[str, Any]
PEOPLE = """Müşteri No;Ad;Soyad;E-posta;Cep Telefonu;İl;İlçe;Doğum Tarihi
B-1;Işıl;Çağlar;isil@example.com;0532 111 22 33;İzmir;Karşıyaka;17.05.1980
B-2;Şule;Öztürk;sule@example.com;0532 111 22 34;Muğla;Bodrum;03.11.1991
"""
MAPPING = {
    "Müşteri No": "identifier.bayi", "Ad": "given_name", "Soyad": "family_name", "E-posta": "email",
    "Cep Telefonu": "phone", "İl": "address.city", "İlçe": "address.district",
}  # fmt: skip
BY_NUMBER = {"mapping": MAPPING, "match_on": "identifier.bayi"}


def bring(api: Api, content: bytes | str, media_type: str = CSV, query: str = "") -> Json:
    """Bring a file; the import as it is answered."""
    raw = content.encode() if isinstance(content, str) else content
    answer = api.post(f"/imports{query}", data=raw, headers={"Content-Type": media_type})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def start(api: Api, import_id: str, **terms: Any) -> Json:
    """Import a file to its end; the operation then."""
    answer = api.post(f"/imports/{import_id}/start", terms)
    assert answer.status_code == 202, answer.text
    return finish(api, answer.get_json()["id"])


def finish(api: Api, operation_id: str) -> Json:
    """Have an operation come to its end, as workers would; the operation then."""
    path, status = f"/operations/{operation_id}", "queued"
    while status in ("queued", "running"):
        jobs.go_on(operation_id)
        shown = api.get(path).get_json()
        status = shown["status"]
    return dict(shown)


def customers(api: Api) -> list[Json]:
    """Every customer of the caller's."""
    return list(api.get("/customers?limit=200&sort=display_name").get_json()["items"])
