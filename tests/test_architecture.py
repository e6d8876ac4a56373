"""The plan of the house, held by tests: which way imports point, who commits, what things are called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ("gateway", "connectors", "schemas", "demo")
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "impl"}
LATE_IMPORTS = {"connectors/__init__.py"}
MOST_LINES = 400
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PARSED = {name_of(path): ast.parse(path.read_text()) for path in source_files(*PRODUCT)}


def definitions_in(tree: ast.AST) -> Iterator[Definition]:
    return (node for node in ast.walk(tree) if isinstance(node, Definition))


def test_there_is_something_to_look_at() -> None:
    assert len(PARSED) > 100
    assert "gateway/db.py" in PARSED


def test_imports_point_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]


def test_every_module_of_the_gateway_has_its_place_in_the_order() -> None:
    """A module that no layer names could import anything."""
    contract = (ROOT / "pyproject.toml").read_text()
    top = {path.stem if path.suffix else path.name for path in (ROOT / "gateway").iterdir() if path.name[0] not in "_."}
    modules = {
        name
        for name in top
        if (ROOT / f"gateway/{name}.py").exists() or (ROOT / f"gateway/{name}/__init__.py").exists()
    }
    assert [name for name in sorted(modules) if not re.search(rf"gateway\.{name}\b", contract)] == []


def commits(node: ast.AST) -> bool:
    """Whether this asks the database to commit: a call of that name, or the statement itself."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        said = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        return re.match(r"\s*COMMIT\b", said) is not None
    return False


def test_one_place_commits() -> None:
    of_gateway = {name: tree for name, tree in PARSED.items() if name.startswith("gateway/")}
    assert {name for name, tree in of_gateway.items() if any(map(commits, ast.walk(tree)))} == {"gateway/db.py"}


def test_no_import_stands_inside_a_function() -> None:
    late = {
        f"{name}:{node.lineno}"
        for name, tree in PARSED.items()
        if name not in LATE_IMPORTS
        for function in definitions_in(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert late == set()


def test_nothing_has_a_grab_bags_name() -> None:
    files = source_files(*PRODUCT, "tests", "benchmarks")
    named = {name_of(path): set(re.split(r"[_/.]", name_of(path).lower())) for path in files}
    named |= {
        f"{name}:{node.name}": set(re.findall(r"[A-Z]?[a-z]+", node.name.replace("_", " ").lower() + " " + node.name))
        for name, tree in PARSED.items()
        for node in definitions_in(tree)
    }
    assert [name for name, words in named.items() if {word.lower() for word in words} & BANNED] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, tree in PARSED.items() if not ast.get_docstring(tree) and tree.body]
    assert silent == []


def public_definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield f"{prefix}:{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{prefix}:{node.name}")


def needs_no_words(node: Definition) -> bool:
    """Whether its name says it all (a test of a contract), or a base class does (a nested Meta, an override)."""
    marks = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
    return bool(marks & {"override", "overload"}) or node.name == "Meta" or node.name.startswith("test_")


def test_everything_public_says_what_it_does() -> None:
    tests_that_ship = {"connectors/skeleton/claims.py"}  # the claims of a stranger's connector, to be copied
    silent = [
        where
        for name, tree in PARSED.items()
        if name not in tests_that_ship
        for where, node in public_definitions(tree.body, name)
        if not ast.get_docstring(node) and not needs_no_words(node)
    ]
    assert silent == []


def test_no_file_grows_past_its_bound() -> None:
    long = {name: len((ROOT / name).read_text().splitlines()) for name in PARSED}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def test_no_function_grows_past_its_bound() -> None:
    long = {
        f"{name}:{node.name}": (node.end_lineno or 0) - node.lineno
        for name, tree in PARSED.items()
        if "/migrations/versions/" not in name
        for node in definitions_in(tree)
        if not isinstance(node, ast.ClassDef)
    }
    assert {name: lines for name, lines in long.items() if lines > 50} == {}


@pytest.mark.parametrize("folder", ["gateway", "connectors", "schemas"])
def test_product_knows_nothing_of_its_tests_or_its_demo(folder: str) -> None:
    foreign = {
        f"{name}: {module}"
        for name, tree in PARSED.items()
        if name.startswith(f"{folder}/")
        for module in imported_by(tree)
        if module.split(".")[0] in ("tests", "benchmarks", *(("demo",) if folder != "gateway" else ()))
    }
    assert foreign == set()


def imported_by(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def test_row_level_security_is_named_in_every_step_that_makes_a_table() -> None:
    """`test_isolation` proves it on the database; this names the step that forgot."""
    steps = source_files("gateway/migrations/versions")
    assert [
        path.name for path in steps if "CREATE TABLE" in path.read_text() and "protect(" not in path.read_text()
    ] == []
