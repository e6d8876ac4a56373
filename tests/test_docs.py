"""The documents and the code name the same things, and every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import click
import pytest
import yaml  # type: ignore[import-untyped]

from gateway.cli import kopru
from gateway.config import Settings
from gateway.errors import Problem
from gateway.oauth.scopes import SCOPES
from schemas.event_catalogue import EVENT_TYPES

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
SETTINGS = {field.metadata["name"] for field in fields(Settings)}
OF_THE_PROGRAM = {"KOPRU_VAR", "KOPRU_DB_PASSWORD"}
_SETTING = re.compile(r"\b(?:DATABASE_URL|REDIS_URL|KOPRU_[A-Z_]+[A-Z])\b")
_COMMAND = re.compile(r"(?<![\w/])kopru ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)")


def read(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text()


def first_cells(document: str, heading: str) -> str:
    """The first column of the table below a heading."""
    section = document.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line.split("|")[1] for line in section.splitlines() if line.startswith("|"))


def quoted(text: str) -> set[str]:
    """Whatever stands in backticks."""
    return set(re.findall(r"`([^`]+)`", text))


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    """`noun verb` of every command there is."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def problems(of: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every refusal there is."""
    for problem in of.__subclasses__():
        if problem.__module__.startswith("gateway."):
            yield problem
        yield from problems(problem)


def test_settings_table_lists_every_setting() -> None:
    assert quoted(first_cells(read("docs/operating.md"), "Settings")) == SETTINGS


def test_settings_table_gives_the_defaults() -> None:
    shown = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", read("docs/operating.md"), re.MULTILINE))
    plain = {item.metadata["name"]: item.default for item in fields(Settings) if isinstance(item.default, int | str)}
    assert {name: shown.get(name) for name in plain} == {name: str(value) for name, value in plain.items()}


def test_example_environment_lists_every_setting_once() -> None:
    lines = re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    assert sorted(lines) == sorted(SETTINGS)


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "compose.yaml"], ids=lambda path: path.name)
def test_no_setting_is_named_that_does_not_exist(document: Path) -> None:
    assert set(_SETTING.findall(document.read_text())) <= SETTINGS | OF_THE_PROGRAM


def test_api_lists_every_scope() -> None:
    assert quoted(first_cells(read("docs/api.md"), "Scopes")) == set(SCOPES)


def test_api_lists_every_event() -> None:
    assert quoted(first_cells(read("docs/api.md"), "Events and webhooks")) == set(EVENT_TYPES)


def test_api_lists_every_error_code_under_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.+) \|$", read("docs/api.md"), re.MULTILINE)
    listed = {(int(status), code) for status, codes in rows for code in quoted(codes)}
    assert listed == {(problem.status, problem.code) for problem in problems()}


def test_operating_lists_every_command() -> None:
    listed = {name.removeprefix("kopru ") for name in quoted(first_cells(read("docs/operating.md"), "Commands"))}
    assert listed == set(commands(kopru))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_command_is_named_that_does_not_exist(document: Path) -> None:
    known = set(commands(kopru))
    named = {command for code in in_code(document.read_text()) for command in _COMMAND.findall(code)}
    # Behind a command without verbs stands an argument, such as in `kopru work sync`.
    assert {name for name in named if name not in known and name.partition(" ")[0] not in known} == set()


def in_code(document: str) -> list[str]:
    """What stands in backticks or in fenced blocks."""
    return re.findall(r"```.*?```|`[^`\n]+`", document, re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert {
        target for code in in_code(document.read_text()) for target in re.findall(r"\bmake ([a-z]+)", code)
    } <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", ["docs/security.md", "docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_named_exists(document: str) -> None:
    named = {name for name in quoted(read(document)) if re.fullmatch(r"[\w./-]+(\.py|\.yaml|\.toml|/)", name)}
    assert {name for name in named if not any((ROOT / base / name).exists() for base in ("", "gateway"))} == set()


def test_compose_starts_commands_that_exist() -> None:
    services = yaml.safe_load(read("compose.yaml"))["services"].values()
    started = {service["command"][0] for service in services if service.get("image") == "kopru"}
    assert started == {"migrate", "serve", "work"}
    assert started <= set(commands(kopru))


def test_compose_gives_every_setting_that_has_no_default() -> None:
    given = yaml.safe_load(read("compose.yaml"))["services"]["web"]["environment"]
    assert {name for name in SETTINGS if name in given} >= {
        item.metadata["name"] for item in fields(Settings) if item.default is MISSING
    }
