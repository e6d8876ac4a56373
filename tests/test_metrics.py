"""Metrics count what was asked and answered, by operation, and never by who or what."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Cast

Sample = dict[str, str]


def count(app: Flask, **labels: str) -> float:
    text = app.test_client().get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = families["kopru_requests"].samples
    return sum(each.value for each in samples if each.name.endswith("_total") and labels.items() <= each.labels.items())


@pytest.mark.parametrize(
    ("path", "operation", "status"),
    [
        ("/customers", "list_customers", "200"),
        ("/customers/01890000-0000-7000-8000-000000000000", "show_customer", "404"),
        ("/customers?limit=0", "list_customers", "400"),
    ],
)
def test_answer_is_counted_by_channel_operation_and_status(
    standing_cast: Cast, whole_app: Flask, path: str, operation: str, status: str
) -> None:
    labels = {"channel": "extranet", "operation": operation, "status": status}
    before = count(whole_app, **labels)
    standing_cast.ankara.get(path)
    assert count(whole_app, **labels) == before + 1


def test_refusal_at_the_door_is_counted_too(standing_cast: Cast, whole_app: Flask) -> None:
    labels = {"channel": "intranet", "operation": "list_customers", "status": "401"}
    before = count(whole_app, **labels)
    whole_app.test_client().get("/intranet/v1/customers")
    assert count(whole_app, **labels) == before + 1


def test_time_is_measured_for_each_operation(standing_cast: Cast, whole_app: Flask) -> None:
    standing_cast.ankara.get("/customers")
    text = whole_app.test_client().get("/metrics").text
    assert re.search(r'kopru_request_seconds_count\{channel="extranet",operation="list_customers"\} [1-9]', text)


def test_nothing_from_outside_becomes_a_label(standing_cast: Cast, whole_app: Flask) -> None:
    client = whole_app.test_client()
    for path in (f"/extranet/v1/{uuid4()}", "/gizli-yol", f"/extranet/v1/customers/{standing_cast.cem_id}?q=gizli"):
        client.get(path)
        standing_cast.eskisehir.get(path.removeprefix("/extranet/v1"))
    text = client.get("/metrics").text
    assert [word for word in ("gizli", str(standing_cast.cem_id)) if word in text] == []
    # Partners who owe the house an answer are named, whoever asks is not.
    assert "eskisehir" not in "".join(line for line in text.splitlines() if line.startswith("kopru_request"))


def test_metrics_come_in_prometheus_text(whole_app: Flask) -> None:
    assert whole_app.test_client().get("/metrics").content_type == "text/plain; version=0.0.4; charset=utf-8"
