"""Rules to start from, so that nobody begins with an empty form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.web.words import translate as _


@dataclass(frozen=True, slots=True)
class Like:
    """What it is called, and the rule as a document has it."""

    title: str
    rule: Mapping[str, Any]


LIKES: Mapping[str, Like] = {
    "heavy": Like(
        _("Heavy pieces only from warehouses"),
        {
            "name": "Heavy only from warehouses",
            "when": {"item.weight": {"at_least": "10"}},
            "only": {"place.kind": "warehouse"},
        },
    ),
    "busy": Like(
        _("No work for a place that is full"),
        {"name": "Not where forty orders wait", "leave_out": {"place.load": {"at_least": 40}}},
    ),
    "saturday": Like(
        _("Stores do not send on Saturdays"),
        {
            "name": "Stores do not send on Saturdays",
            "when": {"time.weekday": ["sat"]},
            "leave_out": {"place.kind": "store"},
        },
    ),
    "abroad": Like(
        _("Abroad only from warehouses"),
        {
            "name": "Abroad only from warehouses",
            "when": {"order.country": {"not": ["US"]}},
            "only": {"place.kind": "warehouse"},
        },
    ),
    "stores": Like(
        _("Rather from stores than from warehouses"),
        {"name": "Rather from stores", "prefer": {"place.kind": "store"}, "by": "1.00"},
    ),
}
