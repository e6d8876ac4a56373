"""Conflicts and the rules of merging from the command line."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.db import new_id, transaction
from gateway.sync import service
from gateway.sync.merging.models import SyncConflict
from tests.cli.conftest import Run

AS_JSON = ("-o", "json")


def conflict_on(link: str) -> str:
    """A conflict about a family name."""
    with transaction(Caller.system("test")) as tx:
        cem = customers.create(tx, {"kind": "person", "given_name": "Cem", "family_name": "Işık"})["id"]
        of = service.find_link(tx, link)
        assert of is not None
        words = {"field": "family_name", "base": None, "ours": "Işık", "theirs": "Yıldız", "our_source": "hub:system"}
        conflict = SyncConflict(id=new_id(), link_id=of.id, stream="customers", record_id=cem, customer_id=cem, **words)
        conflict.rule, conflict.status = "manual", "open"
        tx.session.add(conflict)
        return str(conflict.id)


def test_a_conflict_is_listed_and_settled(kopru: Run, link: str) -> None:
    conflict = conflict_on(link)
    [listed] = kopru("sync", "conflicts", link, *AS_JSON).json
    assert (listed["id"], listed["ours"], listed["theirs"]) == (conflict, "Işık", "Yıldız")
    settled = kopru("sync", "settle", conflict, "value", "--value", '"Işık Yıldız"', *AS_JSON).json
    assert (settled["status"], settled["chosen"]) == ("settled", "value")
    assert kopru("sync", "conflicts", *AS_JSON).json == []
    assert [each["id"] for each in kopru("sync", "conflicts", "--all", *AS_JSON).json] == [conflict]


def test_a_value_is_given_exactly_where_it_is_chosen(kopru: Run, link: str) -> None:
    assert kopru("sync", "settle", conflict_on(link), "ours", "--value", "1").code == 2


def test_a_rule_is_set_by_the_names_of_links_and_reset(kopru: Run, link: str) -> None:
    made = kopru("sync", "rule-set", "customers", "family_name", "priority", "hub", link, *AS_JSON).json
    assert (made["rule"], made["sources"][0], made["is_default"]) == ("priority", "hub", False)
    assert made in kopru("sync", "rules", *AS_JSON).json
    reset = kopru("sync", "rule-set", "customers", "family_name", "default", *AS_JSON).json
    assert (reset["rule"], reset["is_default"]) == ("manual", True)


def test_a_rule_that_cannot_hold_is_refused_by_name(kopru: Run) -> None:
    refused = kopru("sync", "rule-set", "customers", "family_name", "union")
    assert (refused.code, "/rule" in refused.err) == (1, True)
