"""A real SFTP server on loopback, in a thread of the test's process, for one folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "eskisehir", "çok-gizli-parola"


@dataclass(frozen=True)
class Server:
    """Where it listens, its host key, and a private key that it lets in."""

    port: int
    host_key: str
    fingerprint: str
    private_key: str

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a link needs to know."""
        place = {"place": "sftp", "host": "127.0.0.1", "port": self.port, "folder": "/drop", "username": USER}
        return {**place, "host_key": self.host_key, "private_key": self.private_key, **more}


class _Door(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def serve(root: Path, files: Any = asyncssh.SFTPServer) -> Iterator[Server]:
    """Serve `root`, in which the folder of the link is /drop; `files` may be a server that misbehaves."""
    host, person = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    allowed = asyncssh.import_authorized_keys(person.export_public_key().decode())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            _Door, "127.0.0.1", 0, server_host_keys=[host], authorized_client_keys=allowed,
            sftp_factory=lambda channel: files(channel, chroot=str(root)),
        )  # fmt: skip

    async def end() -> None:
        acceptor.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        key = host.export_public_key().decode().strip()
        yield Server(acceptor.get_port(), key, host.get_fingerprint(), person.export_private_key().decode())
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
