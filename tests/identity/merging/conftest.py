"""Işıl, whom two dealers know: each her own way, until somebody says that she is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Api, Cast
from tests.rights.erasure.conftest import erasure_log

__all__ = ["erasure_log"]

ISIL: dict[str, Any] = {
    "kind": "person",
    "given_name": "Işıl",
    "family_name": "Öğütçü",
    "birth_date": "1987-04-23",
    "contact_points": [{"kind": "email", "value": "isil@example.com", "primary": True}],
    "identifiers": [{"system": "dms", "value": "E-1"}],
    "attributes": {"renk": "kırmızı"},
}
"""Işıl as Eskişehir knows her."""
ISIL_AGAIN: dict[str, Any] = {
    "kind": "person",
    "given_name": "Işıl",
    "family_name": "Şahin",
    "contact_points": [{"kind": "phone", "value": "+905321112233", "primary": True}],
    "identifiers": [{"system": "dms", "value": "A-1"}],
    "attributes": {"gövde": "sedan"},
}
"""And as Ankara knows her, by her husband's name."""
CALL = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared"}


@dataclass
class Two:
    """Two records of Işıl, and what a steward can do with them."""

    cast: Cast
    keep_id: str
    lose_id: str

    @property
    def both(self) -> dict[str, str]:
        """The two, as a merge names them."""
        return {"keep_id": self.keep_id, "lose_id": self.lose_id}

    def merge(self, **asked: Any) -> dict[str, Any]:
        """Make them one."""
        answer = self.cast.ayse.post("/identity/merges", {**self.both, **asked})
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def undo(self, merge_id: str) -> dict[str, Any]:
        """Make them two again."""
        answer = self.cast.ayse.post(f"/identity/merges/{merge_id}/undo")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def shown(self, customer_id: str, api: Api | None = None) -> dict[str, Any]:
        """A customer as somebody sees it, inside unless said otherwise."""
        answer = (api or self.cast.ayse).get(f"/customers/{customer_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def change(self, customer_id: str, patch: dict[str, Any], api: Api | None = None) -> dict[str, Any]:
        """Edit a customer as it stands."""
        who = api or self.cast.ayse
        answer = who.patch(f"/customers/{customer_id}", patch, version=self.shown(customer_id, who)["version"])
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())


def made(api: Api, path: str, body: dict[str, Any]) -> str:
    """The id of what was made."""
    answer = api.post(path, body)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.fixture
def two(cast: Cast) -> Two:
    """Eskişehir's Işıl, who is kept, and Ankara's, who becomes part of her."""
    return Two(cast, made(cast.eskisehir, "/customers", ISIL), made(cast.ankara, "/customers", ISIL_AGAIN))
