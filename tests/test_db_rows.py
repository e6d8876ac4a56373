"""How services fetch, store and patch rows: what is missing, taken or unchanged is told apart."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from gateway.channels import Caller
from gateway.consent.rules.models import Preferences
from gateway.db import apply, new_id, transaction
from gateway.desk.contacts.dispositions import DispositionCodeTaken
from gateway.desk.contacts.models import Disposition
from gateway.errors import NotFound, PreconditionFailed
from gateway.partners.models import Partner
from tests.conftest import Cast

SYSTEM = Caller.system("test")


def disposition(code: str) -> Disposition:
    return Disposition(code=code, english="Çay", turkish="Çay", is_reached=True, effect="none", is_archived=False)


def test_row_that_is_not_there_is_not_found(standing_cast: Cast) -> None:
    with pytest.raises(NotFound), transaction(SYSTEM) as tx:
        tx.get(Partner, new_id())


def test_locked_row_is_read_as_it_stands_now(standing_cast: Cast) -> None:
    partner_id = standing_cast.eskisehir.partner_id
    with transaction(SYSTEM) as tx:
        known = tx.get(Partner, partner_id)
        with transaction(SYSTEM) as other:
            other.get(Partner, partner_id).name = "Eskişehir Işık Oto"
        assert tx.get(Partner, partner_id, lock=True) is known
        assert known.name == "Eskişehir Işık Oto"


def test_row_whose_place_is_taken_is_refused_in_the_words_of_its_feature(standing_cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        tx.store(disposition("cay_icti"), DispositionCodeTaken)
    with pytest.raises(DispositionCodeTaken), transaction(SYSTEM) as tx:
        tx.store(disposition("cay_icti"), DispositionCodeTaken)


def test_row_of_somebody_who_is_gone_is_not_taken_for_a_second_one(standing_cast: Cast) -> None:
    with pytest.raises(IntegrityError) as broken, transaction(SYSTEM) as tx:
        tx.store(Preferences(customer_id=new_id(), is_restricted=False), PreconditionFailed)
    assert isinstance(broken.value.orig, psycopg.errors.ForeignKeyViolation)


def test_only_what_changes_is_said_to_have_changed() -> None:
    row = disposition("kahve_icti")
    assert apply(row, {"turkish": "Kahve", "english": "Çay", "effect": "callback"}) == ["effect", "turkish"]
    assert (row.turkish, row.effect, apply(row, {"turkish": "Kahve"})) == ("Kahve", "callback", [])
