"""Whatever was written down can be read, kept and compared: one odd record must not hold up all that follow."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.identity.profiles import profile_of
from gateway.identity.reading.profile import read_line, write_line
from gateway.identity.weighing.model import default_model
from tests.identity.people import USUAL

LETTERS = st.text(st.sampled_from("abcçğıİişŞÅÄÃ?-./0129 '�şÞ(ß漢\x9f"), max_size=24) | st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12
)
MAYBE = st.none() | LETTERS
ADDRESS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("line1", "line2", "district", "city", "region", "postal_code"), MAYBE)
)
POINT = st.fixed_dictionaries(
    {"kind": st.sampled_from(["email", "phone", "address"]), "value": MAYBE, "address": st.none() | ADDRESS}
)
RECORD = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["person", "organisation"]),
        "given_name": MAYBE,
        "family_name": MAYBE,
        "organisation_name": MAYBE,
        "birth_date": st.none() | st.dates(),
        "tax_id": MAYBE,
        "contact_points": st.lists(POINT, max_size=3),
        "identifiers": st.lists(st.fixed_dictionaries({"system": LETTERS, "value": LETTERS}), max_size=2),
    }
)


@settings(max_examples=300, deadline=None)
@given(RECORD, RECORD)
def test_any_two_records_can_be_read_kept_and_weighed_alike_from_both_sides(one: Any, two: Any) -> None:
    first, second = profile_of(one), profile_of({**two, "kind": one["kind"]})
    assert read_line(write_line(first)) == first
    model = default_model()
    there, back = (model.weigh(*pair, USUAL) for pair in ((first, second), (second, first)))
    assert there.vector == back.vector
    assert abs(there.bits) < 1000
