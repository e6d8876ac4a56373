"""A sealed secret opens in its own place, under a key of this installation, and nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import vault

OLD, NEW = ("eski", b"e" * 32), ("yeni", b"y" * 32)
PLACE = "webhook_endpoint:1:secret"


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    before = vault._keys
    vault.load_keys((NEW, OLD))
    yield
    vault.load_keys(before)


@given(st.text().filter(lambda text: text.isascii() or text.encode("utf-8", "ignore").decode() == text))
def test_secret_comes_out_as_it_went_in(secret: str) -> None:
    assert vault.unseal(vault.seal(secret, PLACE), PLACE) == secret


def test_sealed_value_shows_nothing_and_is_never_the_same_twice() -> None:
    sealed = {vault.seal("gizli", PLACE) for _ in range(20)}
    assert len(sealed) == 20
    assert not any("gizli" in base64.urlsafe_b64decode(each.partition(".")[2]).decode("latin-1") for each in sealed)


def test_value_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(vault.SealBroken):
        vault.unseal(vault.seal("gizli", PLACE), "webhook_endpoint:2:secret")


@given(st.integers(0, 32), st.integers(0, 7))
def test_altered_value_does_not_open(place: int, bit: int) -> None:
    name, _, encoded = vault.seal("gizli", PLACE).partition(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    raw[place % len(raw)] ^= 1 << bit
    with pytest.raises(vault.SealBroken):
        vault.unseal(f"{name}.{base64.urlsafe_b64encode(raw).decode()}", PLACE)


@pytest.mark.parametrize("sealed", ["", "yeni", "yeni.", "yeni.AAAA", "yeni.!!!", "yeni.ş", ".AAAA", "başka.AAAA"])
def test_what_was_never_sealed_is_refused_by_name(sealed: str) -> None:
    with pytest.raises(vault.SealBroken):
        vault.unseal(sealed, PLACE)


def test_value_of_the_old_key_opens_and_asks_to_be_sealed_again() -> None:
    vault.load_keys((OLD,))
    sealed = vault.seal("gizli", PLACE)
    vault.load_keys((NEW, OLD))
    assert (vault.unseal(sealed, PLACE), vault.needs_resealing(sealed)) == ("gizli", True)
    assert not vault.needs_resealing(vault.seal("gizli", PLACE))


def test_value_of_a_lost_key_names_the_key_and_the_setting() -> None:
    sealed = vault.seal("gizli", PLACE)
    vault.load_keys((OLD,))
    with pytest.raises(vault.SealBroken, match=r"'yeni'.*KOPRU_VAULT_KEYS"):
        vault.unseal(sealed, PLACE)


def test_same_name_with_another_key_does_not_open() -> None:
    sealed = vault.seal("gizli", PLACE)
    vault.load_keys((("yeni", b"x" * 32),))
    with pytest.raises(vault.SealBroken):
        vault.unseal(sealed, PLACE)


def test_sealed_bytes_open_in_their_place_alone() -> None:
    sealed = vault.seal_bytes(b"\x00gizli\x00", PLACE)
    assert vault.unseal_bytes(sealed, PLACE) == b"\x00gizli\x00"
    for altered, place in (
        (sealed, "other"),
        (sealed[:-1], PLACE),
        (b"", PLACE),
        (b"yeni\0", PLACE),
        (b"\xff\0a", PLACE),
    ):
        with pytest.raises(vault.SealBroken):
            vault.unseal_bytes(altered, place)


def test_fingerprint_depends_on_secret_and_purpose() -> None:
    marks = {vault.fingerprint(secret, purpose) for secret in ("a", "b") for purpose in ("x", "y")}
    assert len(marks) == 4
    assert vault.fingerprint("a", "x") == vault.fingerprint("a", "x")
