"""What the features below customers keep of a person: the sign-in, events, work that was asked for, kept answers.

They cannot know of the registry themselves; the record itself comes last of all.
"""

from __future__ import annotations

from gateway.customers import erasing
from gateway.customers.erasing import Rows, Statements, holds
from gateway.rights.erasure.answers import Answers
from gateway.rights.erasure.record import Record

_PEOPLE = "(SELECT id FROM users WHERE customer_id = ANY(:ids))"
# Sessions, families and codes go with the person they were given to.
_GIVEN = {"sign_in_sessions", "consents", "refresh_families", "refresh_tokens", "authorization_codes"}

erasing.register(
    Statements(
        "users",
        {"users", "issued_tokens", *_GIVEN},
        "SELECT count(*) FROM users WHERE customer_id = ANY(:ids)",
        f"DELETE FROM issued_tokens WHERE user_id IN {_PEOPLE}",  # noqa: S608  # our own text
        "DELETE FROM users WHERE customer_id = ANY(:ids)",
    )
)
# What tells partners of an erasure holds ids alone, and stays until they have read it.
_OF_PERSON = "(customer_id = ANY(:ids) OR resource_id = ANY(:ids)) AND type <> 'customer.erased'"
erasing.register(
    Statements(
        "events",
        {"events"},
        f"SELECT count(*) FROM events WHERE {_OF_PERSON}",  # noqa: S608
        f"DELETE FROM events WHERE {_OF_PERSON}",  # noqa: S608
    ),
    order=1,  # they tell what the person was called before
)
# Exports are asked for with filters; what was searched for may be any part of a name.
_SAID = "options::text || coalesce(result::text, '') || coalesce(error, '')"
_TOLD = f"options #> '{{filters,q}}' IS NOT NULL OR {holds(_SAID)}"
erasing.register(
    Statements(
        "operations",
        {"operations"},
        f"SELECT count(*) FROM operations WHERE customer_id = ANY(:ids) OR {_TOLD}",  # noqa: S608
        f"DELETE FROM operations WHERE customer_id = ANY(:ids) OR (finished_at IS NOT NULL AND ({_TOLD}))",  # noqa: S608
    )
)
erasing.register(Answers())
erasing.register(Rows("shares"), order=3)
erasing.register(Record(), order=erasing.RECORD)
