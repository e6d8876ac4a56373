"""An attempt keeps what one needs to see what happened, and nothing that lets anybody in."""

from email.message import Message

from gateway.webhooks.delivery.outcome import kept_headers
from tests.conftest import Cast
from tests.webhooks.backlog import owe, run, set_endpoint
from tests.webhooks.conftest import Deliver, Register, seconds_until_due
from tests.webhooks.receiver import Receiver, answer


def test_attempt_keeps_the_answer_and_where_it_came_from(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(503, {"X-Neden": "bakim"}, "Bakımdayız".encode() + b"\xff" * 20_000)
    endpoint = register(cast.ayse)
    owe(endpoint, [cast.cem_id])
    deliver()
    names = "number, trigger, customer_id, url, address, http_status, response_headers, response_body"
    ((number, trigger, customer, url, address, status, headers, body),) = run(f"SELECT {names} FROM webhook_attempts")
    assert (number, trigger, customer, url) == (1, "schedule", cast.cem_id, receiver.url)
    assert (address, status, headers["x-neden"]) == ("127.0.0.1", 503, "bakim")
    assert (body.startswith("Bakımdayız".encode()), len(body)) == (True, 16 * 1024)


def test_attempt_that_reached_nobody_has_no_answer(cast: Cast, register: Register, deliver: Deliver) -> None:
    deliver()
    owe(register(cast.ayse, url="http://127.0.0.1:9/kopru"), [None])
    deliver()
    rows = run("SELECT status, error, http_status, response_headers, response_body FROM webhook_attempts")
    assert rows == [("failed", "connect_error", None, None, None)]


def test_headers_are_bounded_and_secrets_among_them_masked() -> None:
    answered = Message()
    for name, value in {"Set-Cookie": "oturum=gizli", "Authorization": "Bearer gizli", "X-Uzun": "ş" * 9000}.items():
        answered[name] = value
    answered["X-Sıfır"] = "a\0b"
    for number in range(100):
        answered[f"X-{number}"] = "v"
    kept = kept_headers(answered)  # type: ignore[arg-type]  # reads like a mapping
    assert (kept["Set-Cookie"], kept["Authorization"], len(kept["X-Uzun"])) == ("•••", "•••", 512)
    assert (kept["X-Sıfır"], len(kept)) == ("ab", 50)


def test_endpoint_has_its_own_schedule(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver) -> None:
    deliver()
    receiver.answering = answer(500)
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, retry_delays=[1000])
    owe(endpoint, [None])
    deliver()
    assert 790 <= seconds_until_due() <= 1200
    run("UPDATE webhook_deliveries SET due_at = now()")
    deliver()
    assert run("SELECT status FROM webhook_deliveries") == [("exhausted",)]
