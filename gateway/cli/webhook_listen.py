"""`kopru webhook listen`: a receiver on this machine that shows what arrives, for as long as it is watched."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from ipaddress import ip_address
from typing import Any

import click
import orjson

from gateway.cli.output import with_output
from gateway.cli.place import opened
from gateway.cli.webhook import owner, webhook
from gateway.cli.webhook_filter import FILTER
from gateway.cli.webhook_left import MARK, clean_up, remove
from gateway.cli.webhook_receiver import Answer, Heard, Receiver
from gateway.config import BadSetting, Network
from gateway.db import transaction
from gateway.guarded import AddressRefused, Unresolvable, guard
from gateway.guarded_sender import Sender, SendFailed
from gateway.webhooks.endpoints import keys, service
from schemas.webhook import PAYLOADS, SIGNATURES

_HERE = ip_address("127.0.0.1")
_FORWARD_SECONDS = 15.0  # of the 20 the sender waits
_LONGEST_LINE = 160
_OF_THE_CONNECTION = ("host", "content-length", "connection", "accept-encoding")


@webhook.command("listen")
@click.option("--events", multiple=True, default=("*",), show_default=True, help="A type, customer.*, or *.")
@click.option("--partner", help="As this partner would be told, by code; as the house unless given.")
@click.option("--filter", "filters", multiple=True, type=FILTER, help="A condition on the data; may be repeated.")
@click.option("--payload", type=click.Choice(PAYLOADS), default="full", show_default=True)
@click.option("--kind", type=click.Choice(SIGNATURES), default="v1", show_default=True, help="How messages are signed.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port on loopback; a free one unless given.")
@click.option("--forward", metavar="URL", help="Post the same bytes and headers there too; its answer is ours.")
@click.option("--fail", type=click.IntRange(300, 599), help="Answer this status instead, to see retries.")
@click.option("-n", "count", type=click.IntRange(1), help="End after so many messages.")
@with_output
def listen(kind: str, port: int, forward: str | None, fail: int | None, count: int | None, **said: Any) -> None:
    """Register a receiver on this machine, show every message as it comes, verified, and remove it again at Ctrl-C.

    \b
    Example:  kopru webhook listen --partner bursa --events 'customer.*' --filter status=active
              kopru webhook listen --forward http://127.0.0.1:3000/kanca
    """
    if forward and fail:
        raise click.UsageError("--fail answers by itself, so nothing can be forwarded.")
    output, partner = said.pop("output"), said.pop("partner")
    with opened() as settings:
        require_loopback(settings.webhook_allow)
        sender = way_out(forward)
        answer = _forwarding(sender, forward) if forward else lambda *_: fail or 204
        with (
            closing(sender),
            _open(answer, port) as receiver,
            ended_by_signals(),
            registered(receiver, sender, partner, kind, **said),
        ):
            show_all(receiver, output, count)


def _open(answer: Answer, port: int) -> Receiver:
    try:
        return Receiver(answer, port)
    except OSError as error:
        raise click.BadParameter(f"{port} cannot be used: {error.strerror}", param_hint="--port") from None


def require_loopback(allow: tuple[Network, ...]) -> None:
    """Say what to set where nothing could be delivered to this machine itself; raises BadSetting."""
    if not any(_HERE in network for network in allow):
        wanted = ",".join(map(str, (*allow, "127.0.0.0/8")))
        raise BadSetting(
            "webhooks may not be sent to this machine itself, so nothing would arrive. Where that is wanted, give the"
            f" workers and this command KOPRU_WEBHOOK_ALLOW={wanted} (kopru up --demo does)"
        )


def way_out(forward: str | None) -> Sender:
    """The way to this machine's own receivers; raises BadParameter for a `forward` that must not be called."""
    if forward:
        try:
            guard().check(forward)
        except (AddressRefused, Unresolvable, TimeoutError) as error:
            raise click.BadParameter(f"{forward}: {error}", param_hint="--forward") from None
    return Sender(guard())


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End at Ctrl-C, when asked to by SIGTERM, or when the terminal is gone; all of them are a good end."""
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # a shell starts its background jobs deaf to the first
    before = {each: signal.signal(each, signal.default_int_handler) for each in ends}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def registered(receiver: Receiver, sender: Sender, partner: str | None, kind: str, **wishes: Any) -> Iterator[None]:
    """The receiver as an endpoint, removed at the end; what an earlier one left that was killed goes, too."""
    threading.Thread(target=receiver.serve_forever, name="receiver", daemon=True).start()
    clean_up(sender)
    wishes["event_types"], wishes["filters"] = wishes.pop("events"), list(wishes["filters"])
    with transaction(owner("webhook listen", partner)) as tx:
        endpoint, secret = service.register(
            tx, receiver.url, description=MARK, signatures=(kind,), hold_hours=0, **wishes
        )
        endpoint_id = endpoint.id
        receiver.keys = [secret] if secret else keys.published(tx, endpoint_id)
    try:
        click.echo(f"Listening at {receiver.url}, verifying by {receiver.keys[0]}; Ctrl-C ends it.", err=True)
        yield
    finally:
        receiver.shutdown()
        remove(endpoint_id)


def show_all(receiver: Receiver, output: str, count: int | None) -> None:
    """Print what comes, one line for each message, until so many came."""
    times: Counter[str] = Counter()
    while count is None or times.total() < count:
        heard = receiver.heard.get()
        message_id = heard.headers.get("webhook-id", "")
        times[message_id] += 1
        record = _record(heard, times[message_id])
        click.echo(orjson.dumps(record, option=orjson.OPT_UTC_Z).decode() if output == "json" else _line(record))


def _record(heard: Heard, times: int) -> dict[str, Any]:
    body = None if heard.refusal else orjson.loads(heard.body)
    return {
        "received_at": heard.at,
        "verified": heard.refusal is None,
        "refusal": heard.refusal,
        "webhook_id": heard.headers.get("webhook-id"),
        "times": times,
        "answered": heard.answered,
        "headers": {name: value for name, value in heard.headers.items() if name.startswith("webhook-")},
        "body": body,
    }


def _line(record: dict[str, Any]) -> str:
    """One line for people: what was refused shows nothing of its body, for nobody knows whose words it holds."""
    body = record["body"]
    what = f"{body['type']:<24} {orjson.dumps(body['data']).decode()}" if body else record["refusal"]
    again = f" (again, {record['times']})" if record["times"] > 1 else ""
    verdict = "verified" if record["verified"] else "REFUSED "
    line = f"{record['received_at']:%H:%M:%S} {verdict} {record['answered']} {record['webhook_id']}{again} {what}"
    return "".join(each if each.isprintable() else "?" for each in line)[:_LONGEST_LINE]


def _forwarding(sender: Sender, url: str) -> Answer:
    def forward(headers: Mapping[str, str], body: bytes) -> int:
        sent = {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION}
        try:
            return sender.post(url, body, sent, _FORWARD_SECONDS).status
        except (AddressRefused, SendFailed) as error:
            click.echo(f"{url} could not be reached: {error}", err=True)
            return 502

    return forward
