"""XML of strangers, read part by part: no entities, no document types, nothing outside the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Protocol
from xml.parsers import expat

from gateway.transfers.importing.reading.rows import UnreadableFile

_BLOCK = 1 << 16


class Reader(Protocol):
    """Whoever listens; names come without their prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Some letters, in as many pieces as it pleases."""

    def end(self, name: str) -> None:
        """An element ends."""


def read_xml(part: IO[bytes], reader: Reader) -> Iterator[None]:
    """Tell the reader what stands in a part; pauses after each block. Raises UnreadableFile."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: reader.start(_bare(name), attributes)
    parser.EndElementHandler = lambda name: reader.end(_bare(name))
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        while block := part.read(_BLOCK):
            parser.Parse(block, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as wrong:
        raise UnreadableFile(f"Its XML is broken: {wrong}.") from None


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise UnreadableFile("It declares a document type, which no workbook does.")
