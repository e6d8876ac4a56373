"""Which letters the bytes of a file stand for, without ever guessing silently.

What "auto" can honestly promise: a byte order mark is believed; text that is valid UTF-8 throughout is UTF-8; text with
no valid UTF-8 sequence at all is Windows-1254, which holds every letter of ISO-8859-9 at the same byte. A file that is
partly one and partly the other is refused unless UTF-8 plainly prevails, and then its other rows are.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from connectors.errors import ConnectorError

ENCODINGS = ("auto", "utf-8", "windows-1254", "iso-8859-9", "utf-16")
MARK = "\udcff"  # stands in for bytes that do not decode; no text holds it
ERRORS = "kopru.mark"
_BLOCK = 1 << 20
_C1 = re.compile("[\x80-\x9f]")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return MARK, error.end


codecs.register_error(ERRORS, _mark)


class Scan:
    """Counts, block by block, what speaks for UTF-8 and what against it."""

    def __init__(self) -> None:
        self.valid = 0
        self.invalid = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(ERRORS)

    def feed(self, block: bytes, is_last: bool = False) -> None:
        """Look at the next block."""
        if block.isascii() and not self._decoder.getstate()[0] and not is_last:
            return
        text = self._decoder.decode(block, is_last)
        marks = text.count(MARK)
        self.invalid += marks
        self.valid += len(text) - marks - len(text.encode("ascii", "ignore"))


def detect(name: str, file: BinaryIO) -> str:
    """The encoding of a file; a permanent ConnectorError when it is a mixture."""
    file.seek(0)
    if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    file.seek(0)
    scan = Scan()
    while block := file.read(_BLOCK):
        scan.feed(block)
    scan.feed(b"", is_last=True)
    if scan.valid > scan.invalid or not scan.invalid:
        return "utf-8"
    if not scan.valid:
        return "windows-1254"
    raise ConnectorError(f"{name} is neither UTF-8 nor plainly Windows-1254: name its encoding.", permanent=True)


def readable(file: BinaryIO, encoding: str, spool: BinaryIO) -> tuple[BinaryIO, str, int]:
    """The file in an encoding whose lines end in the byte 0A, the codec to read it with, and where its text begins."""
    file.seek(0)
    if encoding == "utf-16":
        _transcode(file, spool)
        return spool, "utf-8", 0
    begins = 3 if encoding == "utf-8" and file.read(3) == codecs.BOM_UTF8 else 0
    return file, {"windows-1254": "cp1254"}.get(encoding, encoding), begins


def _transcode(file: BinaryIO, spool: BinaryIO) -> None:
    first = file.read(2)
    if first not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        file.seek(0)
    codec = "utf-16-be" if first == codecs.BOM_UTF16_BE else "utf-16-le"
    decoder = codecs.getincrementaldecoder(codec)(ERRORS)
    while block := file.read(_BLOCK):
        spool.write(decoder.decode(block).encode("utf-8", "surrogatepass"))
    spool.write(decoder.decode(b"", True).encode("utf-8", "surrogatepass"))


def fault(text: str, codec: str) -> str | None:
    """What is wrong with decoded text, if anything."""
    if text.isascii():
        return None
    if MARK in text:
        return f"holds bytes that are not {codec}"
    if codec == "iso-8859-9" and _C1.search(text):
        return "holds bytes from 80 to 9F, which ISO-8859-9 has no letters for: it may be Windows-1254"
    return None
