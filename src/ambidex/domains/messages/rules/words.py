"""How a fact becomes words: one brand voice per language (templates/*.toml), one letter layout (layout.py).

Pure: the same kind, facts and language always give the same words (another process may order the attributes of the HTML
differently). What a template needs and the facts do not prove raises NothingToSay instead of being guessed.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_time
from babel.numbers import format_currency

from ambidex.domains.messages.model import Letter, MessageKind
from ambidex.domains.messages.problems import NothingToSay
from ambidex.domains.messages.rules import layout
from ambidex.kernel.values import dataclass

TEMPLATES = Path(__file__).parents[1] / "templates"
DEFAULT_LANGUAGE = "en"
# marks that turn what follows them around: a name must not rewrite the sentence it stands in
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# between the texts of one letter; what customers typed is without it
_BREAK = "\x1e"


@cache
def languages() -> tuple[str, ...]:
    """The languages we can speak."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.toml")))


def render(kind: MessageKind, facts: Mapping[str, Any], *, base_url: str, brand: str) -> Letter:
    """The letter for these facts in the customer's language (English when we do not speak it).

    Raises NothingToSay when a fact that the words need is missing.
    """
    language = str(facts.get("language") or DEFAULT_LANGUAGE).split("-")[0].lower()
    language = language if language in languages() else DEFAULT_LANGUAGE
    try:
        said = _context(kind, _writable(facts), language, base_url=base_url)
        return _letter(kind, {**said, "brand": brand}, language)
    except (jinja2.UndefinedError, OSError) as cause:
        raise NothingToSay(f"{kind}: {cause}", kind=kind) from cause


def _writable(value: Any) -> Any:
    """The same without characters that no letter can carry; what customers typed may hold any."""
    if isinstance(value, str):
        if value.isprintable():  # none of them is
            return value
        return "".join(" " if unicodedata.category(c) == "Cc" or c in _TURNING else c for c in value)
    if isinstance(value, Mapping):
        return {name: _writable(inner) for name, inner in value.items()}
    return [_writable(inner) for inner in value] if isinstance(value, list) else value


def _letter(kind: MessageKind, context: dict[str, Any], language: str) -> Letter:
    sheet = _sheet(kind.value, language, has_place=bool(context.get("place")))
    said = dict(zip(sheet.names, sheet.template.render(context).split(_BREAK), strict=True))
    paragraphs = [p for p in (said[name].strip() for name in sheet.paragraphs) if p]
    letter = {
        **context,
        **said,
        "voice": {name: said[f"voice {name}"] for name in layout.VOICED},
        "paragraphs": paragraphs,
        "language": language,
    }
    return Letter(
        subject=" ".join(said["subject"].split()),
        html=layout.html(letter),
        plain=_plain(letter),
        wording=said["wording"],
    )


_OPTIONAL = {
    "code": "",
    "collect_until": None,
    "amount": None,
    "collector": "",
    "cause_words": "",
    "arrives_by": None,
    "parts": 1,
    "whole": True,
}
_ASKS = frozenset({MessageKind.OPTIONS, MessageKind.SHORT_AT_ARRIVAL, MessageKind.LATE})


def _context(kind: MessageKind, facts: Mapping[str, Any], language: str, *, base_url: str) -> dict[str, Any]:
    name = str(facts.get("name") or "")
    place = facts.get("place") or {}
    return {
        **_OPTIONAL,
        **({"correction": ""} if kind is MessageKind.CANCELED else {}),
        **facts,
        "options": (facts.get("options") or []) if kind in _ASKS else [],
        "lines": facts.get("items") or [],
        "first_name": name.split(maxsplit=1)[0] if name.split() else name,
        "zone": place.get("zone", "UTC"),
        "link": base_url.rstrip("/") + str(facts.get("link", "/")),
        "language": language,
    }


def _plain(letter: dict[str, Any]) -> str:
    voice = letter["voice"]
    listed = [f"- {option['words']}" for option in letter["options"]]
    items = [f"- {item['quantity']} × {item['name']}" for item in letter["lines"]]
    blocks = [
        voice["hello"],
        *(p.replace("**", "") for p in letter["paragraphs"]),
        "\n".join(listed),
        f"{voice['see_order']}: {letter['link']}",
        "\n".join([f"{voice['items']}:", *items]) if items else "",
        f"{voice['next']}: {letter['next']}",
        letter["help"],
        voice["sign_off"],
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


@cache
def _copy(language: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """All words of one kind of letter as one template, with breaks between them: rendered once a letter."""

    names: tuple[str, ...]
    paragraphs: tuple[str, ...]
    template: jinja2.Template


@cache
def _sheet(kind: str, language: str, *, has_place: bool) -> _Sheet:
    texts, voice = _copy(language)[kind], _copy(language)["voice"]
    paragraphs = {f"paragraph {n}": words for n, words in enumerate(texts["paragraphs"])}
    all_words = {
        **{name: words for name, words in texts.items() if isinstance(words, str)},
        **paragraphs,
        **{f"voice {name}": voice[name] for name in layout.VOICED},
        "help": voice["help" if has_place else "help_no_place"],
    }
    template = _speaker(language).from_string(_BREAK.join(all_words.values()))
    return _Sheet(tuple(all_words), tuple(paragraphs), template)


@cache
def _speaker(language: str) -> jinja2.Environment:
    env = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701  # plain text is not HTML
    moment, day = partial(_moment, language=language), partial(_day, language=language)
    env.filters["moment"] = jinja2.pass_context(lambda said, instant: moment(_local(said, instant)))
    env.filters["day"] = jinja2.pass_context(lambda said, instant: day(_local(said, instant).date()))
    env.filters["money"] = lambda amount: format_currency(
        amount["amount"], amount["currency"], locale=language
    )
    return env


def _local(said: Mapping[str, Any], instant: object) -> datetime:
    """On the clock of the place, to the minute."""
    local = datetime.fromisoformat(str(instant)).astimezone(ZoneInfo(said["zone"]))
    return local.replace(second=0, microsecond=0, tzinfo=None)


# babel reads its patterns anew each time
@lru_cache(maxsize=2_000)
def _moment(local: datetime, *, language: str) -> str:
    return f"{format_time(local, 'short', locale=language)} on {_day(local.date(), language=language)}"


@lru_cache(maxsize=500)
def _day(local: date, *, language: str) -> str:
    return format_date(local, "EEEE d MMMM", locale=language)
