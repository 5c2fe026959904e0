"""The language of the page being rendered, and translation of what we say in it.

A context variable holds the language because macros are compiled once and shared by all requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations

DEFAULT = "en_US"
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur", "yi", "ps", "dv", "ckb"})

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
_translations: ContextVar[NullTranslations | None] = ContextVar("translations", default=None)


def translate(text: str, **facts: object) -> str:
    """Say it in the language of the request; facts fill %(name)s places."""
    catalog = _translations.get()
    said = catalog.gettext(text) if catalog is not None else text
    return said % facts if facts else said


def language() -> str:
    return _language.get()


def locale() -> Locale:
    return Locale.parse(_language.get())


def direction() -> str:
    return "rtl" if locale().language in RIGHT_TO_LEFT else "ltr"


@contextmanager
def speaking(tag: str, translations: NullTranslations | None = None) -> Iterator[None]:
    """Render in this language (a BCP 47 or POSIX tag); an unknown one falls back to the default."""
    known = _known(tag)
    was, words = _language.set(known), _translations.set(translations)
    try:
        yield
    finally:
        _language.reset(was)
        _translations.reset(words)


def _known(tag: str) -> str:
    try:
        return str(Locale.parse(tag.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return DEFAULT
