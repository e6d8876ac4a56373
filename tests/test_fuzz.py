"""Each channel's OpenAPI document holds: whatever it allows or forbids is answered as it says, and never by an error.

schemathesis makes requests out of the document, some that follow it and some that break it in one place.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway import guarded
from gateway.api_docs import openapi_of
from gateway.channels import DOORS, Channel
from gateway.features import FEATURES
from tests.belongings import MAKERS, Belongings
from tests.conftest import BASE_URL, Api, Cast

EXAMPLES = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENTS = {channel: schemathesis.openapi.from_dict(openapi_of(channel, BASE_URL)) for channel in DOORS}
FOUND = [(channel, found) for channel, document in DOCUMENTS.items() for found in document.get_all_operations()]
VALID = [(channel, found.ok()) for channel, found in FOUND if isinstance(found, Ok)]
# What is deleted is deleted last: until then every other operation has something to work on.
OPERATIONS = [
    pytest.param(channel, operation, id=f"{channel.value} {operation.label}")
    for channel, operation in sorted(VALID, key=lambda each: each[1].method == "delete")
]
bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", autouse=True)
def no_look_ups(whole_app: Flask) -> Iterator[None]:
    """Host names made up here are not asked of anybody's name server; none of them resolves."""
    numeric = partial(socket.getaddrinfo, flags=socket.AI_NUMERICHOST)
    with pytest.MonkeyPatch.context() as alone:
        alone.setattr(guarded.guard(), "_resolve", numeric)
        yield


@pytest.fixture(scope="module")
def callers(standing_cast: Cast) -> dict[Channel, Api]:
    return {
        Channel.INTERNET: standing_cast.cem,
        Channel.EXTRANET: standing_cast.eskisehir,
        Channel.INTRANET: standing_cast.ayse,
    }


@pytest.fixture(scope="module")
def ids(standing_cast: Cast) -> dict[str, str]:
    """An existing id for each parameter of a path; partners are changed on one that nobody here belongs to."""
    belongings = Belongings(standing_cast)
    chosen = {"customer_id": str(standing_cast.cem_id), "code": "ankara"}
    return {name: belongings.get(name) for name in MAKERS if name not in chosen} | chosen


def check(case: Any, api: Api, *more: Any) -> None:
    headers = {"Authorization": f"Bearer {api.token}"}
    case.call_and_validate(app=api.client.application, headers=headers, checks=[*CHECKS, *more])


def make_apt(case: Any, api: Api, ids: dict[str, str]) -> None:
    """Fill in what the document cannot know: the present version, and a customer that exists."""
    if "If-Match" in case.headers:
        case.headers["If-Match"] = api.get(case.formatted_path).headers.get("ETag", '"1"')
    if isinstance(case.body, dict) and "customer_id" in case.body:
        case.body["customer_id"] = ids["customer_id"]


def is_padded(value: Any) -> bool:
    """Whether some text begins or ends in white space, which is cut off before its length counts."""
    if isinstance(value, dict):
        return any(map(is_padded, (*value, *value.values())))
    return any(map(is_padded, value)) if isinstance(value, list) else isinstance(value, str) and value != value.strip()


def test_every_operation_is_among_those_tried() -> None:
    declared = {(channel, each.name) for feature in FEATURES for each in feature.all for channel in each.channels}
    assert len(OPERATIONS) == len(declared)


@pytest.mark.parametrize(("channel", "operation"), OPERATIONS)
def test_document_describes_every_answer(
    callers: dict[Channel, Api], ids: dict[str, str], channel: Channel, operation: Any
) -> None:
    known = {parameter.name: ids[parameter.name] for parameter in operation.path_parameters}

    @bounded
    @given(case=operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known or None))
    def holds(case: Any) -> None:
        make_apt(case, callers[channel], ids)
        check(case, callers[channel])

    holds()


@pytest.mark.parametrize(("channel", "operation"), OPERATIONS)
def test_what_breaks_the_document_is_refused_as_it_says(
    callers: dict[Channel, Api], channel: Channel, operation: Any
) -> None:
    broken = operation.as_strategy(GenerationMode.NEGATIVE).filter(lambda case: not is_padded(case.body))

    @bounded
    @given(case=broken)
    def holds(case: Any) -> None:
        check(case, callers[channel], negative_data_rejection)

    try:
        holds()
    except Unsatisfiable:
        pytest.skip("nothing can be wrong about it")
