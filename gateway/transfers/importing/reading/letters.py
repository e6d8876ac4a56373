"""Which letters the bytes of a file stand for."""

from __future__ import annotations

import codecs
import re
from typing import IO

from gateway.transfers.importing.reading.rows import UnreadableFile

CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1254": "cp1254", "iso-8859-9": "iso-8859-9"}
_BLOCK = 1 << 20
_TURKISH_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")  # ç ö ü Ç Ö Ü, ğ Ğ ı İ, ş Ş
_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")  # quotes, dashes and the euro there, control characters in ISO-8859-9


def encoding_of(file: IO[bytes]) -> str:
    """The encoding of a file, told by its first bytes or by what it cannot be; raises UnreadableFile for a mixture."""
    head = _from_start(file).read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _is_utf8(file):
        return "utf-8"
    if _holds(file, _TURKISH_UTF8):
        raise UnreadableFile("Part of it is UTF-8 and part is not; save it anew, or name its encoding.")
    return "windows-1254" if _holds(file, _OF_WINDOWS) else "iso-8859-9"


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    _from_start(file)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _holds(file: IO[bytes], wanted: re.Pattern[bytes]) -> bool:
    _from_start(file)
    while block := file.read(_BLOCK):
        if wanted.search(block):
            return True
    return False


def _from_start(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file
