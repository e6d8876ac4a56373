"""A file as it comes over the wire: the front asks who may bring one before it reads it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests

CSV = {"Content-Type": "text/csv"}
PEOPLE = "Müşteri No;Ad;Soyad\n" + "".join(f"Ş-{number};Işıl;Çağrı\n" for number in range(100_000))


def test_file_larger_than_any_body_comes_in(web: str, portal: dict[str, str]) -> None:
    answer = requests.post(f"{web}/intranet/v1/imports", data=PEOPLE.encode(), headers=portal | CSV, timeout=60)
    assert (answer.status_code, answer.json()["rows"]) == (201, 100_000)


def test_file_comes_whole_whatever_the_spelling_of_its_address(web: str, portal: dict[str, str]) -> None:
    parts = iter([PEOPLE[: len(PEOPLE) // 2].encode(), PEOPLE[len(PEOPLE) // 2 :].encode()])
    answer = requests.post(f"{web}/intranet/v1/imports/", data=parts, headers=portal | CSV, timeout=60)
    assert (answer.status_code, answer.json()["rows"]) == (201, 100_000)


@pytest.mark.parametrize("framing", ["Transfer-Encoding: chunked\r\n\r\n14\r\n", "Content-Length: 40\r\n\r\n"])
def test_half_a_file_is_not_taken_for_a_whole_one(web: str, portal: dict[str, str], framing: str) -> None:
    there = urlsplit(web)
    head = f"POST /intranet/v1/imports HTTP/1.1\r\nHost: {there.netloc}\r\nContent-Type: text/csv\r\n"
    head += f"Authorization: {portal['Authorization']}\r\n{framing}"
    with socket.create_connection((there.hostname, there.port), timeout=20) as line:
        line.sendall(head.encode() + b"Ad;Soyad\nIsik;Cagri\n")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(12) == b"HTTP/1.1 400"


def test_stranger_may_bring_no_more_than_any_body(web: str) -> None:
    headers = CSV | {"Authorization": "Bearer yok"}
    answer = requests.post(f"{web}/intranet/v1/imports", data=PEOPLE.encode(), headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
