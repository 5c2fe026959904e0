"""Letters say only what the facts prove, escape what customers wrote, and refuse to guess."""

import re
from typing import Any

import mrml
import pytest

from ambidex.domains.messages import MessageKind, render
from ambidex.domains.messages.rules import layout
from ambidex.kernel.problem import Problem

PLACE = {
    "name": "Camden",
    "address": "12 Chalk Farm Road, London NW1 8AG",
    "phone": "+44 20 7946 0991",
    "hours_today": "9:00 to 20:00",
    "zone": "Europe/London",
}
FACTS = {
    "name": "Σοφία Παπαδοπούλου",
    "email": "sofia@example.org",
    "language": "en-GB",
    "number": "MF-10428",
    "link": "/o/abc",
    "place": PLACE,
    "ready_by": "2026-06-20T13:30:00+00:00",
    "old_ready_by": "2026-06-20T12:30:00+00:00",
    "answer_by": "2026-06-20T15:30:00+00:00",
    "default_words": "we cancel it and you pay nothing.",
    "cause_words": "The sage shirt is not on the rail.",
    "items": [{"name": "Kettle <b>moss</b>", "quantity": 2}],
    "code": "K7QM-2XVD",
    "options": [{"key": "soho", "words": "Collect at Soho instead"}],
    "collect_until": "2026-06-26T13:30:00+00:00",
    "choice_words": "We hold it at Soho for you.",
    "amount": {"amount": "38.00", "currency": "GBP"},
    "correction": "It is not ready yet.",
    "news_by": "2026-06-22T13:30:00+00:00",
    "parcel": {
        "number": 1, "of": 2, "carrier": "Royal Post", "tracking_number": "RP123", "tracking_url": "",
        "expected_at": "2026-06-22T13:30:00+00:00",
    },
    "signed_by": "Ada Obi",
}  # fmt: skip


@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_kind_has_words_and_no_markup_of_the_customer(kind: MessageKind) -> None:
    letter = render(kind, FACTS, base_url="https://shop.example", brand="Marrow & Finch")

    assert letter.subject
    assert "{{" not in letter.html + letter.plain + letter.wording
    assert "https://shop.example/o/abc" in letter.html
    assert "https://shop.example/o/abc" in letter.plain
    assert "Kettle <b>moss</b>" not in letter.html
    assert "Kettle &lt;b&gt;moss&lt;/b&gt;" in letter.html


def test_times_are_those_of_the_place() -> None:
    letter = render(MessageKind.CONFIRMED, FACTS, base_url="https://shop.example", brand="Marrow & Finch")
    assert "2:30\u202fPM" in letter.wording or "14:30" in letter.wording or "2:30 PM" in letter.wording


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "arrives by Tuesday 23 June"),
        ({"parts": 2}, "arrives by Tuesday 23 June, in 2 parcels"),
        ({"ready_by": FACTS["ready_by"]}, "ready at Camden"),
    ],
)
def test_what_is_sent_is_told_by_its_day(more: dict[str, object], said: str) -> None:
    without = {key: value for key, value in FACTS.items() if key != "ready_by"}
    facts = {**without, "arrives_by": "2026-06-23T17:00:00+00:00", **more}
    letter = render(MessageKind.CONFIRMED, facts, base_url="https://shop.example", brand="Marrow & Finch")
    assert said in letter.wording
    assert "arrives by" in letter.wording
    assert ("before you set off" in letter.plain) is ("ready_by" in more)


def test_a_missing_fact_is_refused_not_guessed() -> None:
    without_time = {key: value for key, value in FACTS.items() if key != "ready_by"}
    with pytest.raises(Problem) as refused:
        render(MessageKind.CONFIRMED, without_time, base_url="https://shop.example", brand="Marrow & Finch")
    assert refused.value.code == "no-template"


def test_the_same_facts_give_the_same_words() -> None:
    one, two = (
        render(MessageKind.READY, FACTS, base_url="https://shop.example", brand="Marrow & Finch")
        for _ in range(2)
    )
    assert (one.subject, one.plain, one.wording) == (two.subject, two.plain, two.wording)


def test_characters_no_letter_can_carry_are_left_out_and_turning_marks_turn_nothing() -> None:
    facts = {**FACTS, "name": "Zo\x07\x1b[31m\u202eë", "items": [{"name": "Cup\x00\x0bred", "quantity": 1}]}
    letter = render(MessageKind.CONFIRMED, facts, base_url="https://shop.example", brand="Marrow & Finch")
    assert not set("\x00\x07\x0b\x1b\u202e") & set(letter.html + letter.plain + letter.subject)


@pytest.mark.parametrize(("paragraphs", "items", "options"), [(1, 0, 0), (2, 3, 0), (3, 1, 2)])
def test_a_layout_filled_in_is_what_it_had_become_with_these_words(
    paragraphs: int, items: int, options: int
) -> None:
    words: dict[str, Any] = {name: f"{name} of O'Neil & <i>Söhne</i> 山田 @@link@@" for name in layout.SAID}
    said: dict[str, Any] = {
        **words,
        "voice": {name: f'{name} "quoted"' for name in layout.VOICED},
        "paragraphs": [f"Say {n} & <no more>" for n in range(paragraphs)],
        "lines": [{"name": f"Tee & {n}", "quantity": n + 1} for n in range(items)],
        "options": [{"words": f"Wait <{n}>"} for n in range(options)],
        "language": "en",
    }
    at_once = str(mrml.to_html(layout.template().render(said)).content)
    assert in_any_order(layout.html(said)) == in_any_order(at_once)


def in_any_order(html: str) -> str:
    """Attributes of a tag come in any order."""
    return re.sub(r"<[^>]*>", lambda tag: "".join(sorted(tag[0])), re.sub(r"\s", " ", html))


def test_what_is_strong_is_strong_and_nothing_else_is_markup() -> None:
    facts: dict[str, Any] = {**FACTS, "place": {**PLACE, "name": "Camden <b> & Sons"}}
    letter = render(MessageKind.CONFIRMED, facts, base_url="https://shop.example", brand="Marrow & Finch")
    assert "<b>Camden &lt;b&gt; &amp; Sons</b>" in letter.html
    assert "ready at Camden <b> & Sons by" in letter.plain
