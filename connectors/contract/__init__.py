"""The claims that every connector is held to, one file for each kind; `connectors.testing` puts them together."""

import pkgutil

import pytest

# So that a claim that fails shows the values it compared.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
