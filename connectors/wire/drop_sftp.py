"""A folder on an SFTP server. The server's key is pinned, and no operation outlasts its deadline.

A channel's timeout bounds only the wait for the next byte; against a server that drips them a clock closes the whole
connection. No agent, no known_hosts, no key or password but those of the settings.
"""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import paramiko

from connectors.errors import ConnectorError, CredentialsRefused
from connectors.http import Http
from connectors.wire.drop_places import MOST_FILES, PART, UNNAMEABLE, Entry, FileMoved, Moved, through

_FETCH_SECONDS = 90.0  # a whole file must fit into one job of a worker
_KEEPALIVE_SECONDS = 15
_REQUESTS = 64  # of 32 KiB each, on their way at once: what a fetch holds in memory
_BLOCK = 1 << 15
_RSA = ("rsa-sha2-512", "rsa-sha2-256")


class Sftp:
    """The place below `settings["folder"]` on the server; connects at once."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        self._http = http
        self._root = settings["folder"].rstrip("/") or "/"
        with through(http.gate, "CONNECT", f"{settings['host']}:{settings['port']}"):
            self._transport, self._sftp = _connect(settings, http)

    def list(self, folder: str) -> list[Entry]:
        """What the server lists, links and folders left out."""
        entries: list[Entry] = []
        with self._operation("LIST", folder or "."), suppress(*([FileNotFoundError] if folder else [])):
            for each in self._sftp.listdir_iter(self._path(folder), read_aheads=1):
                if stat.S_ISREG(each.st_mode or stat.S_IFREG) and "/" not in each.filename:
                    entries.append(Entry(each.filename, each.st_size or 0, each.st_mtime or 0))
                if len(entries) > MOST_FILES:
                    told = f"The folder holds more than {MOST_FILES} files: archive some."
                    raise ConnectorError(told, permanent=True)
        return entries

    def fetch(self, folder: str, entry: Entry, into: BinaryIO) -> None:
        """Copy the file, never more of it than was listed, and look again whether it is still the same."""
        path = self._path(folder, entry.name)
        with self._operation("GET", entry.name, _FETCH_SECONDS) as moved:
            try:
                with self._sftp.open(path, "rb") as file:
                    file.prefetch(entry.size, _REQUESTS)
                    while moved.received < entry.size and (block := file.read(_BLOCK)):
                        into.write(block)
                        moved.received += len(block)
                now = self._sftp.stat(path)
            except FileNotFoundError:
                raise FileMoved(entry.name) from None
            is_same = now.st_size == entry.size and (not entry.mtime or now.st_mtime == entry.mtime)
            if moved.received != entry.size or not is_same:
                raise FileMoved(entry.name)

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Write beside the name, ask how much arrived, then rename."""
        with self._operation("PUT", name) as moved:
            self._make(folder)
            path = self._path(folder, name)
            with self._sftp.open(path + PART, "wb") as file:
                file.write(data)
            if self._sftp.stat(path + PART).st_size != len(data):
                raise ConnectorError(f"{name} did not arrive whole; it is dropped again.")
            self._rename(path + PART, path)
            moved.sent = len(data)

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        """Rename on the server."""
        with self._operation("MOVE", name), suppress(FileNotFoundError):
            self._make(to_folder)
            self._rename(self._path(folder, name), self._path(to_folder, to_name))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    @contextmanager
    def _operation(self, verb: str, path: str, seconds: float | None = None) -> Iterator[Moved]:
        limit = seconds or self._http.limits.total_seconds
        with through(self._http.gate, verb, path) as moved, _told(), _clock(self._transport, limit):
            yield moved

    def _path(self, *names: str) -> str:
        return "/".join((self._root.rstrip("/"), *filter(None, names))) or "/"

    def _make(self, folder: str) -> None:
        if folder:
            with suppress(OSError):
                self._sftp.mkdir(self._path(folder))

    def _rename(self, path: str, to: str) -> None:
        try:
            self._sftp.posix_rename(path, to)
        except FileNotFoundError:
            raise
        except OSError:  # a server without OpenSSH's extension, which replaces no file
            with suppress(OSError):
                self._sftp.remove(to)
            self._sftp.rename(path, to)


