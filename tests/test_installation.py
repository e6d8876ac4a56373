"""What commands in other terminals know of the installation that `kopru up` started."""

from __future__ import annotations

from pathlib import Path

from gateway.installation import complete

SERVERS = {"DATABASE_URL": "postgresql://kopru@127.0.0.1:9/kopru", "REDIS_URL": "redis://127.0.0.1:9/0"}
STARTED_WITH = {"KOPRU_WEBHOOK_ALLOW": "127.0.0.0/8", "KOPRU_DROP_FOLDERS": "/srv/bayiler"}


def test_command_knows_what_the_installation_was_started_with(tmp_path: Path) -> None:
    complete({**SERVERS, **STARTED_WITH}, tmp_path, "http://127.0.0.1:8000")
    found = complete(SERVERS, tmp_path)
    assert found == {**SERVERS, **STARTED_WITH, "KOPRU_BASE_URL": "http://127.0.0.1:8000"}


def test_what_the_environment_says_itself_wins(tmp_path: Path) -> None:
    complete({**SERVERS, **STARTED_WITH}, tmp_path, "http://127.0.0.1:8000")
    said = {**SERVERS, "KOPRU_DROP_FOLDERS": "/srv/başka"}
    assert complete(said, tmp_path)["KOPRU_DROP_FOLDERS"] == "/srv/başka"
