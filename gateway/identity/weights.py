"""The weights in force here: those estimated last, or those that were shipped."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gateway.db import Transaction
from gateway.identity.models import IdentityWeights
from gateway.identity.weighing.model import Model, Side, default_model


def newest(tx: Transaction) -> IdentityWeights | None:
    """The weights that were estimated last."""
    found = tx.scalars(
        select(IdentityWeights).order_by(IdentityWeights.created_at.desc(), IdentityWeights.id.desc()).limit(1)
    )
    return found[0] if found else None


def model_in_force(tx: Transaction) -> Model:
    """The model to judge by."""
    row = newest(tx)
    return default_model() if row is None else read(row.weights)


def written(model: Model) -> dict[str, Any]:
    """A model as it is stored and shown."""
    return {
        "sure_bits": model.sure_bits,
        "doubtful_bits": model.doubtful_bits,
        "people": _side(model.people),
        "organisations": _side(model.organisations),
    }


def read(stored: dict[str, Any]) -> Model:
    """What `written` wrote."""
    people, organisations = (
        Side(is_person, _table(stored[name]["fields"]), stored[name]["partners"])
        for is_person, name in ((True, "people"), (False, "organisations"))
    )
    return Model(people, organisations, stored["sure_bits"], stored["doubtful_bits"])


def _side(side: Side) -> dict[str, Any]:
    return {"fields": side.table, "partners": side.partners}


def _table(fields: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, tuple[float, float, float, float]]]:
    return {
        name: {each: (row[0], row[1], row[2], row[3]) for each, row in classes.items()}
        for name, classes in fields.items()
    }