def _connect(settings: Mapping[str, Any], http: Http) -> tuple[paramiko.Transport, paramiko.SFTPClient]:
    key = _private_key(settings)
    limits = http.limits
    with _told():
        transport = _transport(settings, http)
        try:
            with _clock(transport, limits.total_seconds):
                transport.start_client(timeout=limits.read_seconds)
                _check_host_key(settings["host_key"], transport.get_remote_server_key())
                _sign_in(transport, settings, key)
                sftp = paramiko.SFTPClient.from_transport(transport)
                if sftp is None:
                    raise ConnectorError("The server opened no SFTP channel.")
                sftp.get_channel().settimeout(limits.read_seconds)  # type: ignore[union-attr]
                transport.set_keepalive(_KEEPALIVE_SECONDS)
                return transport, sftp
        except BaseException:
            transport.close()
            raise


def _transport(settings: Mapping[str, Any], http: Http) -> paramiko.Transport:
    try:
        sock = http.dial(settings["host"], settings["port"], http.limits.connect_seconds)
    except ValueError:
        raise ConnectorError(
            f"{settings['host']} cannot be called: its address or port is not allowed.", True
        ) from None
    transport = paramiko.Transport(sock)
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = http.limits.read_seconds
    transport.channel_timeout = http.limits.read_seconds
    kind, *key = settings["host_key"].split()
    if key:
        transport.get_security_options().key_types = _RSA if kind == "ssh-rsa" else (kind,)
    return transport


def _check_host_key(pinned: str, shown: paramiko.PKey) -> None:
    """Compare the whole key, or its fingerprint; a permanent ConnectorError says what the server showed."""
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(shown.asbytes()).digest()).decode().rstrip("=")
    name, *key = pinned.split()
    if (key[0] != shown.get_base64()) if key else (name.rstrip("=") != fingerprint):
        told = f"The server shows another host key than the settings name: {shown.get_name()} {fingerprint}."
        raise ConnectorError(told, permanent=True)


def _sign_in(transport: paramiko.Transport, settings: Mapping[str, Any], key: paramiko.PKey | None) -> None:
    if key is not None:
        transport.auth_publickey(settings["username"], key)
    else:
        transport.auth_password(settings["username"], settings["password"])
    if not transport.is_authenticated():
        raise CredentialsRefused("The server wants more than this key or password.")


def _private_key(settings: Mapping[str, Any]) -> paramiko.PKey | None:
    text = settings.get("private_key")
    if not text:
        return None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError, TypeError, IndexError):
            return kind.from_private_key(io.StringIO(text.strip() + "\n"), settings.get("passphrase") or None)
    raise ConnectorError("The private_key cannot be read, or the passphrase does not open it.", permanent=True)


@contextmanager
def _clock(transport: paramiko.Transport, seconds: float) -> Iterator[None]:
    """Close the connection when the time is up: whatever waits on it then fails."""
    over = threading.Event()

    def end() -> None:
        over.set()
        transport.close()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError):
        if over.is_set():
            raise ConnectorError(f"The server did not finish within {seconds:g} seconds.") from None
        raise
    finally:
        timer.cancel()


@contextmanager
def _told() -> Iterator[None]:
    """What paramiko raises, in words; what the server says is not repeated, for it may repeat what we said."""
    try:
        yield
    except paramiko.AuthenticationException:
        raise CredentialsRefused("The server does not accept this user name with this key or password.") from None
    except paramiko.ssh_exception.IncompatiblePeer:
        raise ConnectorError(
            "The server speaks no algorithm in common, or has no host key of this kind.", True
        ) from None
    except (paramiko.SSHException, EOFError, ConnectionError):
        raise ConnectorError("The connection to the server was lost, or it does not speak SFTP.") from None
    except UnicodeError:
        raise ConnectorError(UNNAMEABLE, permanent=True) from None
    except (paramiko.SFTPError, struct.error, ValueError, IndexError):
        raise ConnectorError("The server answered what is no SFTP.") from None
    except TimeoutError:
        raise ConnectorError("The server gave no answer in time.") from None
