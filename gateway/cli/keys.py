"""`kopru keys`: the keys that sign our tokens, and those that encrypt our secrets."""

from __future__ import annotations

import click

from gateway.cli.output import busy, show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.oauth import keys as signing
from gateway.oauth.models import SigningKey
from gateway.resealing import reseal

_FIELDS = ("kid", "state", "published_at", "activated_at", "retired_at")


@click.group("keys")
def keys() -> None:
    """Signing keys (published at /oauth/jwks) and the vault's keys (KOPRU_VAULT_KEYS).

    \b
    Example:  kopru keys rotate
    """


@keys.command("list")
@with_output
def list_keys(output: str) -> None:
    """List the signing keys: next is published, active signs, retired only verifies."""
    with writing("keys list") as tx:
        records = [_shown(key) for key in signing.current_keys(tx)]
    show_list(records, _FIELDS, output, "No key yet; kopru migrate makes the first.")


@keys.command("rotate")
@with_output
def rotate_keys(output: str) -> None:
    """Publish the next signing key; upkeep lets it sign 10 minutes later, when everybody has fetched it.

    The key before goes on verifying until its last token has expired. Run it once a year, and at once after a leak.
    """
    with writing("keys rotate") as tx:
        record = _shown(signing.rotate(tx))
    show_one(record, output)


@keys.command("reseal")
@with_output
def reseal_secrets(output: str) -> None:
    """Encrypt every stored secret with the first of KOPRU_VAULT_KEYS, so that older ones can be dropped.

    \b
    Put a new key first:  KOPRU_VAULT_KEYS=k2:…,k1:…   and restart every process
    Then:                 kopru keys reseal
    A minute later drop:  KOPRU_VAULT_KEYS=k2:…
    """
    with writing("keys reseal") as tx, busy("Encrypting again …"):
        counts = reseal(tx)
    show_one(counts, output)


def _shown(key: SigningKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in _FIELDS}
