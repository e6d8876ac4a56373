"""`kopru connector test`: which claims of the contract a connector keeps, or how a real partner behaves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import orjson

import connectors
from gateway.cli.connector_link import examine
from gateway.cli.output import busy, show_list, with_output

_COLUMNS = ("claim", "result", "times", "why")
_LONGEST_SECONDS = 1800
_OF_THE_INSTALLATION = ("KOPRU_", "DATABASE_URL", "REDIS_URL")
Line = dict[str, Any]


@click.command("test")
@click.argument("name", required=False)
@click.option("--path", type=click.Path(exists=True, path_type=Path), help="Its tests: a file, or the folder of both.")
@click.option("--link", help="Instead: look at the real partner behind this link, reading only.")
@click.option("-v", "--verbose", is_flag=True, help="Show what pytest prints, too.")
@with_output
def test(name: str | None, path: Path | None, link: str | None, verbose: bool, output: str) -> None:
    """Try the connector NAME against every claim that Köprü relies on; exit code 1 when one does not hold.

    Its tests are looked for at --path, in kopru-NAME here, in the installed package, and in Köprü's own source tree.

    \b
    Example:  kopru connector test kartvizit --path kopru-kartvizit
              kopru connector test --link "Eskişehir Oto DMS"
    """
    if (name is None) == (link is None):
        raise click.UsageError("Name a connector, or a --link.")
    results = examine(link) if link else _run(str(name), path, verbose)
    show_list(results, _COLUMNS, output)
    counts = {word: sum(each["result"] == word for each in results) for word in ("held", "failed", "skipped")}
    summary = f"{counts['held']} held, {counts['failed']} failed, {counts['skipped']} do not apply."
    click.echo(summary, err=True)
    sys.exit(1 if counts["failed"] or not counts["held"] else 0)


def _run(name: str, path: Path | None, verbose: bool) -> list[Line]:
    if find_spec("pytest") is None:
        wanted = f"{sys.executable} -m pip install pytest"
        raise click.ClickException(f"The claims are tested with pytest, which is not installed here: {wanted}")
    tests = path or _tests_of(name)
    with tempfile.TemporaryDirectory() as folder, busy(f"Trying {name} …"):
        report = Path(folder, "report")
        printed = _pytest(tests, report)
        lines = [orjson.loads(line) for line in report.read_bytes().splitlines()] if report.exists() else []
    if verbose or not lines:
        click.echo(printed, err=True)
    claims: dict[str, list[Line]] = {}
    for line in lines:
        claims.setdefault(line["claim"], []).append(line)
    return [_claim(*each) for each in claims.items()]


def _tests_of(name: str) -> Path:
    here = Path(f"kopru-{name}")
    found = here if here.is_dir() else connectors.tests_of(name)
    if found is None:
        raise click.ClickException(f"No tests of a connector '{name}' here; say where they are: --path FOLDER")
    return found


def _pytest(tests: Path, report: Path) -> str:
    """Run the tests in a process of their own that knows nothing of this installation; what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(_OF_THE_INSTALLATION)}
    plugin = ("-p", "connectors.contract.report", "--kopru-report", str(report))
    quiet = ("-q", "--tb=short", "-o", "addopts=", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *plugin, *quiet, str(tests)]
    try:
        ran = subprocess.run(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise click.ClickException(f"The claims did not end within {_LONGEST_SECONDS} seconds.") from None
    return ran.stdout.decode(errors="replace")


def _claim(name: str, lines: list[Line]) -> Line:
    """One claim, however often it was tried: it failed if it did once, and held if it did not always not apply."""
    by_outcome = {word: [line for line in lines if line["outcome"] == word] for word in ("failed", "passed", "skipped")}
    result, shown = next((word, found) for word, found in by_outcome.items() if found)
    return {
        "claim": name.removeprefix("test_").replace("_", " "),
        "result": "held" if result == "passed" else result,
        "times": len(shown),
        "why": None if result == "passed" else " · ".join(dict.fromkeys(map(_reason, shown[:3]))),
    }


def _reason(line: Line) -> str:
    tried = f"[{line['tried']}] " if line["tried"] and line["outcome"] == "failed" else ""
    return tried + " ".join(line["why"].split())
