"""Dealers' systems and receivers, as those have them who test sync and webhooks."""

from __future__ import annotations

from tests.cli.conftest import kopru
from tests.identity.merging.conftest import two
from tests.rights.erasure.conftest import erasure_log
from tests.sync.conftest import dealer
from tests.webhooks.conftest import deliver, receiver, register

__all__ = ["dealer", "deliver", "erasure_log", "kopru", "receiver", "register", "two"]
