"""What the way out to partners promises: deadlines, caps, one host, plain words."""

from __future__ import annotations

import datetime as dt
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import responses
from werkzeug.serving import make_ssl_devcert
from werkzeug.wrappers import Request, Response

from connectors.errors import ConnectorError, CredentialsRefused, NotNow
from connectors.http import Http, Limits, OpenGate, Site
from connectors.wire import link_header
from connectors.wire.retry_after import retry_after
from tests.connectors.fake_partner import serve

URL = "https://partner.example/api"
SECRET = "çok-gizli"


@pytest.fixture
def site() -> Site:
    return Http().site(URL, {"X-Api-Key": "gizli-anahtar"}, [SECRET])


class Impatient(OpenGate):
    """Looks at those who wait so many times, and then has enough of it."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.looks = 0

    def wait(self) -> None:
        self.looks += 1
        if self.looks > self.patience:
            raise NotNow("Vazgeçildi.")


def refusal(call: Callable[[], Any]) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


@responses.activate
@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
def test_status_that_passes_is_worth_another_try(site: Site, status: int) -> None:
    responses.get(f"{URL}/x", status=status)
    assert not refusal(lambda: site.request("GET", "/x")).permanent


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 422])
def test_status_that_stays_needs_a_person(site: Site, status: int) -> None:
    responses.get(f"{URL}/x", status=status)
    assert refusal(lambda: site.request("GET", "/x")).permanent


@responses.activate
def test_refused_credentials_have_their_own_name(site: Site) -> None:
    responses.get(f"{URL}/x", status=401)
    assert isinstance(refusal(lambda: site.request("GET", "/x")), CredentialsRefused)


@responses.activate
def test_error_shows_the_first_words_but_no_secret_and_no_query(site: Site) -> None:
    responses.get(f"{URL}/x", status=400, body=f"bad {SECRET} gizli-anahtar " + "x" * 200)
    message = refusal(lambda: site.request("GET", "/x", params={"token": "sorgu"})).message
    assert message == "GET /api/x answered 400: bad *** *** " + "x" * 68


@responses.activate
@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a":', b"\xff\xfe", b'"' + b"[" * 10, b"[" * 100_000])
def test_body_that_is_no_json_is_worth_another_try(site: Site, body: bytes) -> None:
    responses.get(f"{URL}/x", body=body)
    error = refusal(lambda: site.request("GET", "/x").json())
    assert (error.permanent, "no JSON" in error.message) == (False, True)


@responses.activate
def test_one_poisoned_string_does_not_hide_its_page(site: Site) -> None:
    responses.get(f"{URL}/x", body=b'{"items": [{"a": "\\ud800"}, {"a": NaN}, {"a": 1}]}')
    assert len(site.request("GET", "/x").json()["items"]) == 3


@responses.activate
def test_partner_may_write_turkish_in_its_own_charset(site: Site) -> None:
    body = '{"ad": "Işık Şişli"}'.encode("iso-8859-9")
    responses.get(f"{URL}/x", body=body, content_type="application/json; charset=ISO-8859-9")
    assert site.request("GET", "/x").json() == {"ad": "Işık Şişli"}


@responses.activate
@pytest.mark.parametrize(
    "target",
    [
        "https://other.example/api/x",
        "http://partner.example/api/x",
        "https://partner.example:8443/api/x",
        "//other.example/x",
        "https://partner.example@other.example/x",
        "https://other.example\\@partner.example/x",
        "file:///etc/passwd",
    ],
)
def test_neither_redirect_nor_link_leaves_the_host(site: Site, target: str) -> None:
    responses.get(f"{URL}/x", status=302, headers={"Location": target})
    assert refusal(lambda: site.request("GET", "/x")).permanent
    assert len(responses.calls) == 1


@responses.activate
def test_redirect_on_the_same_host_is_followed(site: Site) -> None:
    responses.get(f"{URL}/x", status=308, headers={"Location": "/api/x/"})
    responses.get(f"{URL}/x/", json={"ok": True})
    assert site.request("GET", "/x").json() == {"ok": True}


@responses.activate
def test_redirects_in_a_circle_end(site: Site) -> None:
    responses.get(f"{URL}/x", status=302, headers={"Location": "/api/x"})
    assert refusal(lambda: site.request("GET", "/x")).permanent
    assert len(responses.calls) == 4


@responses.activate
def test_write_is_never_redirected(site: Site) -> None:
    responses.post(f"{URL}/x", status=307, headers={"Location": "/api/y"})
    assert refusal(lambda: site.request("POST", "/x", body={})).permanent


@pytest.mark.parametrize("url", ["ftp://a.example", "https://user:pw@a.example", "nonsense", "https://"])
def test_base_url_must_be_a_plain_web_address(url: str) -> None:
    assert refusal(lambda: Http().site(url)).permanent


def test_environment_cannot_redirect_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with serve(Response("{}")) as url:
        assert Http().site(url).request("GET", "/").json() == {}


def test_trickling_partner_cannot_hold_a_worker() -> None:
    def trickle() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.1)
            yield b" "

    with serve(Request.application(lambda _: Response(trickle()))) as url:
        started = time.monotonic()
        error = refusal(lambda: Http(Limits(total_seconds=0.5)).site(url).request("GET", "/"))
        assert (error.permanent, time.monotonic() - started < 6) == (False, True), "it trickles for 10 s"


def test_certificate_that_nobody_vouches_for_needs_a_person(tmp_path: Path) -> None:
    with serve(Response("{}"), tls=make_ssl_devcert(str(tmp_path / "cert"), cn="127.0.0.1")) as url:
        assert refusal(lambda: Http().site(url).request("GET", "/")).permanent


def test_trickling_partner_is_cut_off_inside_tls(tmp_path: Path) -> None:
    certificate = make_ssl_devcert(str(tmp_path / "cert"), cn="localhost")

    def trickle() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.1)
            yield b" "

    with serve(Request.application(lambda _: Response(trickle())), tls=certificate) as url:
        http = Http(Limits(total_seconds=1))
        http.session.verify = certificate[0]
        started = time.monotonic()
        assert (
            "in time" in refusal(lambda: http.site(url.replace("127.0.0.1", "localhost")).request("GET", "/")).message
        )
        assert time.monotonic() - started < 6, "it trickles for 10 s"


def test_slow_answer_is_read_whole_however_often_somebody_looks(tmp_path: Path) -> None:
    certificate = make_ssl_devcert(str(tmp_path / "cert"), cn="localhost")

    def slow() -> Iterator[bytes]:
        for part in (b'{"ad": ', b'"I', b'\xc5\x9f\xc4\xb1k"}'):
            time.sleep(1.2)
            yield part

    gate = Impatient(patience=99)
    with serve(Request.application(lambda _: Response(slow())), tls=certificate) as url:
        http = Http(gate=gate)
        http.session.verify = certificate[0]
        assert http.site(url.replace("127.0.0.1", "localhost")).request("GET", "/").json() == {"ad": "Işık"}
    assert gate.looks >= 2


def test_read_that_nobody_waits_for_is_broken_off_and_a_write_is_heard_out() -> None:
    def slow(request: Request) -> Response:
        time.sleep(1.5)
        return Response("{}")

    with serve(Request.application(slow)) as url:
        site = Http(gate=Impatient(patience=0)).site(url)
        assert "Vazgeçildi" in refusal(lambda: site.request("GET", "/")).message
        assert "Vazgeçildi" in refusal(lambda: site.request("POST", "/", body={}, reads=True)).message
        assert site.request("POST", "/", body={}).json() == {}


def test_write_that_came_too_late_never_leaves() -> None:
    class Late(OpenGate):
        def send(self) -> None:
            raise NotNow("Zu spät.")

    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.method)
        return Response("{}")

    with serve(Request.application(answer)) as url:
        site = Http(gate=Late()).site(url)
        site.request("GET", "/")  # and keeps a connection for the next
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert "Zu spät" in refusal(lambda method=method: site.request(method, "/", body={})).message  # type: ignore[misc]
        site.request("POST", "/", body={}, reads=True)
    assert asked == ["GET", "POST"]


def test_partner_that_trickles_is_broken_off_as_well() -> None:
    def trickle() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.1)
            yield b" "

    with serve(Request.application(lambda _: Response(trickle()))) as url:
        site = Http(gate=Impatient(patience=0)).site(url)
        assert "Vazgeçildi" in refusal(lambda: site.request("GET", "/")).message


def test_endless_answer_is_cut_off() -> None:
    def flood() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    with serve(Request.application(lambda _: Response(flood()))) as url:
        error = refusal(lambda: Http(Limits(max_bytes=1_000_000)).site(url).request("GET", "/"))
        assert "more than 1000000 bytes" in error.message


def test_bomb_in_the_answer_does_not_go_off() -> None:
    bomb = zlib.compress(zlib.compress(bytes(300_000_000), 9), 9)
    packed = Response(bomb, headers={"Content-Encoding": "deflate, deflate"}, content_type="application/json")
    with serve(packed) as url:
        site = Http(Limits(max_bytes=1_000_000)).site(url)
        tracemalloc.start()
        try:
            error = refusal(lambda: site.request("GET", "/"))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert ("more than 1000000 bytes" in error.message, peak < 20_000_000) == (True, True)


@responses.activate
def test_answer_that_announces_too_much_is_not_even_read(site: Site) -> None:
    responses.get(
        f"{URL}/x", body=b"{}", headers={"Content-Length": "99999999999"}, auto_calculate_content_length=False
    )
    assert refusal(lambda: site.request("GET", "/x")).permanent


def test_redirects_share_one_deadline() -> None:
    def slow(request: Request) -> Response:
        time.sleep(0.4)
        return Response(status=302, headers={"Location": f"/{request.path.count('x') * 'x'}x"})

    with serve(Request.application(slow)) as url:
        error = refusal(lambda: Http(Limits(total_seconds=0.6)).site(url).request("GET", "/"))
        assert "in time" in error.message, "and not after so many redirects that they are refused"


def test_waiting_at_the_gate_does_not_count_as_waiting_for_the_partner() -> None:
    class Slow(OpenGate):
        def enter(self) -> None:
            time.sleep(1.6)

    with serve(Response("{}")) as url:
        assert Http(Limits(total_seconds=1.5), gate=Slow()).site(url).request("GET", "/").json() == {}


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://a.example/?p=2>; rel="next"', "https://a.example/?p=2"),
        ('</x;y,z?p=2>;title="a, b; rel=prev";REL=Next', "/x;y,z?p=2"),
        ('</1>; rel=prev, </3>; rel="last next"', "/3"),
        ('</1>; rel="nextish"', None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_next_page_is_found_in_the_link_header(header: str, address: str | None) -> None:
    assert link_header.target(header, "next") == address


def test_partner_that_is_away_is_worth_another_try() -> None:
    error = refusal(lambda: Http().site("http://127.0.0.1:1").request("GET", "/x"))
    assert (error.message, error.permanent) == ("GET /x lost or got no connection.", False)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "99999999"}, 3_600),
        ({"Retry-After": "inf"}, 3_600),
        ({"X-RateLimit-Reset": "30"}, 30),
        ({"X-RateLimit-Reset": "1800000060"}, 60),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
def test_waiting_time_is_read_from_the_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=1_800_000_000) == seconds


def test_waiting_time_may_be_a_date() -> None:
    moment = format_datetime(dt.datetime.fromtimestamp(1_800_000_090, dt.UTC), usegmt=True)
    assert retry_after({"Retry-After": moment}, now=1_800_000_000) == 90
