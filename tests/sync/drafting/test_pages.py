"""A page prepared by another process is the page as it would have been prepared here."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sync import incoming
from gateway.sync.drafting.pages import MOST_BYTES, answer, ask, placed
from gateway.sync.incoming import Incoming, Outlook
from gateway.sync.streams import STREAMS
from tests.schemas.test_intake import FULL, VALUES

LINK = UUID(int=7)
_OURS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|20[0-9-]{8}T[0-9:.]+Z")
RECORDS = st.dictionaries(st.sampled_from([*FULL, "reference"]), VALUES).map(lambda other: FULL | other) | VALUES


def prepared_beside(records: list[Any]) -> list[Any]:
    """The page, there and back."""
    question = ask("customers", LINK, records)
    assert question is not None
    return placed(answer(question), records)


def told(page: list[Any]) -> list[Any]:
    """What a prepared page says, but for ids that are made, and moments of which one may be the present."""
    return [
        repr(each)
        if type(each) is not Incoming
        else (
            repr(each.raw), each.external_id, each.said, each.content_hash, each.version,
            each.draft and [_OURS.sub(b"", line) for line in each.draft],
        )
        for each in page
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(records=st.lists(RECORDS, max_size=4))
def test_page_is_prepared_as_it_would_be_here(records: list[Any]) -> None:
    here = incoming.prepare(STREAMS["customers"], LINK, records, Outlook())
    assert told(prepared_beside(records)) == told(here)


def test_records_are_those_of_the_page_itself() -> None:
    records = [FULL | {"external_id": "1"}, "no record", FULL | {"external_id": "2"}, FULL | {"external_id": "1"}]
    page = prepared_beside(records)
    assert [each.raw if type(each) is Incoming else each for each in page] == [records[3], records[2], records[1]]
    assert page[0].raw is records[3]


def test_sound_record_without_our_reference_is_drafted() -> None:
    odd = [{"reference": "R-1"}, {"kind": "robot"}, {"tax_id": "1111111111"}]
    page = prepared_beside([FULL, *(FULL | {"external_id": str(at)} | each for at, each in enumerate(odd))])
    assert [each.draft is not None for each in page] == [True, False, False, False]


def test_page_that_is_not_plain_or_too_large_is_not_sent() -> None:
    assert ask("customers", LINK, [{"external_id": object()}]) is None
    assert ask("customers", LINK, [{"external_id": "x" * MOST_BYTES}]) is None
