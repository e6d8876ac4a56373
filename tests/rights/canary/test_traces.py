"""The search for a person finds what is there to be found: else that it finds nothing would say nothing."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from flask import Flask

from gateway import queue
from gateway.config import Settings
from gateway.db import transaction
from tests.rights.canary.traces import in_database, in_files, in_redis
from tests.sync.conftest import SYSTEM

WORD = "Işıltıkanat"
HIDDEN = {
    "plain": f"ad: {WORD}.",
    "folded": "isiltikanat",
    "escaped": '{"ad": "I\\u015f\\u0131lt\\u0131kanat"}',
    "backwards": WORD[::-1],
    "hex": f"x{WORD.encode().hex()}",
    "base64": base64.b64encode(f"ab{WORD} ve ".encode()).decode(),
}


@pytest.mark.parametrize("form", HIDDEN)
def test_word_is_found_in_a_file(tmp_path: Path, form: str) -> None:
    (tmp_path / "log").write_text(HIDDEN[form])
    assert in_files(tmp_path, [WORD]) == {(str(tmp_path / "log"), WORD)}


@pytest.mark.parametrize("form", HIDDEN)
def test_word_is_found_in_redis(app: Flask, form: str) -> None:
    queue.redis().hset("iş", mapping={"ne": HIDDEN[form]})
    found = in_redis([WORD])
    queue.redis().delete("iş")
    assert {word for _, word in found} == {WORD}


@pytest.mark.parametrize("form", HIDDEN)
def test_word_is_found_in_a_packed_column(app: Flask, settings: Settings, form: str) -> None:
    packed = zlib.compress(HIDDEN[form].encode())
    with transaction(SYSTEM) as tx:
        kept = "INSERT INTO idempotency_keys VALUES ('biri', 'x', %s, 200, '{}', '')"
        tx.raw.execute(kept, [packed])
    assert in_database(settings.database_url, [WORD]) == {("idempotency_keys", WORD)}
