"""Both sides of what did not fit after a time without a network: what was done, and what stands here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _

SECONDS_WORTH_SAYING = 60


def offline_rows(deeds: Sequence[Row[Any]], *, zone: str, now: datetime) -> list[RowView]:
    """What each deed was, by whom and when, and why it did not fit."""
    return [
        RowView(
            title=_done(deed.kind, deed.said),
            note=" · ".join(part for part in (_when(deed, zone, now), deed.problem) if part),
            icon=_ICONS.get(deed.kind, "package"),
        )
        for deed in deeds
    ]


def stands_pairs(deeds: Sequence[Row[Any]], *, zone: str, now: datetime) -> list[tuple[str, str]]:
    """What was known here when the last of them arrived."""
    if not deeds:
        return []
    stands = deeds[-1].stands
    since = stands.get("since")
    said = [
        (_("Answer"), str(stands.get("problem", ""))),
        (_("What to do"), str(stands.get("advice", ""))),
        (_("State"), str(stands.get("state", "")).replace("_", " ")),
        (_("Since"), local_when(datetime.fromisoformat(since), zone, now) if since else ""),
        (_("By"), str(stands.get("by", ""))),
        (_("Why"), str(stands.get("cause", ""))),
        (_("Lies on"), str(stands.get("place", ""))),
        (_("Collected by"), str(stands.get("collector", ""))),
    ]
    return [(name, value) for name, value in said if value]


def _done(kind: str, said: dict[str, Any]) -> str:
    match kind:
        case "count":
            return _("Counted %(n)s of %(item)s", n=said.get("counted"), item=said.get("item"))
        case "pick":
            return _("Picked %(code)s", code=said.get("barcode"))
        case "accept":
            return _("Accepted")
        case "refuse":
            return _("Refused: %(why)s", why=said.get("reason"))
        case "cannot_find":
            return _("Could not find %(n)s of line %(line)s", n=said.get("quantity"), line=said.get("line"))
        case "stage":
            return _("Brought to %(place)s", place=said.get("place"))
        case "hand_over":
            units = sum(int(n) for n in said.get("units", {}).values())
            to = said.get("collector") or _("who showed the code")
            return _("Handed over %(n)s to %(who)s", n=units or _("all"), who=to)
        case _:
            return _("Said that it is ready")


def _when(deed: Row[Any], zone: str, now: datetime) -> str:
    said = f"{deed.actor_name}, {local_when(deed.happened_at, zone, now)}"
    wrong = abs(deed.clock_ahead_seconds)
    if wrong < SECONDS_WORTH_SAYING:
        return said
    return f"{said} ({_('clock of the device wrong by %(n)s min, put right', n=wrong // 60)})"


_ICONS = {
    "count": "clipboard-list",
    "accept": "check",
    "refuse": "x",
    "pick": "package",
    "cannot_find": "package-search",
    "stage": "archive",
    "ready": "send",
    "hand_over": "shopping-bag",
}
