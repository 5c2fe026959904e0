"""Text becomes words, and slips of the fingers are forgiven."""

from __future__ import annotations

import random
import string
from uuid import UUID

import pytest

from ambidex.domains.search import Document, rules
from ambidex.domains.search.model import Word
from ambidex.kernel.ids import OrderId

ORDER = OrderId(UUID(int=1))


@pytest.mark.parametrize(
    ("query", "tokens"),
    [
        ("K7QD-2M9X", ["k7qd2m9x"]),
        ("#1001", ["1001"]),
        ("  Ama   OWUSU ", ["ama", "owusu"]),
        ("Łukasz Żółć", ["lukasz", "zolc"]),
        ("José Müller-Łoś", ["jose", "muller", "los", "mullerlos"]),
        ("O'Brien", ["o", "brien", "obrien"]),
        ("+1 (206) 555-0100", ["12065550100"]),
        ("020 7946 0991", ["2079460991"]),
        ("0100", ["0100"]),
        ("ama (206) 555-0100", ["2065550100", "ama"]),
        ("+44 (0)20 7946 0991", ["442079460991"]),
        ("MUG-01 ama", ["mug01", "ama"]),
        ("Ama@Example.COM", ["ama@example.com"]),
        ("山田 太郎", ["山田", "太郎"]),
        ("ΓΙΏΡΓΟΣ", ["γιωργοσ"]),
        ("", []),
        ("--- ?", []),
    ],
)
def test_what_is_asked_for_word_by_word(query: str, tokens: list[str]) -> None:
    assert rules.tokens(query) == tokens


def test_an_order_is_found_by_all_that_is_known_of_it() -> None:
    document = Document(
        ORDER,
        codes=("K7QD-2M9X", "#1001"),
        marks=("NW1 8AG",),
        texts=("Zoë Ōnuki", "山田 太郎"),
        phones=("+44 20 7946 0991",),
        emails=("zoe.onuki@example.com",),
    )
    assert rules.codes_of(document) == {"k7qd2m9x", "1001", "442079460991", "zoe.onuki@example.com"}
    assert rules.words_of(document) == {"nw18ag", "zoe", "onuki", "山田", "太郎", "山田太郎"}


@pytest.mark.parametrize(
    ("scanned", "spelled"),
    [
        ("4006381333931", "4006381333931"),
        ("04006381333931", "4006381333931"),
        ("(01)04006381333931", "4006381333931"),
        ("]C10104006381333931", "4006381333931"),
        ("https://id.example.org/01/09506000134352/10/A1", "9506000134352"),
        ("036000291452", "036000291452"),
        ("0036000291452", "036000291452"),
        ("B-MUG-01", "B-MUG-01"),
    ],
)
def test_a_barcode_of_an_item_in_any_wrapping(scanned: str, spelled: str) -> None:
    assert spelled in rules.barcodes(scanned)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("smith", "smith", 0),
        ("smith", "smiht", 1),
        ("smith", "smth", 1),
        ("smith", "smythe", 2),
        ("", "ab", 2),
    ],
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert rules.distance(one, other) == rules.distance(other, one) == edits


def test_every_single_slip_is_one_edit_away_and_no_more() -> None:
    chance = random.Random(7)
    for _ in range(200):
        word = "".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 9)))
        variants = rules.one_edit_away(word)
        assert word not in variants
        assert all(rules.distance(word, v) == 1 for v in chance.sample(variants, 20))


def test_the_nearest_words_are_meant() -> None:
    words = [Word("marlow", 3), Word("barlow", 9), Word("marlowe", 1), Word("harrow", 50)]
    assert [w.word for w in rules.meant("marlow", words)] == ["marlow", "marlowe", "barlow"]
    assert rules.meant("1234", [Word("1235", 1)]) == [], "numbers are not guessed"
