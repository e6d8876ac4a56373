"""What a command needs is imported when it is asked for, and nothing beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

from gateway import cli
from gateway.cli import place
from gateway.db import Base

ASKED = """
import sys
from gateway.cli import kopru
kopru(["user", "--help"], standalone_mode=False)
print(*sys.modules)
"""


def test_one_command_imports_no_other() -> None:
    ran = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    imported = set(ran.stdout.splitlines()[-1].split())
    assert "gateway.cli.user" in imported
    assert not {"gateway.sync", "gateway.webhooks", "gateway.features", "gateway.up", "demo"} & imported


def test_every_module_that_gives_a_noun_its_verbs_is_listed() -> None:
    sources = {path.stem: path.read_text() for path in Path(cli.__file__).parent.glob("*.py")}
    with_verbs = {name for name, text in sources.items() if re.search(r"^@(?!click)\w+\.(command|group)\(", text, re.M)}
    assert with_verbs - set(chain(*cli._MODULES.values())) == set()


def test_what_a_command_writes_refers_to_nothing_that_is_not_imported() -> None:
    package = {each.local_table.name: each.class_.__module__.split(".")[1] for each in Base.registry.mappers}
    near = {each.__tablename__ for each in place.REFERRED_TO}
    far = {
        f"{table.name} → {key.column.table.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name not in near and package[key.column.table.name] != package[table.name]
    }
    assert far == set()
