"""`kopru noun verb`: everything the API can do for an operator, and what only an operator may."""

from __future__ import annotations

import sys

import click

from gateway.cli import (
    running,
    sync_conflict,
    sync_preview,
    sync_rejected,
    sync_repair,
    sync_schedule,
    sync_traffic,
    webhook_again,
    webhook_listen,
    webhook_messages,
    webhook_retention,
    webhook_tail,
    webhook_type,
    webhook_wishes,
)
from gateway.cli.audit import audit
from gateway.cli.client import client
from gateway.cli.connector import connector
from gateway.cli.demo import demo
from gateway.cli.doctor import doctor
from gateway.cli.identity import identity
from gateway.cli.keys import keys
from gateway.cli.openapi import openapi
from gateway.cli.partner import partner
from gateway.cli.rights import rights
from gateway.cli.status import status
from gateway.cli.sync import sync
from gateway.cli.user import user
from gateway.cli.webhook import webhook
from gateway.config import BadSetting
from gateway.embedded import EmbeddedServerError
from gateway.errors import Problem


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kopru", message="%(version)s")
def kopru() -> None:
    """Köprü, a partner integration gateway for CRM.

    \b
    Begin with:   kopru up --demo     everything on this machine, with a demo world
    Then look:    kopru status        what is running and what waits
                  kopru doctor        what is wrong with a set-up, and what to do
    """


# Importing these gives `kopru sync` and `kopru webhook` their further verbs.
_OF_SYNC = (sync_conflict, sync_preview, sync_rejected, sync_repair, sync_schedule, sync_traffic)
_OF_WEBHOOK = (
    webhook_again,
    webhook_listen,
    webhook_messages,
    webhook_retention,
    webhook_tail,
    webhook_type,
    webhook_wishes,
)
_NOUNS = (audit, client, connector, demo, doctor, identity, keys, openapi, partner, rights, status, sync, user, webhook)
for command in (*running.COMMANDS, *_NOUNS):
    kopru.add_command(command)


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 wrong set-up."""
    try:
        kopru()
    except (BadSetting, EmbeddedServerError) as wrong:
        click.echo(f"kopru: {wrong}", err=True)
        sys.exit(3)
    except Problem as refused:
        click.echo(f"kopru: {refused.detail or refused.title}", err=True)
        for error in refused.errors:
            click.echo(f"  {error.get('pointer') or error.get('parameter')}: {error['message']}", err=True)
        sys.exit(1)
