"""A partner that answers nonsense to every question: the run waits or fails with a word, and its place stays."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from werkzeug.wrappers import Response

from gateway.sync import jobs
from tests.sync.conftest import Dealer, make_due, rows, run_of

_CURSORS = "SELECT stream, cursor FROM sync_cursors ORDER BY stream"
_RECORDS = "SELECT id, version, xmin::text FROM customers ORDER BY id"
_GZIP = {"Content-Encoding": "gzip"}
_PAGE = {"items": [{"external_id": "C-00001", "kind": "person", "given_name": "Sahte"}], "next": None}


def _json(body: Any, **headers: str) -> Response:
    whole = body if isinstance(body, bytes) else json.dumps(body)
    return Response(whole, 200, headers, content_type="application/json")


GARBAGE = {
    "html": lambda request: Response("<html>Bakımdayız</html>", content_type="text/html"),
    "html called json": lambda request: _json(b"<html>Bak\xfdmday\xfdz</html>"),
    "nothing": lambda request: _json(b""),
    "cut off": lambda request: _json(json.dumps(_PAGE).encode()[:-9]),
    "too deep": lambda request: _json(b'{"items": ' + b"[" * 100_000),
    "of no charset": lambda request: Response(json.dumps(_PAGE), content_type="application/json; charset=klingon"),
    "of another charset": lambda request: Response(
        json.dumps(_PAGE).encode("utf-16")[:-1], content_type="application/json; charset=utf-16"
    ),
    "no gzip": lambda request: _json(json.dumps(_PAGE).encode(), **_GZIP),
    "half a gzip": lambda request: _json(gzip.compress(json.dumps(_PAGE).encode())[:60], **_GZIP),
    "a list of no records": lambda request: _json({"items": "çok"}),
    "an error with 200": lambda request: _json({"error": "bakım"}),
    "a null": lambda request: _json(None),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_moves_nothing_and_costs_nothing_once_it_is_over(dealer: Dealer, what: str) -> None:
    dealer.add_customer("Şule")
    dealer.sync()
    before = rows(_CURSORS), rows(_RECORDS)
    dealer.add_customer("İpek")
    dealer.moody.before = GARBAGE[what]
    run = dealer.sync()
    assert run.status in ("queued", "failed") and run.error
    assert (rows(_CURSORS), rows(_RECORDS)) == before
    dealer.moody.before = lambda request: None
    if run.status == "queued":
        make_due(run.id)
        jobs.run(str(run.id))
        assert (run_of(run.id).status, rows("SELECT count(*) FROM sync_references")) == ("succeeded", [(2,)])


def test_pages_that_never_end_end_the_run(dealer: Dealer) -> None:
    dealer.moody.before = lambda request: _json({**_PAGE, "next": "the same again"})
    run = dealer.sync()
    assert run.status in ("queued", "failed") and run.error
    assert (len(dealer.system.requests), run.streams["customers"]["created"]) == (0, 1)
    dealer.moody.before = lambda request: None
    if run.status == "queued":
        make_due(run.id)
        jobs.run(str(run.id))
        assert run_of(run.id).status == "succeeded"


def test_one_poisoned_record_of_a_thousand_is_kept_and_the_others_arrive(dealer: Dealer) -> None:
    many = [{"kind": "person", "given_name": f"Çağla {number}"} for number in range(999)]
    dealer.system.page_size = 200
    dealer.system.add("customers", [*many[:500], {"kind": "robot", "given_name": "Zehir"}, *many[500:]])
    counts = dealer.sync().streams["customers"]
    assert (counts["created"], counts["rejected"]) == (999, 1)
    assert rows("SELECT reasons -> 0 ->> 'pointer', raw::jsonb ->> 'given_name' FROM sync_rejected") == [
        ("/kind", "Zehir")
    ]
