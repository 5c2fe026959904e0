"""Pure decisions of search: how text becomes words, how far two words are apart, which words fit a token."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from ambidex.domains.search.model import Document, Word

TOKENS_MAX = 6
WORD_LENGTH_MAX = 64
TYPO_LENGTH_MIN = 4
TWO_TYPOS_LENGTH_MIN = 6
ALTERNATIVES_MAX = 60
PHONE_DIGITS_MIN = 5
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PHONE = re.compile(r"[+(]?[\d\s().+/–-]{5,}")
_BETWEEN = re.compile(r"[^\w@.+'’-]+")


def fold(text: str) -> str:
    """One form for all spellings: compatibility forms, no accents, no case."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", plain.casefold()).translate(_SPELLINGS)


_SPELLINGS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def code(text: str) -> str:
    """A code without the dashes, blanks and signs that people add or leave out."""
    return "".join(c for c in fold(text) if c.isalnum())[:WORD_LENGTH_MAX]


def digits(text: str) -> str:
    """The digits of a phone number without the zeros that only some countries dial."""
    return "".join(str(unicodedata.digit(c)) for c in text if c.isdigit()).lstrip("0")[:20]


def words_of(document: Document) -> frozenset[str]:
    """Every word that this order is found by."""
    found = {code(one) for one in document.codes}
    found |= {digits(one) for one in document.phones}
    for text in document.texts:
        found |= set(_split(text))
    for email in document.emails:
        whole = fold(email.strip())
        found |= {whole[:WORD_LENGTH_MAX], *_split(whole.partition("@")[0])}
    return frozenset(word for word in found if word)


def tokens(query: str) -> list[str]:
    """What is asked for, word by word, in any order; a phone number in any format is one word."""
    text = query.strip()
    if _PHONE.fullmatch(text) and len(digits(text)) >= PHONE_DIGITS_MIN:
        return [digits(text)]
    found: list[str] = []
    for part in text.split():
        if "@" in part:
            found.append(fold(part)[:WORD_LENGTH_MAX])
        elif any(c.isdigit() for c in part):
            found.append(code(part))
        else:
            found += _split(part)
    return list(dict.fromkeys(token for token in found if token))[:TOKENS_MAX]


def _split(text: str) -> list[str]:
    """Words of a text; what stands around hyphens and apostrophes is a word each, and the whole is one too."""
    found = []
    for part in _BETWEEN.sub(" ", fold(text)).split():
        pieces = ["".join(c for c in piece if c.isalnum()) for piece in re.split(r"[^\w]+|_", part)]
        found += [piece[:WORD_LENGTH_MAX] for piece in pieces if piece]
        if len(pieces) > 1:
            found.append("".join(pieces)[:WORD_LENGTH_MAX])
    return found


def hash_of(word: str) -> int:
    """64 bits of BLAKE2b, signed as PostgreSQL keeps them."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big", signed=True)


def typos_allowed(token: str) -> int:
    """How many edits still mean this word; none for short ones and numbers."""
    if len(token) < TYPO_LENGTH_MIN or token.isdigit():
        return 0
    return 2 if len(token) >= TWO_TYPOS_LENGTH_MIN else 1


def one_edit_away(token: str) -> list[str]:
    """Every word that one slip of the fingers makes of this one: a letter lost, doubled, wrong or swapped."""
    letters = sorted({*_LETTERS, *token})
    halves = [(token[:n], token[n:]) for n in range(len(token) + 1)]
    lost = {a + b[1:] for a, b in halves if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    wrong = {a + c + b[1:] for a, b in halves if b for c in letters}
    more = {a + c + b for a, b in halves for c in letters}
    return sorted((lost | swapped | wrong | more) - {token, ""})


def distance(one: str, other: str) -> int:
    """Edits between two words; swapping two neighbors is one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        two_before, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]


def meant(token: str, candidates: Iterable[Word]) -> list[Word]:
    """Words near enough to be meant, the nearest and most common first; parts of words count as near."""
    allowed = typos_allowed(token)
    found = []
    for word in candidates:
        off = 0 if token in word.word else distance(token, word.word)
        if off <= allowed:
            found.append(Word(word.word, word.seen, off))
    found.sort(key=lambda w: (w.off, -w.seen, w.word))
    nearest = found[0].off if found else 0
    return [word for word in found if word.off <= nearest + 1][:ALTERNATIVES_MAX]


def rarest_first(groups: Sequence[Sequence[Word]]) -> list[list[int]]:
    """Hashes by token, the token with the fewest orders first: it is walked, the others are probed."""
    ordered = sorted(groups, key=lambda words: sum(word.seen for word in words))
    return [[hash_of(word.word) for word in words] for words in ordered]
