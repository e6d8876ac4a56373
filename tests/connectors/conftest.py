"""Lets the inherited contract tests explain their failed assertions."""

import pytest

pytest.register_assert_rewrite("connectors.testing", "connectors.wire.kit")
