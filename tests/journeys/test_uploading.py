"""A file as it comes over the wire: the front asks who may bring one before it reads it."""

from __future__ import annotations

import requests

CSV = {"Content-Type": "text/csv"}
PEOPLE = "Müşteri No;Ad;Soyad\n" + "".join(f"Ş-{number};Işıl;Çağrı\n" for number in range(100_000))


def test_file_larger_than_any_body_comes_in(web: str, portal: dict[str, str]) -> None:
    answer = requests.post(f"{web}/intranet/v1/imports", data=PEOPLE.encode(), headers=portal | CSV, timeout=60)
    assert (answer.status_code, answer.json()["rows"]) == (201, 100_000)


def test_stranger_may_bring_no_more_than_any_body(web: str) -> None:
    headers = CSV | {"Authorization": "Bearer yok"}
    answer = requests.post(f"{web}/intranet/v1/imports", data=PEOPLE.encode(), headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
