"""Values of declared attributes: whether one is right, and what one means that came as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from gateway.customers.attributes.patterns import compiled
from gateway.turkish import fold

_NUMBER = re.compile(r"[+-]?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,3})?")
_TRUE, _FALSE = ("true", "evet", "yes", "1", "e", "y"), ("false", "hayir", "no", "0", "h", "n")


class Definition(NamedTuple):
    """What a value has to be, on which channels outside it is seen and written, and what it is good for.

    Where it is by agreement, partners see it whose agreement grants `attributes.<name>`. It is `is_found` once all that
    customers hold of it can be searched.
    """

    name: str
    type: str
    choices: list[str] | None = None
    minimum: float | None = None
    maximum: float | None = None
    is_required: bool = False
    pattern: str | None = None
    visible_on: Sequence[str] = ("extranet", "internet")
    writable_on: Sequence[str] = ("extranet",)
    is_by_agreement: bool = False
    is_searchable: bool = False
    is_found: bool = False

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value, as a sentence."""
        is_right, wanted = _TYPES[self.type]
        if not is_right(value):
            return f"{wanted} is wanted."
        if self.choices is not None and not {*(value if isinstance(value, list) else [value])} <= {*self.choices}:
            return f"One of {', '.join(self.choices)} is wanted."[:500]
        size = value if self.type in ("integer", "number") else len(value) if isinstance(value, str | list) else None
        if size is not None and self.minimum is not None and size < self.minimum:
            return f"At least {self.minimum:g} is wanted."
        if size is not None and self.maximum is not None and size > self.maximum:
            return f"At most {self.maximum:g} is wanted."
        if self.pattern is not None and not all(map(compiled(self.pattern).fits, _texts(value))):
            return f"{self.pattern} is wanted."
        return None

    def key_of(self, text: str) -> str:
        """A value that somebody asks for, as it stands among the keys."""
        return _plain(text) if self.type == "number" else text

    def read(self, text: str) -> Any:
        """What a text means as a value, where it means one; else the text itself, for `fault` to refuse."""
        try:
            return _READERS.get(self.type, str)(text)
        except ValueError:
            return text


Definitions = Mapping[str, Definition]


def read(definitions: Definitions, said: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes in which texts are what they mean."""
    return {
        name: definitions[name].read(value) if isinstance(value, str) and name in definitions else value
        for name, value in said.items()
    }


def _plain(text: str) -> str:
    """A number without what does not change it: 12.50 is 12.5, 1e3 is 1000; what is no number stays as it is."""
    if _NUMBER.fullmatch(text) is None:
        return text
    digits = format(Decimal(text), "f")
    plain = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if plain == "-0" else plain


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "A text"),
    "enum": (lambda value: isinstance(value, str), "A text"),
    "integer": (lambda value: isinstance(value, int) and not isinstance(value, bool), "A whole number"),
    "number": (_is_number, "A number"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "date": (_is_day, "A day such as 2026-05-17"),
    "list": (lambda value: isinstance(value, list) and _are_texts(value), "A list of texts"),
}


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(each, str) for each in values)


def _boolean(text: str) -> bool:
    word = fold(text.strip())
    if word not in (*_TRUE, *_FALSE):
        raise ValueError(text)
    return word in _TRUE


def _number(text: str) -> float:
    """As it is written here, or in Turkey (1.250,50)."""
    return float(text.replace(".", "").replace(",", ".") if "," in text else text)


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": _number,
    "boolean": _boolean,
    "list": lambda text: [each.strip() for each in text.split(";") if each.strip()],
}
