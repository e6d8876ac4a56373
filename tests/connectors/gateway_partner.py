"""A real gateway over HTTP as the tests' partner: each test is another partner of it, with a client of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text

from connectors.base import Record, Request
from gateway.channels import Caller, Channel
from gateway.customers import service as customers
from gateway.db import Query, Transaction, new_id, now, transaction
from gateway.interactions import bulk as interaction_rows
from gateway.interactions import service as interactions
from gateway.oauth import service as oauth
from gateway.oauth.scopes import scopes_on
from gateway.partners import service as partners
from gateway.webhooks.endpoints import signature
from schemas.customer import CustomerInput
from schemas.interaction import InternalInteractionInput

SYSTEM = Caller.system("partner")
NAME = "merkez"
WEBHOOK_SECRET = signature.new_key("v1")
_numbers = count(1)
_SHOWN = """
    SELECT c.id FROM customers c JOIN shares s ON s.customer_id = c.id AND s.partner_id = :partner
    WHERE NOT CAST(c.identifiers AS jsonb) @> jsonb_build_array(jsonb_build_object('system', CAST(:gone AS text)))
    ORDER BY c.id
"""
_RECORDED = "SELECT id FROM interactions WHERE customer_id = :customer AND NOT attributes ? :gone ORDER BY id"


class GatewayPartner:
    """The levers of the contract, pulled inside the gateway, past its extranet."""

    def __init__(self, url: str, jwks: dict[str, Any] | None = None) -> None:
        self.url = url
        self.code = f"ortak{next(_numbers)}"
        with transaction(SYSTEM) as tx:
            self.partner_id = partners.add(tx, self.code, "Merkez Otomotiv", ["birth_date", "tax_id"]).id
            client, secret = oauth.add_client(
                tx,
                self.code,
                Channel.EXTRANET,
                partner_id=self.partner_id,
                auth_method="private_key_jwt" if jwks else "client_secret_basic",
                grants=["client_credentials"],
                scopes=sorted(scopes_on(Channel.EXTRANET)),
                jwks=jwks,
            )
            self.client_id, self.secret = client.client_id, secret
            firm = {"kind": "organisation", "organisation_name": "Eskişehir Oto"}
            self.customer = str(customers.create(tx, firm)["id"])  # for interactions; nobody sees it unasked

    def show_customer(self, changed_seconds_ago: float = 0) -> None:
        """Share the customer that interactions are about."""
        with transaction(SYSTEM) as tx:
            self._set_time(tx, "customers", [UUID(self.customer)], changed_seconds_ago)
            customers.share(tx, UUID(self.customer), self.code, "sale")

    def add(self, stream: str, records: list[Record]) -> list[str]:
        """Store and share them, all with the time of the last one."""
        with transaction(SYSTEM) as tx:
            ids = [self._create(tx, stream, record) for record in records]
            self._set_time(tx, stream, ids)
        return [str(each) for each in ids]

    def add_late(self, stream: str, records: list[Record], seconds: float) -> list[str]:
        """The same with an older time."""
        ids = self.add(stream, records)
        with transaction(SYSTEM) as tx:
            self._set_time(tx, stream, list(map(UUID, ids)), seconds)
        return ids

    def change(self, stream: str, external_id: str, fields: Record) -> None:
        """Change it inside."""
        with transaction(SYSTEM) as tx:
            version = self._one(tx, f"SELECT version FROM {stream} WHERE id = :id", id=UUID(external_id))
            if stream == "customers":
                customers.change(tx, UUID(external_id), CustomerInput(partial=True).load(fields), version)
            else:
                loaded = InternalInteractionInput(partial=True).load(fields)
                interactions.change(tx, UUID(external_id), loaded, version)

    def remove(self, stream: str, external_id: str) -> None:
        """Share it no more; an interaction goes."""
        with transaction(SYSTEM) as tx:
            if stream == "customers":
                customers.unshare(tx, UUID(external_id), self.code)
            else:
                interaction_rows.remove(tx, [UUID(external_id)])

    def ids(self, stream: str) -> list[str]:
        """What the partner is shown and has not withdrawn."""
        gone = f"kopru-{NAME}-withdrawn"
        with transaction(SYSTEM) as tx:
            if stream == "customers":
                rows = tx.rows(Query(text(_SHOWN)), partner=self.partner_id, gone=gone)
            else:
                rows = tx.rows(Query(text(_RECORDED)), customer=UUID(self.customer), gone=gone)
        return [str(record_id) for (record_id,) in rows]

    def delivery(self, stream: str, external_id: str, age_seconds: float = 0) -> Request:
        """A webhook as its sender signs it."""
        with transaction(SYSTEM) as tx:
            version = self._one(tx, f"SELECT version FROM {stream} WHERE id = :id", id=UUID(external_id))
        data = {"id": external_id, "version": version, "identifiers": [], "attributes": {}}
        return self.signed({"type": f"{stream.removesuffix('s')}.updated", "data": data}, age_seconds)

    def signed(self, told: Mapping[str, Any], age_seconds: float = 0) -> Request:
        """A message of the gateway's, in the form of Standard Webhooks."""
        message_id, body = str(new_id()), json.dumps({"id": str(new_id()), **told}).encode()
        headers = signature.headers([WEBHOOK_SECRET], message_id, int(time.time() - age_seconds), body)
        return Request(headers, body)

    def _create(self, tx: Transaction, stream: str, record: Record) -> UUID:
        if stream == "customers":
            made: UUID = customers.create(tx, CustomerInput().load(record))["id"]
            customers.share(tx, made, self.code, "sale")
            return made
        known = {"customer_id": record["customer_external_id"], "visibility": "shared"}
        said = {name: value for name, value in record.items() if name != "customer_external_id"}
        return UUID(str(interactions.create(tx, InternalInteractionInput().load(said | known))["id"]))

    def _set_time(self, tx: Transaction, stream: str, ids: list[UUID], seconds_ago: float = 0) -> None:
        moment = now() - timedelta(seconds=seconds_ago)
        tx.run(Query(text(f"UPDATE {stream} SET updated_at = :moment WHERE id = ANY(:ids)")), ids=ids, moment=moment)

    def _one(self, tx: Transaction, query: str, **params: Any) -> Any:
        row = tx.first(Query(text(query)), **params)
        assert row is not None
        return row[0]
