"""Where an installation keeps what the environment does not give: servers of its own and keys, under `var/`."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from gateway.embedded import PostgresServer, RedisServer

# What `kopru up` was started with and commands in other terminals must know too.
KEPT = ("KOPRU_BASE_URL", "KOPRU_WEBHOOK_ALLOW", "KOPRU_DROP_FOLDERS")


def needs_servers(environ: Mapping[str, str]) -> bool:
    """Whether neither server is given, so that we bring our own; one alone given is a mistake to be named."""
    return not environ.get("DATABASE_URL") and not environ.get("REDIS_URL")


def complete(environ: Mapping[str, str], var: Path, base_url: str = "") -> dict[str, str]:
    """The environment with what `var` knows filled in: addresses of the servers running there, keys, public address.

    What the environment says itself always wins. Raises EmbeddedServerError when servers are needed and not running.
    """
    filled = dict(environ)
    if needs_servers(environ):
        filled["DATABASE_URL"] = PostgresServer(var / "postgres").url
        filled["REDIS_URL"] = RedisServer(var / "redis").url
        for name, value in kept_keys(var).items():
            filled.setdefault(name, value)
        filled.setdefault("KOPRU_ERASURE_LOG", str((var / "erasures.log").absolute()))
    kept = var / "settings.json"
    if base_url:
        filled.setdefault("KOPRU_BASE_URL", base_url)
        write_private(kept, json.dumps({name: filled[name] for name in KEPT if name in filled}))
    elif kept.exists():
        filled = {**json.loads(kept.read_text()), **filled}
    return filled


def kept_keys(var: Path) -> dict[str, str]:
    """This folder's own secret key and vault key, made at the first start and readable by this user alone."""
    place = var / "keys.json"
    if place.exists():
        kept: dict[str, str] = json.loads(place.read_text())
        return kept
    made = {
        "KOPRU_SECRET_KEY": secrets.token_urlsafe(48),
        "KOPRU_VAULT_KEYS": "k1:" + base64.urlsafe_b64encode(os.urandom(32)).decode(),
    }
    write_private(place, json.dumps(made, indent=2))
    return made


def write_private(place: Path, content: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_name(f".{place.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    new.replace(place)


def fresh_folder(folder: Path) -> Path:
    """An empty folder: what counters left behind belongs to processes that are gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder
