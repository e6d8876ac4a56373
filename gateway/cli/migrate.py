"""`kopru migrate`: the database brought up to date."""

from __future__ import annotations

import sys

import click

from gateway import migrations
from gateway.channels import Caller
from gateway.cli.place import opened, present_settings
from gateway.db import transaction
from gateway.oauth import keys


@click.command("migrate")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if the database is not up to date.")
def migrate(check: bool) -> None:
    """Bring the database up to date. Safe to run on several machines at once."""
    settings = present_settings()
    before, latest = migrations.present_revision(settings.database_url), migrations.latest_revision()
    if check:
        click.echo(f"at {before or 'nothing'}, newest is {latest}")
        sys.exit(0 if before == latest else 1)
    migrations.upgrade(settings.database_url)
    with opened(), transaction(Caller.system("migrate")) as tx:
        keys.ensure_first_key(tx)
    click.echo(f"{before or 'nothing'} → {latest}")
