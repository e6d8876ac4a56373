"""The keys a customer is found by: what is looked for together stands together in one index.

A name is kept once for each of its words, turned so that this word comes first and the others follow: whoever knows one
word reads the others beside it. Each word is folded and, where it is spelt otherwise, spelt: `w isik\\tışık cem\\t `.
A phone is kept backwards, so that its last digits are where its key begins.
"""

from __future__ import annotations

from gateway.turkish import fold, spelt

# The first letter of a key is its kind.
WORD, EMAIL, PHONE, TAX_ID, IDENTIFIER = "w", "e", "p", "t", "i"
_MOST_WORDS, _MOST_LETTERS = 24, 320


def name_keys(name: str) -> list[str]:
    """A key for each word of a name, the word first."""
    written = [written_word(*each) for each in spelt(name)[:_MOST_WORDS]]
    while sum(map(len, written)) > _MOST_LETTERS:
        written.pop()
    return [f"{WORD}{''.join(written[at:] + written[:at])} " for at in range(len(written))]


def written_word(folded: str, spelling: str) -> str:
    """A word as it stands in a key: behind a blank, its spelling behind a tab where that is another."""
    return f" {folded}\t{'' if spelling == folded else spelling}"


def email_key(address: str) -> str:
    """How an e-mail address is looked up."""
    return EMAIL + fold(address)


def phone_key(phone: str) -> str:
    """How a phone in E.164 is looked up."""
    return PHONE + phone[:0:-1]


def identifier_key(system: str, value: str) -> str:
    """How an identifier is looked up; a system's name never holds the separator."""
    return f"{IDENTIFIER}{value}\x1f{system}"
