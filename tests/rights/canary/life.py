"""The life of a canary: a person nobody resembles, who leaves traces wherever a person can."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.accounts import service as accounts
from gateway.channels import Channel
from gateway.customers.finding.jobs import learn_words
from gateway.db import transaction
from gateway.identity.jobs import follow_changes
from gateway.longrunning import jobs as longrunning
from tests.conftest import Api, Cast, person_token
from tests.sync.conftest import SYSTEM, Dealer
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver, answer

GIVEN, FAMILY, USERNAME = "Zümrütkanarya", "Işıltıkanatoğlu", "kanarya.35"
EMAIL, OLD_EMAIL, PHONE = "zumrut@kanarya.example", "eski@kanarya.example", "5321117788"
TAX_ID, ERP, EXTERNAL, HEARD = "10000000146", "KNR-778812", "KANARYA-EXT-4471", "Sarıtüylü sedan arıyor"
WORDS = (GIVEN, FAMILY, USERNAME, EMAIL, OLD_EMAIL, PHONE, TAX_ID, ERP, EXTERNAL, HEARD)
Json = dict[str, Any]


def record(email: str = OLD_EMAIL) -> Json:
    """The canary as a partner's system has it."""
    return {
        "kind": "person", "given_name": GIVEN, "family_name": FAMILY, "tax_id": TAX_ID,
        "contact_points": [{"kind": "email", "value": email, "primary": True}, {"kind": "phone", "value": f"0{PHONE}"}],
        "identifiers": [{"system": "erp", "value": ERP}],
    }  # fmt: skip


class Canary:
    """Lives a life; `id` is the customer's, `twin_id` that of a second record merged into it."""

    def __init__(self, cast: Cast, dealer: Dealer) -> None:
        self.cast, self.dealer = cast, dealer
        self.id = self.twin_id = UUID(int=0)

    def live(self, register: Register, receiver: Receiver, deliver: Deliver) -> None:
        """Everything that can happen to a person here."""
        deliver()  # what happened before is nobody's business
        receiver.answering = answer(200, body=f"Teşekkürler {GIVEN}".encode())
        self.endpoint = register(self.cast.eskisehir, "*")
        self.come_by_sync()
        self.speak()
        self.be_worked_for()
        self.be_claimed()
        self.be_merged()
        self.be_moved_in_files()
        self.sign_in()
        follow_changes()
        learn_words()
        deliver()
        self.dealer.sync()
        self.dealer.sync("preview")

    def come_by_sync(self) -> None:
        """Taken over from a dealer, changed here and sent back; once more in a record that cannot be taken."""
        self.dealer.system.restore("customers", EXTERNAL, record())
        self.dealer.add_interaction(EXTERNAL, subject=HEARD)
        broken = {**record(), "kind": "kuş", "given_name": GIVEN}
        self.dealer.system.add("customers", [broken])
        self.dealer.sync()
        self.dealer.sync()
        found = self.dealer.record("customers", EXTERNAL)
        assert found is not None
        self.id = found
        self.dealer.system.change("customers", EXTERNAL, {"locale": "tr-TR"})
        ayse, path = self.cast.ayse, f"/customers/{self.id}"
        known = ayse.get(path).get_json()
        points = [{**known["contact_points"][0], "value": EMAIL}, known["contact_points"][1]]
        assert ayse.patch(path, {"contact_points": points}, known["version"]).status_code == 200

    def speak(self) -> None:
        """Interactions, consents, and a request, one of them under a key."""
        ayse, heard = self.cast.ayse, {"channel": "phone", "kind": "inquiry", "direction": "in", "subject": HEARD}
        told = {**heard, "customer_id": str(self.id), "visibility": "shared"}
        assert ayse.post("/interactions", told, headers={"Idempotency-Key": "arama"}).status_code == 201
        said = {"purpose": "marketing", "decision": "granted", "evidence": {"text": f"{GIVEN} evet dedi"}}
        assert ayse.post(f"/customers/{self.id}/consents", said).status_code == 201
        asked = {"kind": "erasure", "customer_id": str(self.id), "note": f"Ben {GIVEN}, beni unutun"}
        self.case_id = ayse.post("/rights-requests", asked).get_json()["id"]

    def be_worked_for(self) -> None:
        """A matter of theirs, with a note, and work in a queue."""
        ayse, whose = self.cast.ayse, {"customer_id": str(self.id), "subject": f"{GIVEN} araç bekliyor"}
        matter = self.cast.eskisehir.post("/matters", whose)
        assert matter.status_code == 201, matter.text
        note = {"text": f"{FAMILY} ailesi aradı"}
        assert self.cast.eskisehir.post(f"/matters/{matter.get_json()['id']}/notes", note).status_code == 201
        queue = ayse.post("/queues", {"name": "Geri arama"}).get_json()["id"]
        assert ayse.post(f"/queues/{queue}/items", {"kind": "follow_up", **whose}).status_code == 201

    def be_claimed(self) -> None:
        """A dealer that was never shown them says that it brought them."""
        person = {"kind": "person", "given_name": GIVEN, "contact_points": [{"kind": "phone", "value": f"0{PHONE}"}]}
        proof = {"kind": "reference", "reference": f"{ERP} numaralı teklif"}
        said = {"person": person, "note": f"{FAMILY} ailesi", "evidence": [proof], "submit": True}
        assert self.cast.ankara.post("/claims", said).status_code == 201

    def be_merged(self) -> None:
        """A second record of the same person becomes part of the first."""
        ayse = self.cast.ayse
        self.twin_id = ayse.post("/customers", record(), headers={"Idempotency-Key": "ikiz"}).get_json()["id"]
        both = {"keep_id": str(self.id), "lose_id": self.twin_id}
        assert ayse.post("/identity/merges", both).status_code == 201

    def be_moved_in_files(self) -> None:
        """In a file that came, and in two that went."""
        eskisehir = self.cast.eskisehir
        content = f"Ad;Soyad;E-posta\n{GIVEN};{FAMILY};{EMAIL}\n".encode()
        assert eskisehir.post("/imports", data=content, headers={"Content-Type": "text/csv"}).status_code == 201
        for form in ("csv", "xlsx"):
            begun = self.cast.ayse.post("/exports", {"format": form, "filters": {"q": GIVEN}})
            assert begun.status_code == 202, begun.text
            longrunning.go_on(begun.get_json()["id"])

    def sign_in(self) -> None:
        """Their own eyes on their own record."""
        with transaction(SYSTEM) as tx:
            accounts.add_user(
                tx, USERNAME, "sedan-sever-35", Channel.INTERNET, "customer", customer_id=self.id, display_name=GIVEN
            )
            himself = Api(self.cast.ayse.client, Channel.INTERNET, person_token(tx, USERNAME, Channel.INTERNET))
            tx.raw.execute("UPDATE oauth_clients SET name = 'uygulama' WHERE name LIKE 'app of%'")
        assert himself.get(f"/customers/{self.id}").status_code == 200
        assert himself.post("/rights-requests", {"kind": "erasure"}).status_code == 409
