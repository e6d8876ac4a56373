"""`kopru noun verb`: everything the API can do for an operator, and what only an operator may.

A command's modules are imported when it is asked for: each needs a part of the product, and all of it takes seconds.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from gateway.config import BadSetting
from gateway.embedded_process import EmbeddedServerError
from gateway.errors import Problem, Unavailable

# Of each command the module that holds it under its name, and those that give it further verbs.
_MODULES = {
    "audit": ("audit",),
    "claim": ("claim",),
    "client": ("client",),
    "connector": ("connector",),
    "consent": ("consent",),
    "demo": ("demo",),
    "doctor": ("doctor",),
    "identity": ("identity",),
    "keys": ("keys",),
    "migrate": ("migrate",),
    "openapi": ("openapi",),
    "partner": ("partner",),
    "queue": ("queue",),
    "rights": ("rights", "rights_case", "rights_restriction"),
    "serve": ("serve",),
    "status": ("status",),
    "sync": (
        "sync",
        "sync_change",
        "sync_conflict",
        "sync_preview",
        "sync_rejected",
        "sync_repair",
        "sync_schedule",
        "sync_traffic",
    ),
    "transfer": ("transfer",),
    "up": ("up",),
    "user": ("user",),
    "webhook": (
        "webhook",
        "webhook_again",
        "webhook_listen",
        "webhook_messages",
        "webhook_retention",
        "webhook_tail",
        "webhook_type",
        "webhook_wishes",
    ),
    "work": ("work",),
}


class _Late(click.Group):
    """Imports a command's modules when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All there are."""
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with all its verbs; None where there is none of this name."""
        modules = [import_module(f"gateway.cli.{each}") for each in _MODULES.get(cmd_name, ())]
        return getattr(modules[0], cmd_name) if modules else None


@click.group(cls=_Late, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kopru", message="%(version)s")
def kopru() -> None:
    """Köprü, a partner integration gateway for CRM.

    \b
    Begin with:   kopru up --demo     everything on this machine, with a demo world
    Then look:    kopru status        what is running and what waits
                  kopru doctor        what is wrong with a set-up, and what to do
    """


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
        if isinstance(refused, Unavailable):
            click.echo("  What is wrong with the set-up, and what to do: kopru doctor", err=True)
        sys.exit(1)
