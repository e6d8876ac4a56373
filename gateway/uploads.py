"""Bodies that are files: larger than others, for those alone who may upload there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import IO, Any

from flask import Request

from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.errors import BodyTooLarge, Problem, Unavailable, UnsupportedMediaType
from gateway.http import IS_CUT, SENDER, Call, Operation, Upload

Authenticate = Callable[[str | None, Channel, str, str], Caller]
# Reading a file takes a thread for as long as a minute: never so many that nobody else is answered.
MOST_READ_AT_ONCE = 2
_reading = threading.BoundedSemaphore(MOST_READ_AT_ONCE)
Room = Callable[[dict[str, Any]], Callable[[], int | None] | None]


def room_for(operations: Iterable[Operation], settings: Settings, authenticate: Authenticate) -> Room:
    """Of a request that may bring a file, who says how many bytes it may have; None for one like any other.

    Asked before the body is read, so that no stranger can fill the disk: without a usable token it is like any other.
    """
    doors = {
        (operation.method, f"/{channel.value}/v1{operation.path}"): (operation.scope, operation.upload, channel)
        for operation in operations
        if operation.upload is not None
        for channel in operation.channels
    }

    def most(door: tuple[str, Upload, Channel], environ: dict[str, Any]) -> int | None:
        scope, upload, channel = door
        try:
            caller = authenticate(environ.get("HTTP_AUTHORIZATION"), channel, environ["REMOTE_ADDR"], "")
        except Problem:
            return None
        environ[SENDER] = caller.client_id
        return upload.most_bytes(settings) if scope in caller.scopes else None

    def room(environ: dict[str, Any]) -> Callable[[], int | None] | None:
        door = doors.get((environ["REQUEST_METHOD"], environ["PATH_INFO"].rstrip("/")))
        return None if door is None else partial(most, door, environ)

    return room


def file_of(upload: Upload, settings: Settings, http: Request) -> IO[bytes]:
    """The file that is a request's body; raises UnsupportedMediaType, BodyTooLarge, Unavailable."""
    if http.mimetype not in upload.types:
        raise UnsupportedMediaType(f"Send one of {', '.join(upload.types)}.")
    most = upload.most_bytes(settings)
    file: IO[bytes] = http.environ["wsgi.input"]  # come whole already, and kept where it can be read again
    size = file.seek(0, 2)
    if max(size, http.content_length or 0) > most:
        raise BodyTooLarge(f"{most // 1024 // 1024} MiB at most.")
    if http.environ.get(IS_CUT):  # nobody could tell then who sends it
        raise Unavailable("Only a part of it was read; send it again in a moment.", headers={"Retry-After": "2"})
    file.seek(0)
    return file


def body_of(upload: Upload, call: Call) -> Any:
    """What is made of a call's file; raises Unavailable while others are read, and what reading raises."""
    if not _reading.acquire(blocking=False):
        raise Unavailable("Other files are being read; send it again in a moment.", headers={"Retry-After": "5"})
    try:
        return upload.read(call)
    finally:
        _reading.release()


def digest_of(file: IO[bytes]) -> bytes:
    """What stands for a file where requests are compared."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(1 << 20):
        digest.update(block)
    file.seek(0)
    return digest.digest()
