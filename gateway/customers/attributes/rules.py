"""The declarations as rules: which attributes a channel and an agreement see and write, and what is right to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gateway.channels import Channel
from gateway.customers.attributes.values import Definition, Definitions
from gateway.errors import FieldError, Invalid

_INSIDE = (Channel.INTRANET, Channel.SYSTEM)
_REQUIRED, _UNKNOWN = "This is required.", "Unknown field."
_CODES = {_REQUIRED: "required", _UNKNOWN: "unknown_field"}


class Side(NamedTuple):
    """Who looks or writes: a channel, and what an agreement grants there."""

    channel: Channel
    granted: frozenset[str] = frozenset()


class Rules:
    """All declarations of one moment; `is_closed` where nothing else may be written."""

    def __init__(self, definitions: Definitions, *, is_closed: bool = False) -> None:
        self.definitions = definitions
        self.is_closed = is_closed
        self._hidden: dict[Side, frozenset[str]] = {}

    @property
    def is_free(self) -> bool:
        """Whether anything may be written by whoever may write at all."""
        return not self.definitions and not self.is_closed

    def hidden_from(self, side: Side) -> frozenset[str]:
        """The attributes that are not shown there."""
        if not self.definitions or side.channel in _INSIDE:
            return frozenset()
        if (known := self._hidden.get(side)) is None:
            shown = (name for name, each in self.definitions.items() if not _is_seen(each, side))
            known = self._hidden[side] = frozenset(shown)
        return known

    def may_write(self, side: Side, name: str) -> bool:
        """Whether there is such an attribute for whoever writes there; the internet writes what is declared alone."""
        if (declared := self.definitions.get(name)) is None:
            return side.channel is not Channel.INTERNET and not self.is_closed
        if side.channel in _INSIDE:
            return True
        return _is_seen(declared, side) and side.channel.value in declared.writable_on

    def check(self, side: Side, said: Mapping[str, Any], *, is_new: bool) -> None:
        """Refuse what may not be written there or is not as declared, and a new record without what is required.

        None takes an attribute away. Raises Invalid.
        """
        if errors := self._errors(side, said, is_new):
            raise Invalid(errors=errors)

    def is_right(self, side: Side, said: Mapping[str, Any]) -> bool:
        """Whether a new record may be written with these attributes."""
        return not self._errors(side, said, is_new=True)

    def cleared(self, side: Side, held: Iterable[str]) -> dict[str, None]:
        """What it means to empty the attributes of a record: those go that may be written there."""
        return {name: None for name in held if side.channel in _INSIDE or self.may_write(side, name)}

    def admitted(self, side: Side, said: Mapping[str, Any]) -> dict[str, Any]:
        """What a partner's system says, without what it may not write: it sends more than was agreed."""
        return {
            name: value for name, value in said.items() if name not in self.definitions or self.may_write(side, name)
        }

    def findable(self, side: Side) -> list[str]:
        """The attributes by which customers can be listed there."""
        hidden = self.hidden_from(side)
        return [name for name, each in self.definitions.items() if each.is_found and name not in hidden]

    def keys_of(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Values that customers are asked for by, as they stand among the keys."""
        declared = self.definitions
        return {name: declared[name].key_of(text) if name in declared else text for name, text in asked.items()}

    def _errors(self, side: Side, said: Mapping[str, Any], is_new: bool) -> list[FieldError]:
        errors = [_error(name, fault) for name, value in said.items() if (fault := self._fault(side, name, value))]
        if is_new:
            errors += [_error(name, _REQUIRED) for name in self._missing(side, said)]
        return errors

    def _fault(self, side: Side, name: str, value: Any) -> str | None:
        if not self.may_write(side, name):
            is_gone = value is None and side.channel in _INSIDE  # what was written before may always go
            return None if is_gone else _UNKNOWN
        declared = self.definitions.get(name)
        if declared is None:
            return None
        if value is None:
            return _REQUIRED if declared.is_required else None
        return declared.fault(value)

    def _missing(self, side: Side, said: Mapping[str, Any]) -> list[str]:
        """What is required of whoever may write it."""
        required = (name for name, each in self.definitions.items() if each.is_required and name not in said)
        return [name for name in required if self.may_write(side, name)]


def grant_of(name: str) -> str:
    """What an agreement has to grant for an attribute that is by agreement."""
    return f"attributes.{name}"


def _is_seen(declared: Definition, side: Side) -> bool:
    is_granted = not declared.is_by_agreement or grant_of(declared.name) in side.granted
    return side.channel.value in declared.visible_on and (side.channel is not Channel.EXTRANET or is_granted)


def _error(name: str, message: str) -> FieldError:
    pointer = f"/attributes/{name.replace('~', '~0').replace('/', '~1')}"
    return {"pointer": pointer, "code": _CODES.get(message, "invalid"), "message": message}
