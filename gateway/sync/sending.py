"""One write on its way to a partner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.base import Change
from gateway.sync.incoming import content
from gateway.sync.merging.memory import read
from gateway.sync.operations import Operation
from gateway.sync.payload import Payload

Op = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Sending:
    """An operation on its way, with what is sent."""

    operation: Operation
    op: Op
    payload: Payload | None

    @property
    def key(self) -> str:
        """Our reference, which the partner keeps."""
        return str(self.operation.record_id)

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may have happened already, in words that the operation remembers until that is known."""
        return self.op == "create" and self.operation.was_sent

    @property
    def change(self) -> Change:
        """It as the connector takes it. A deletion holds whatever was edited there meanwhile: we take no edit of it."""
        operation = self.operation
        version = None if self.op == "delete" else operation.version
        return Change(self.op, self.key, operation.external_id, self.payload, version)

    @property
    def sent(self) -> bytes | None:
        """What is sent, as it is remembered until the partner has answered."""
        return None if self.payload is None else content(self.payload)

    @property
    def written(self) -> list[str]:
        """The fields that the partner gets and that we will not have read back."""
        return sorted({*(self.payload or ()), *(self.operation.written or ())})

    def said(self, external_id: str) -> bytes:
        """The partner's last word with this write over it, which is what it is expected to say now."""
        return content({**read(self.operation.said), **(self.payload or {}), "external_id": external_id})
