"""`kopru doctor`: runs the checks and prints what they found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from gateway.cli.output import busy, show_list, with_output
from gateway.cli.place import var_folder
from gateway.config import BadSetting, read_settings
from gateway.doctor.examination import examine
from gateway.doctor.finding import Finding, wrong
from gateway.embedded import EmbeddedServerError
from gateway.installation import complete
from gateway.log import configure_logs


@click.command("doctor")
@with_output
def doctor(output: str) -> None:
    """Look at settings, servers, tables, workers and the public address, and say what to do.

    Exit code 1 when anything is wrong; hints do not count.

    \b
    Example:  kopru doctor -o json
    """
    configure_logs("CRITICAL", as_json=False)
    with busy("Looking …"):
        findings = list(_findings())
    show_list([asdict(finding) for finding in findings], ("check", "state", "says", "advice"), output)
    sys.exit(1 if any(finding.state == "wrong" for finding in findings) else 0)


def _findings() -> Iterator[Finding]:
    try:
        settings = read_settings(complete(os.environ, var_folder()))
    except BadSetting as bad:
        yield wrong("settings", str(bad), "Set it where this program starts; .env.example shows every setting.")
        return
    except EmbeddedServerError as error:
        yield wrong("settings", str(error), "Run kopru up, or set DATABASE_URL and REDIS_URL.")
        return
    yield from examine(settings)
