"""What a partner answered: read in its own charset, unless that is a trap."""

from __future__ import annotations

import pytest

from connectors.errors import ConnectorError
from connectors.wire.answer import Answer


def answer(body: bytes, charset: str) -> Answer:
    return Answer("/x", 200, {"Content-Type": f"application/json; charset={charset}"}, body, str)


@pytest.mark.parametrize("charset", ["punycode", "PunyCode", "idna", "zlib", "no-such"])
def test_a_charset_that_is_none_for_texts_is_refused_before_it_costs_anything(charset: str) -> None:
    with pytest.raises(ConnectorError, match="no JSON"):
        answer(b"[1]-" if "puny" in charset.lower() else b"[1]", charset).json()


def test_a_charset_of_texts_is_believed() -> None:
    assert answer('["Şişli"]'.encode("cp1254"), "windows-1254").json() == ["Şişli"]
