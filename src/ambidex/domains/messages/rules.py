"""How a fact becomes words: one brand voice per language (templates/*.toml), one letter layout (MJML).

Pure: the same kind, facts and language always give the same words (the HTML may order its attributes differently). What a template needs and the facts do not
prove raises NothingToSay instead of being guessed.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import mrml
from babel.dates import format_date, format_time
from babel.numbers import format_currency
from markupsafe import Markup, escape

from ambidex.domains.messages.model import Letter, MessageKind
from ambidex.domains.messages.problems import NothingToSay

TEMPLATES = Path(__file__).parent / "templates"
DEFAULT_LANGUAGE = "en"
# marks that turn what follows them around: a name must not rewrite the sentence it stands in
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
        return "".join(" " if unicodedata.category(c) == "Cc" or c in _TURNING else c for c in value)
    if isinstance(value, Mapping):
        return {name: _writable(inner) for name, inner in value.items()}
    return [_writable(inner) for inner in value] if isinstance(value, list) else value


def _letter(kind: MessageKind, context: dict[str, Any], language: str) -> Letter:
    copy = _copy(language)
    texts, voice = copy[kind.value], copy["voice"]
    say = partial(_template, language, str(context["zone"]), escaped=False)
    plain = {name: say(words).render(context) for name, words in texts.items() if isinstance(words, str)}
    paragraphs = [p for p in (say(words).render(context).strip() for words in texts["paragraphs"]) if p]
    voiced = {
        name: say(words).render(context) for name, words in voice.items() if not name.startswith("help")
    }
    help_words = say(voice["help" if context.get("place") else "help_no_place"]).render(context)
    letter = {
        **context,
        **plain,
        "paragraphs": paragraphs,
        "voice": voiced,
        "help": help_words,
        "language": language,
    }
    layout = _template(language, str(context["zone"]), _layout(), escaped=True)
    html = mrml.to_html(layout.render(letter))
    return Letter(
        subject=" ".join(plain["subject"].split()),
        html=html.content,
        plain=_plain(voiced, plain, paragraphs, help_words, context),
        wording=plain["wording"],
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


def _plain(
    voice: dict[str, str],
    texts: dict[str, str],
    paragraphs: list[str],
    help_words: str,
    context: dict[str, Any],
) -> str:
    listed = [f"- {option['words']}" for option in context["options"]]
    items = [f"- {item['quantity']} × {item['name']}" for item in context["lines"]]
    blocks = [
        voice["hello"],
        *(p.replace("**", "") for p in paragraphs),
        "\n".join(listed),
        f"{voice['see_order']}: {context['link']}",
        "\n".join([f"{voice['items']}:", *items]) if items else "",
        f"{voice['next']}: {texts['next']}",
        help_words,
        voice["sign_off"],
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


@cache
def _copy(language: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _layout() -> str:
    return (TEMPLATES / "letter.mjml").read_text(encoding="utf-8")


# compiling a template costs a hundred times what rendering it does
@lru_cache(maxsize=4_000)
def _template(language: str, zone: str, words: str, *, escaped: bool) -> jinja2.Template:
    return _speaker(language, zone, escaped=escaped).from_string(words)


@cache
def _speaker(language: str, zone: str, *, escaped: bool) -> jinja2.Environment:
    env = jinja2.Environment(autoescape=escaped, undefined=jinja2.StrictUndefined)  # noqa: S701  # plain text is not HTML
    env.filters["moment"] = lambda instant: _moment(instant, ZoneInfo(zone), language)
    env.filters["day"] = lambda instant: _day(instant, ZoneInfo(zone), language)
    env.filters["money"] = lambda amount: format_currency(
        amount["amount"], amount["currency"], locale=language
    )
    env.filters["strong"] = _strong
    return env


def _moment(instant: str, zone: ZoneInfo, language: str) -> str:
    local = datetime.fromisoformat(str(instant)).astimezone(zone)
    return f"{format_time(local, 'short', locale=language)} on {_day(instant, zone, language)}"


def _day(instant: str, zone: ZoneInfo, language: str) -> str:
    local = datetime.fromisoformat(str(instant)).astimezone(zone)
    return format_date(local, "EEEE d MMMM", locale=language)


def _strong(words: str) -> Markup:
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(words))))  # noqa: S704  # escaped first
