"""Who is merged by itself, who is asked about, and who must never be mistaken for another."""

from __future__ import annotations

import pytest

from gateway.identity.weighing.defaults import ORGANISATION, PERSON
from gateway.identity.weighing.model import default_model
from gateway.identity.weighing.why import why
from tests.identity.people import HOME, USUAL, company, outcome, person

AYSE = person("Ayşe", "Yıldırım", "1984-03-09", HOME, phone="+905321112233", email="ayse.yildirim@example.com")
PORSUK = company("Porsuk Lojistik Ltd. Şti.", HOME, tax_id="4540536920", phone="+902222301234")


@pytest.mark.parametrize(
    "again",
    [
        person("AYSE", "YILDIRIM", "1984-09-03", HOME),
        person("Yıldırım", "Ayşe", "1984-03-09", phone="+905321112233"),
        person("Ayşe", "Korkmaz", "1984-03-09", phone="+905321112233", email="ayse.yildirim@example.com"),
        person("Ay?e", "Y?ld?r?m", "1984-03-09", HOME),
        person("Ayşe", "Yıldırım", "1984-03-09", "Akarbaşı Mah. Lale Sok. 7", phone="+905321112233"),
        person("Ayşe Yıldırm", "", "", phone="+905321112233", email="ayse.yildirim@example.com"),
    ],
    ids=["typing", "swapped", "maiden name", "lost letters", "moved", "one field"],
)
def test_one_person_written_twice_is_the_same(again: object) -> None:
    assert outcome(AYSE, again) != "different"  # type: ignore[arg-type]


def test_same_name_birth_date_and_house_are_merged_by_themselves() -> None:
    assert outcome(AYSE, person("Ayse", "Yildirim", "1984-03-09", HOME)) == "same"


def test_father_and_son_of_one_name_at_one_address_are_two() -> None:
    father = person("Mehmet", "Kaya", "1958-01-20", HOME, phone="+905321112233", email="kaya@example.com")
    son = person("Mehmet", "Kaya", "1985-07-11", HOME, phone="+905321112233", email="kaya@example.com")
    assert outcome(father, son) != "same"
    assert outcome(father, person("Mehmet", "Kaya", "1985-07-11", HOME)) == "different"


def test_father_and_son_whose_birth_dates_nobody_knows_are_asked_about() -> None:
    assert outcome(person("Mehmet", "Kaya", "1958-01-20", HOME), person("Mehmet", "Kaya", "", HOME)) == "perhaps"


def test_twins_are_two() -> None:
    one = person("Elif", "Kaya", "1999-05-05", HOME, phone="+905321112233")
    assert outcome(one, person("Zeynep", "Kaya", "1999-05-05", HOME, phone="+905321112233")) == "different"


def test_spouses_with_one_phone_and_mail_are_two() -> None:
    shared = {"phone": "+905321112233", "email": "yildirim.ailesi@example.com"}
    one, two = person("Ayşe", "Yıldırım", "", HOME, **shared), person("Kemal", "Yıldırım", "", HOME, **shared)
    assert outcome(one, two) == "different"


def test_sister_companies_are_two() -> None:
    sister = company("Porsuk Turizm A.Ş.", HOME, tax_id="1234567890", phone="+902222301234")
    assert outcome(PORSUK, sister) == "different"


@pytest.mark.parametrize("name", ["PORSUK LOJİSTİK LİMİTED ŞİRKETİ", "Porsuk Loj. Ltd.", "Porsuk Lojistk Ltd. Şti."])
def test_one_company_written_twice_is_the_same(name: str) -> None:
    assert outcome(PORSUK, company(name, HOME, tax_id="4540536920")) == "same"


def test_another_tax_id_stands_against_everything_else() -> None:
    one = person("Ayşe", "Yılmaz", "1984-03-09", HOME, tax_id="17291716060")
    two = person("Ayşe", "Yılmaz", "1984-03-09", HOME, tax_id="10000000146")
    assert outcome(one, two) != "same"


def test_a_rare_surname_says_more_than_a_usual_one() -> None:
    model = default_model()
    rare, usual = (
        model.weigh(person("Ayşe", name, "1984-03-09"), person("Ayşe", name, "1984-03-09"), USUAL).bits
        for name in ("Sığırcıoğlu", "Yılmaz")
    )
    assert rare > usual + 3


def test_two_of_one_usual_name_are_strangers() -> None:
    assert outcome(person("Mehmet", "Yılmaz"), person("Mehmet", "Yılmaz")) == "different"


def test_every_row_of_the_weights_is_a_distribution() -> None:
    rows = [row for table in (PERSON, ORGANISATION) for classes in table.values() for row in classes.values()]
    assert [row for row in rows if abs(sum(row) - 1) > 0.001 or min(row) <= 0] == []


def test_weights_of_all_fields_and_the_expectation_add_up_to_the_score_against_each_rival() -> None:
    model = default_model()
    weighed = model.weigh(AYSE, person("Ayşe", "Yıldırım", "", HOME), USUAL)
    found = why(model.people, weighed.vector, weighed.adjusted, USUAL.total)
    strongest = found.rivals[0]
    assert strongest.name == "namesake"
    assert strongest.bits == pytest.approx(strongest.expected + sum(each.bits for each in found.evidence))
    assert weighed.bits <= strongest.bits
