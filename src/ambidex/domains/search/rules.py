"""Pure decisions of search: how text becomes words, how far two words are apart, which words fit a token."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from ambidex.domains.search.model import ALTERNATIVES_MAX, FAR, Document, Word

TOKENS_MAX = 6
WORD_LENGTH_MAX = 64
TYPO_LENGTH_MIN = 4
TWO_TYPOS_LENGTH_MIN = 6
PHONE_DIGITS_MIN = 5
PIECE_LENGTH_MIN = 3
COUNTRY_CODE_LENGTH_MAX = 3
NATIONAL_LENGTH_MIN = 7
TEXTS_REMEMBERED = 20_000
_PHONE = re.compile(r"[+(]?[\d\s().+/–-]{5,}")
_PHONE_WITHIN = re.compile(r"(?<!\S)[+(]?\d[\d\s().+/–-]{5,}\d(?!\S)")
_NOT_DIALED = re.compile(r"\(0\)")
_BETWEEN = re.compile(r"[^\w@.+'’-]+")
_APART = re.compile(r"[^\w]+|_")
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
# no blanks between given and family name, so people type both in one
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")
_GTIN = re.compile(r"(?:\]\w\d)?(?:\(?01\)?(\d{14})(?!\d).*|(\d{8}|\d{12,14}))")
_DIGITAL_LINK = re.compile(r"https?://\S+/01/(\d{8,14})(?:[/?].*)?")
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяєћђ",
    "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءپچژگ",
    "0123456789",
    "@.-_",
)


def fold(text: str) -> str:
    """One form for all spellings: compatibility forms, no accents, no case."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", plain.casefold()).translate(_SPELLINGS)


_SPELLINGS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def code(text: str) -> str:
    """A code without the dashes, blanks and signs that people add or leave out."""
    return _alphanumeric(fold(text))[:WORD_LENGTH_MAX]


def _alphanumeric(folded: str) -> str:
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def digits(text: str) -> str:
    """The digits of a phone number without the zeros that only some countries dial."""
    plain = _NOT_DIALED.sub("", text)
    if plain.isascii():
        return "".join(filter(str.isdigit, plain)).lstrip("0")[:20]
    return "".join(str(unicodedata.digit(c)) for c in plain if c.isdigit()).lstrip("0")[:20]


def codes_of(document: Document) -> frozenset[str]:
    """What names this order, or its customer, alone."""
    found = {code(one) for one in document.codes}
    found |= {digits(one) for one in document.phones}
    found |= {fold(one.strip())[:WORD_LENGTH_MAX] for one in document.emails}
    return frozenset(one for one in found if one)


def words_of(document: Document) -> frozenset[str]:
    """Every word that this order shares with others."""
    found: set[str] = set()
    for mark in document.marks:
        found |= mark_words(mark)
    for text in document.texts:
        found |= text_words(text)
    for email in document.emails:
        found |= _pieces(fold(email.strip()).partition("@")[0])
    return frozenset(found)


@lru_cache(TEXTS_REMEMBERED)
def mark_words(text: str) -> frozenset[str]:
    """A mark is one word."""
    return frozenset({code(text)} - {""})


@lru_cache(TEXTS_REMEMBERED)
def text_words(text: str) -> frozenset[str]:
    """Words of a name or title; in scripts without blanks also neighbors in one."""
    words = _split(text)
    joined = {one + other for one, other in pairwise(words) if _UNSPACED.fullmatch(one + other)}
    return frozenset({*words, *joined})


def _pieces(local: str) -> set[str]:
    """Names inside an e-mail address, when something stands between them."""
    pieces = _LETTERS_ONLY.findall(local)
    return {piece for piece in pieces if len(piece) >= PIECE_LENGTH_MIN and piece != local}


def tokens(query: str) -> list[str]:
    """What is asked for, word by word, in any order; a phone number in any format is one word."""
    text = query.strip()
    if _PHONE.fullmatch(text) and len(digits(text)) >= PHONE_DIGITS_MIN:
        return [digits(text)]
    found = [digits(phone) for phone in _PHONE_WITHIN.findall(text)]
    for part in _PHONE_WITHIN.sub(" ", text).split():
        found += _asked(part)
    return list(dict.fromkeys(token for token in found if token))[:TOKENS_MAX]


def _asked(part: str) -> list[str]:
    if "@" in part:
        return [fold(part)[:WORD_LENGTH_MAX]]
    return [code(part)] if any(c.isdigit() for c in part) else _split(part)


def _split(text: str) -> list[str]:
    """Words of a text; what stands around hyphens and apostrophes is a word each, and the whole is one too."""
    found = []
    for part in _BETWEEN.sub(" ", fold(text)).split():
        if part.isalnum():
            found.append(part[:WORD_LENGTH_MAX])
            continue
        pieces = [_alphanumeric(piece) for piece in _APART.split(part)]
        found += [piece[:WORD_LENGTH_MAX] for piece in pieces if piece]
        if len(pieces) > 1:
            found.append("".join(pieces)[:WORD_LENGTH_MAX])
    return [word for word in found if word]


def as_stored(token: str) -> list[str]:
    """Codes that a token may stand for as it is: digits also with a zero before, or without a country's code."""
    if not token.isdigit():
        return [token]
    national = [
        token[n:] for n in range(1, COUNTRY_CODE_LENGTH_MAX + 1) if len(token) - n >= NATIONAL_LENGTH_MIN
    ]
    return [token, f"0{token}", f"00{token}", *national]


def looks_like_code(token: str) -> bool:
    """Whether codes that begin or end so are meant; beginnings of names are words."""
    return "@" in token or any(c.isdigit() for c in token)


def barcodes(scanned: str) -> list[str]:
    """The spellings of an item's number in a scanned barcode: GTIN of 8 to 14 digits, GS1 string or Digital Link."""
    text = scanned.strip()
    fits = _DIGITAL_LINK.fullmatch(text) or _GTIN.fullmatch(text)
    if fits is None:
        return [text]
    number = next(group for group in fits.groups() if group).lstrip("0")
    return [text, *(number.zfill(length) for length in (8, 12, 13, 14) if length >= len(number))]


@lru_cache(TEXTS_REMEMBERED)
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
    letters = sorted({*token, *_alphabets(token)})
    halves = [(token[:n], token[n:]) for n in range(len(token) + 1)]
    lost = {a + b[1:] for a, b in halves if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    wrong = {a + c + b[1:] for a, b in halves if b for c in letters}
    more = {a + c + b for a, b in halves for c in letters}
    return sorted((lost | swapped | wrong | more) - {token, ""})


def _alphabets(token: str) -> Iterator[str]:
    """The letters of the scripts that the token is written in."""
    written = set(token)
    for alphabet in _ALPHABETS:
        if not written.isdisjoint(alphabet):
            yield from alphabet


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
    edits = {one: 0 if token in one.word else distance(token, one.word) for one in candidates}
    near = [one for one, off in edits.items() if off <= allowed]
    nearest = min((edits[one] for one in near), default=0)
    near.sort(key=lambda one: (edits[one], -one.seen, one.word))
    kept = [one for one in near if edits[one] <= nearest + 1]
    return [Word(one.word, one.seen, FAR) for one in kept[:ALTERNATIVES_MAX]]
