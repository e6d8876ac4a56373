"""Bodies that are files: only a whole one is one."""

from io import BytesIO

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.config import Settings
from gateway.errors import BodyTooLarge, Problem, Unavailable
from gateway.http import IS_CUT, Upload
from gateway.uploads import file_of

CSV = Upload(("text/csv",), lambda _: 10, lambda call: call.file)


@pytest.mark.parametrize(("body", "refusal"), [(b"Ad;Soyad", Unavailable), (b"Ad;Soyad\nIs", BodyTooLarge)])
def test_file_that_was_not_read_to_its_end_is_refused(settings: Settings, body: bytes, refusal: type[Problem]) -> None:
    environ = EnvironBuilder(method="POST", input_stream=BytesIO(body), content_type="text/csv").get_environ()
    with pytest.raises(refusal):
        file_of(CSV, settings, Request({**environ, IS_CUT: True}))
