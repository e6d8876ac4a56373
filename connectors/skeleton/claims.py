"""Ornek keeps the contract of connectors. Run it with: kopru connector test ornek"""

import json
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.contract.serving import serve
from connectors.http import Http
from connectors.skeleton.connector import Ornek
from connectors.testing import ConnectorContract


class Pretended:
    """A pretended server with the levers of the claims; better is the real one."""

    url, seq = "", 0

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put(self, external_id: str, **said: Any) -> str:
        self.seq += 1
        self.items[external_id] = {"id": int(external_id), "seq": self.seq, **said}
        return external_id

    def add(self, stream: str, records: list[Any]) -> list[str]:
        return [self.put(str(len(self.items) + 1), name=record["organisation_name"]) for record in records]

    def change(self, stream: str, external_id: str, fields: Any) -> None:
        self.put(external_id, name=fields["organisation_name"])

    def remove(self, stream: str, external_id: str) -> None:
        self.put(external_id, deleted=True)

    def ids(self, stream: str) -> list[str]:
        return [key for key, item in self.items.items() if "deleted" not in item]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        after, size = (int(Request(environ).args[name]) for name in ("after", "size"))
        later = sorted((each["seq"], each) for each in self.items.values() if each["seq"] > after)
        return Response(json.dumps({"items": [each for _, each in later[:size]]}))(environ, start_response)


class TestOrnek(ConnectorContract):
    @pytest.fixture
    def partner(self) -> Any:
        with serve(pretended := Pretended()) as pretended.url:
            yield pretended

    def connect(self, partner: Pretended, http: Http) -> Ornek:
        return Ornek(Ornek.Settings().load({"base_url": partner.url, "token": "gizli", "page_size": 3}), http)
