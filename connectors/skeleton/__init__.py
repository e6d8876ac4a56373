"""A connector that keeps the contract at once, to begin one's own with: `write` copies the modules of this package."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from connectors.errors import ConnectorError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST_NAME = 40
_PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "kopru-{name}"
version = "0.1.0"
description = "A connector of Köprü: {title}"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["kopru"]

[project.optional-dependencies]
test = ["pytest>=9"]

[project.entry-points."kopru.connectors"]
{name} = "kopru_{name}:{title}"

[project.entry-points."kopru.connector_tests"]
{name} = "kopru_{name}_test:Test{title}"

[tool.setuptools]
py-modules = ["kopru_{name}", "kopru_{name}_test"]
"""
_README = """\
# kopru-{name}

A connector of Köprü to {title}. `kopru_{name}.py` is the connector, `kopru_{name}_test.py` gives the contract's tests
a pretended server to play with; better is the real one. docs/writing-a-connector.md of Köprü tells the rest.

    kopru connector test {name} --path .     the claims that every connector is held to
    pip install -e .                         then `kopru connector list` shows it
"""


def files(name: str) -> dict[str, str]:
    """The files of a connector of this name, by file name; raises ConnectorError when it is no name for one."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ConnectorError(f"'{name}' is no name for a connector: a-z, 0-9 and _, beginning with a letter.", True)
    title = "".join(part.capitalize() for part in name.split("_"))
    return {
        f"kopru_{name}.py": _renamed("connector.py", name, title),
        f"kopru_{name}_test.py": _renamed("claims.py", name, title),
        "pyproject.toml": _PROJECT.format(name=name, title=title),
        "README.md": _README.format(name=name, title=title),
    }


def write(name: str, folder: Path) -> list[Path]:
    """Write a connector of this name into a folder of its own, which must not be there yet; its files."""
    content = files(name)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise ConnectorError(f"{folder} is there already; nothing was written.", permanent=True) from None
    for file, text in content.items():
        (folder / file).write_text(text, encoding="utf-8")
    return [folder / file for file in content]


def _renamed(module: str, name: str, title: str) -> str:
    source = resources.files(__name__).joinpath(module).read_text(encoding="utf-8")
    own = f"from {__name__}.connector import Ornek\n"
    if own in source:
        last = "from connectors.testing import ConnectorContract\n"
        source = source.replace(own, "").replace(last, f"{last}from kopru_ornek import Ornek\n")
    return re.sub(r"(?<![a-z])ornek\b", name, source.replace("Ornek", title))
