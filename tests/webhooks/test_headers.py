"""Headers of an endpoint's own: whatever is asked for, what is kept can be sent as one header and as nothing else."""

import re
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Invalid
from gateway.webhooks.endpoints.headers import MOST_HEADERS, merged

_NAMES = st.text(max_size=20) | st.from_regex(r"[A-Za-z-]{1,12}", fullmatch=True)
_VALUES = st.text(max_size=40) | st.from_regex(r"[ -~\r\n]{0,12}", fullmatch=True) | st.none() | st.integers()
_LINE = re.compile(r"[^\s:]+: [!-~]([ -~]*[!-~])?")


@given(st.dictionaries(_NAMES, _VALUES, max_size=25))
def test_what_is_kept_is_one_line_each_and_never_a_header_of_ours(given: dict[str, object]) -> None:
    with suppress(Invalid):
        kept = merged({}, given)
        assert len(kept) <= MOST_HEADERS
        assert all(_LINE.fullmatch(f"{name}: {value}") for name, value in kept.items())
        assert not {"host", "content-length", "transfer-encoding", "webhook-id"} & {name.lower() for name in kept}


@given(st.dictionaries(st.from_regex(r"X-[A-Za-z]{1,3}", fullmatch=True), st.just("1") | st.none(), max_size=9))
def test_merging_nothing_keeps_all_and_null_removes_all(given: dict[str, object]) -> None:
    with suppress(Invalid):
        kept = merged({}, given)
        assert merged(kept, {}) == kept
        assert merged(kept, None) == merged(kept, dict.fromkeys(map(str.upper, kept))) == {}
