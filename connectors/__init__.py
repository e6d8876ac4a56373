"""The registry: every file in this folder is a connector, and so is every entry point in the group "kopru.connectors".

Modules are imported late and one by one, so that one broken plugin shows as unavailable and stops nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from importlib.util import find_spec
from inspect import isabstract
from pathlib import Path
from typing import Any

from marshmallow import Schema

from connectors.base import CAN, STREAMS, Connector
from connectors.errors import ConnectorError
from connectors.wire.json_schema import describe

GROUP = "kopru.connectors"
TESTS = "kopru.connector_tests"
_CONTRACT = {"base", "errors", "http", "testing"}


@dataclass(frozen=True, slots=True)
class Description:
    """What the console and the CLI show of a connector; `error` says why it is unavailable.

    `settings_schema` is the JSON Schema (2020-12) of its settings.
    """

    name: str
    title: str
    streams: tuple[str, ...] = ()
    can: frozenset[str] = frozenset()
    error: str | None = None
    settings_schema: dict[str, Any] | None = None


def available() -> list[Description]:
    """Every connector found, by name; those that cannot be used say why."""
    found: dict[str, Description] = {}
    for name, load in _candidates():
        found.setdefault(name, _describe(name, load))
    return [found[name] for name in sorted(found)]


def get(name: str) -> type[Connector]:
    """The connector of this name, or a permanent ConnectorError that says what there is."""
    for candidate, load in _candidates():
        if candidate == name:
            loaded, error = _load(name, load)
            if loaded is None:
                raise ConnectorError(f"The connector '{name}' is unavailable: {error}", permanent=True)
            return loaded
    known = ", ".join(sorted({candidate for candidate, _ in _candidates()}))
    raise ConnectorError(f"There is no connector '{name}'; there are: {known}.", permanent=True)


def tests_of(name: str) -> Path | None:
    """The file with a connector's tests: named by its package in the group TESTS, or in our source tree."""
    for point in entry_points(group=TESTS):
        if point.name == name and (spec := find_spec(point.module)) is not None and spec.origin:
            return Path(spec.origin)
    own = Path(__file__).parents[1] / "tests" / "connectors" / f"test_{name}.py"
    return own if own.is_file() else None


def _candidates() -> Iterator[tuple[str, Callable[[], Any]]]:
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg and module.name not in _CONTRACT:
            yield module.name, partial(_from_file, module.name)
    for point in entry_points(group=GROUP):
        yield point.name, point.load


def _from_file(name: str) -> Any:
    module = importlib.import_module(f"{__name__}.{name}")
    own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    classes = [each for each in own if issubclass(each, Connector)]
    if len(classes) != 1:
        raise TypeError(f"{module.__name__} must hold exactly one connector, and holds {len(classes)}.")
    return classes[0]


def _describe(name: str, load: Callable[[], Any]) -> Description:
    loaded, error = _load(name, load)
    if loaded is None:
        return Description(name, name, error=error)
    try:
        settings_schema = describe(loaded.Settings)
    except Exception as problem:  # a stranger's schema may fail in any way, too
        return Description(name, loaded.title, error=f"{type(problem).__name__}: {problem}")
    return Description(name, loaded.title, tuple(loaded.streams), loaded.can, settings_schema=settings_schema)


def _load(name: str, load: Callable[[], Any]) -> tuple[type[Connector] | None, str]:
    try:
        return _sound(name, load()), ""
    except (Exception, SystemExit) as error:  # a stranger's module may fail in any way
        return None, f"{type(error).__name__}: {error}"


def _sound(name: str, loaded: Any) -> type[Connector]:
    if not (isinstance(loaded, type) and issubclass(loaded, Connector)):
        raise TypeError("it is no subclass of connectors.base.Connector.")
    if isabstract(loaded) or not isinstance(getattr(loaded, "title", None), str):
        raise TypeError("it lacks a title, check() or pull().")
    if getattr(loaded, "name", None) != name:
        raise TypeError(f"its name must be '{name}'.")
    if not set(loaded.streams) <= set(STREAMS) or not set(loaded.can) <= CAN:
        raise TypeError("it names streams or abilities that do not exist.")
    if not (isinstance(loaded.Settings, type) and issubclass(loaded.Settings, Schema)):
        raise TypeError("its Settings are no marshmallow schema.")
    return loaded
