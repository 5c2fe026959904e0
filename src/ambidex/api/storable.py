"""Which texts a database can keep, however deep they stand in what was sent; and how deep that may be."""

from __future__ import annotations

from typing import Any

import orjson

# what people write is a few levels deep; beyond, whoever reads it step by step runs out of stack
LEVELS_MAX = 200


def texts(value: Any) -> list[tuple[str, str]]:
    """Every text inside what was sent, however nested, with the path to it."""
    found: list[tuple[str, str]] = []
    waiting = [("", value)]
    while waiting:
        path, at = waiting.pop()
        if isinstance(at, str):
            found.append((path, at))
        elif isinstance(at, dict):
            found += [(path, str(name)) for name in at]
            waiting += [(f"{path}.{name}".strip("."), inner) for name, inner in at.items()]
        elif isinstance(at, list):
            waiting += [(f"{path}[{n}]", inner) for n, inner in enumerate(at)]
    return found


def is_too_deep(value: Any) -> bool:
    """Whether it has more levels than anything that is meant."""
    level = [value]
    for _ in range(LEVELS_MAX):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in inner if isinstance(one, (dict, list))]


def is_storable(value: Any) -> bool:
    """Whether every text in it is; the encoder refuses halves of pairs itself, and what it cannot say is looked through.

    What has more levels than the encoder goes is not.
    """
    try:
        return b"\\u0000" not in orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS) or _all_storable(value)
    except TypeError:
        return not is_too_deep(value) and _all_storable(value)


def _all_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value))
    if isinstance(value, dict):
        return all(_all_storable(str(name)) and _all_storable(inner) for name, inner in value.items())
    return all(map(_all_storable, value)) if isinstance(value, list) else True
