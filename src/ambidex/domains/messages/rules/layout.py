"""The layout of a letter: its MJML becomes HTML once for each shape, then every letter of that shape is filled in.

A shape is what decides which blocks there are: the language, how many paragraphs, items and options. What is filled in
is escaped, and stands where a mark stood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2
import mrml
from markupsafe import escape

LAYOUT = Path(__file__).parents[1] / "templates" / "letter.mjml"
VOICED = ("sign_off", "order", "hello", "see_order", "items", "next", "why")
SAID = ("subject", "wording", "headline", "next", "link", "help")
_MARK = re.compile(r"@@(\w+)@@")
# mail has no long lines, and inside a tag one may end anywhere
_TAG_SPACE = re.compile(r"<(table|div)\s")
_STRONG = re.compile(r"\*\*(.+?)\*\*")

Shape = tuple[str, int, int, int]


def html(said: Mapping[str, Any]) -> str:
    """The letter as HTML; `said` holds SAID, `voice` (VOICED), `paragraphs`, `lines`, `options` and `language`."""
    paragraphs, items, options = said["paragraphs"], said["lines"], said["options"]
    pieces, marks = _filled_in((said["language"], len(paragraphs), len(items), len(options)))
    words: dict[str, str] = {name: escape(said[name]) for name in SAID}
    words |= {f"voice_{name}": escape(said["voice"][name]) for name in VOICED}
    words |= {f"paragraph_{n}": _strong(paragraph) for n, paragraph in enumerate(paragraphs)}
    words |= {f"option_{n}": escape(option["words"]) for n, option in enumerate(options)}
    for n, item in enumerate(items):
        words[f"item_{n}"], words[f"quantity_{n}"] = escape(item["name"]), escape(item["quantity"])
    filled = [part for mark, piece in zip(marks, pieces[1:], strict=True) for part in (words[mark], piece)]
    return "".join([pieces[0], *filled])


def _strong(words: str) -> str:
    return _STRONG.sub(r"<b>\1</b>", str(escape(words)))  # escaped first


@lru_cache(maxsize=500)
def _filled_in(shape: Shape) -> tuple[Sequence[str], Sequence[str]]:
    """What stands between the marks, and the marks."""
    language, paragraphs, items, options = shape
    marked = {
        **{name: _mark(name) for name in SAID},
        "voice": {name: _mark(f"voice_{name}") for name in VOICED},
        "paragraphs": [_mark(f"paragraph_{n}") for n in range(paragraphs)],
        "lines": [{"name": _mark(f"item_{n}"), "quantity": _mark(f"quantity_{n}")} for n in range(items)],
        "options": [{"words": _mark(f"option_{n}")} for n in range(options)],
        "language": language,
    }
    whole = str(mrml.to_html(template().render(marked)).content)
    parts = _MARK.split(_TAG_SPACE.sub(r"<\1\n", whole))
    return parts[::2], parts[1::2]


def _mark(name: str) -> str:
    return f"@@{name}@@"


@cache
def template() -> jinja2.Template:
    """The layout as it is written."""
    env = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return env.from_string(LAYOUT.read_text(encoding="utf-8"))
