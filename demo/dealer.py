"""One dealer's own system, as a process: `python -m demo.dealer --code eskisehir --port 8001 --data var/demo`.

It keeps its records in `<data>/<code>.sqlite` and its API key in `<data>/<code>.key`; both survive a restart.
"""

import argparse
import os
import signal
import sqlite3
import sys
from pathlib import Path
from random import Random
from types import FrameType
from typing import NoReturn

from demo.desk import Desk
from demo.ears import Ears, secret_for
from demo.endpoints import Endpoints
from demo.history import counts_of, interactions_of
from demo.keys import key_in
from demo.knocks import Knocker
from demo.life import Day, Moods
from demo.outage import Outage
from demo.people import population
from demo.records import customers_of
from demo.server import DealerServer
from demo.spoiled import SPOILED
from demo.store import Store, StoreInUse
from demo.world import DEALERS, SEED, Dealer, dealer

TOKEN_VARIABLE = "KOPRU_DEALER_TOKEN"  # noqa: S105  (the name of a variable)


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; a start that cannot succeed says why and ends with 1."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        serve(dealer(options.code), options)
    except KeyboardInterrupt:
        return
    except StoreInUse:
        _give_up(f"Another process serves {options.code} from {options.data}. Stop it, or choose another --data.")
    except sqlite3.Error as error:
        _give_up(
            f"The file {options.code}.sqlite in {options.data} cannot be used ({error}). "
            "Check the folder's rights and room, or remove the file to begin anew."
        )
    except OSError as error:
        _give_up(f"The dealer {options.code} cannot start on port {options.port} in {options.data}: {error.strerror}.")


def serve(each: Dealer, options: argparse.Namespace) -> None:
    """Open the store, fill it at the first start, and answer."""
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(options.data / f"{each.code}.sqlite", each.prefix)
    token = options.token or key_in(options.data, each.code)
    fill(store, each, options.seed)
    moods = None if options.quiet else Moods(Random(f"{options.seed}:{each.code}:moods"), options.failures)
    outage = Outage(None if options.quiet else each.down_every)
    ears = Ears(secret_for(options.data, each.code)) if each.listens else None
    server = DealerServer(options.port, Endpoints(store, each.code, token, outage, ears), moods)
    tell = Knocker(options.data, each.code).tell if each.knocks else None
    day = Day(store, Random(f"{options.seed}:{each.code}:day"), options.every, tell)
    desk = Desk(options.data / "drops" / each.code) if each.desk else None
    if not options.quiet:
        day.start()
    if desk:
        desk.start()
    sys.stdout.write(f"{each.name} answers at {server.url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.server_close()
        if not options.quiet:
            day.end()
        if desk:
            desk.end()
        store.close()


def fill(store: Store, each: Dealer, seed: int = SEED) -> None:
    """Give an empty store the dealer's past."""
    if store.is_empty:
        people = population(seed)
        counts = counts_of(people, seed)
        store.fill(customers_of(each.code, people, seed), interactions_of(each.code, people, counts, seed))
        spoil(store, each.code)


def spoil(store: Store, code: str) -> None:
    """Add what the dealer's staff typed wrong."""
    for record in SPOILED.get(code, ()):
        store.create("interactions", record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.dealer", description=__doc__)
    parser.add_argument("--code", required=True, choices=[each.code for each in DEALERS], help="which dealer")
    parser.add_argument("--port", type=_port, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="folder of its database and key")
    parser.add_argument("--quiet", action="store_true", help="never change by itself and never fail")
    parser.add_argument(
        "--token", default=os.environ.get(TOKEN_VARIABLE), help=f"API key, better given in {TOKEN_VARIABLE}"
    )
    parser.add_argument("--failures", type=float, default=0.01, help="share of requests that fail (0 to 1)")
    parser.add_argument("--every", type=float, default=4.0, help="seconds between its own changes, about")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of its records, changes and failures")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _interrupt(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _give_up(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
