"""Bodies that are files: only a whole one is one."""

from io import BytesIO
from typing import Any, cast

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.config import Settings
from gateway.errors import BodyTooLarge, Problem, Unavailable
from gateway.http import IS_CUT, Call, Upload
from gateway.uploads import MOST_READ_AT_ONCE, body_of, file_of

CSV = Upload(("text/csv",), lambda _: 10, lambda call: call.file)


@pytest.mark.parametrize(("body", "refusal"), [(b"Ad;Soyad", Unavailable), (b"Ad;Soyad\nIs", BodyTooLarge)])
def test_file_that_was_not_read_to_its_end_is_refused(settings: Settings, body: bytes, refusal: type[Problem]) -> None:
    environ = EnvironBuilder(method="POST", input_stream=BytesIO(body), content_type="text/csv").get_environ()
    with pytest.raises(refusal):
        file_of(CSV, settings, Request({**environ, IS_CUT: True}))


def test_files_that_are_read_leave_threads_for_others() -> None:
    begun = list[None]()

    def read(call: Call) -> Any:
        begun.append(None)
        return body_of(upload, call)

    upload = Upload(("text/csv",), lambda _: 10, read)
    for _ in range(2):
        with pytest.raises(Unavailable):
            body_of(upload, cast(Call, None))
    assert len(begun) == 2 * MOST_READ_AT_ONCE
