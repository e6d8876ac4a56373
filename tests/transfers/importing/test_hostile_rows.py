"""Whatever stands in a row, it becomes a customer or a refusal with a reason, and never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.customers import shape
from gateway.errors import Invalid
from gateway.transfers.importing.keys import keys_of
from gateway.transfers.importing.mapping import Mapped
from gateway.transfers.importing.plan import _loaded
from gateway.transfers.importing.targets import is_target

TARGETS = (
    "given_name", "full_name", "kind", "birth_date", "tax_id", "status", "contact_points", "email", "phone", "phone",
    "address.city", "identifiers", "identifier.erp", "attributes", "attribute.renk",
)  # fmt: skip
COLUMNS = [f"{number} {target}" for number, target in enumerate(TARGETS)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
POINTS = st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["phone", "x", None])}, optional={"value": JSON}))
CELLS = st.sampled_from(["[", "{}", '["a"]', '{"a": 1}', "'+1", "01.02.1990"]) | POINTS | JSON


@given(st.permutations(range(len(TARGETS))), st.lists(CELLS, min_size=len(TARGETS), max_size=len(TARGETS)))
def test_row_of_anything_is_taken_or_refused(order: list[int], cells: list[Any]) -> None:
    mapped = Mapped(COLUMNS, {COLUMNS[place]: TARGETS[target] for place, target in enumerate(order)})
    row = mapped.row(cells)
    try:
        stored = shape.normalise(_loaded(row.data))
        for match_on in ("email", "phone", "tax_id", "identifier.erp"):
            try:
                keys_of(stored, match_on)
            except Invalid as missing:
                assert missing.errors[0]["code"] == "no_key"
    except Invalid as refused:
        assert all(mapped.column_of(row, error["pointer"]) in ("", *COLUMNS) for error in refused.errors)


@pytest.mark.parametrize("target", ["", "address", "address.planet", "identifier.", "email.x", "version", "id", "x.y"])
def test_what_is_no_target_is_none(target: str) -> None:
    assert not is_target(target, None)
