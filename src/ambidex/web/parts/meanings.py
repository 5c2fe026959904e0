"""The four meanings (and none), with the icon and the word each always carries."""

from __future__ import annotations

from enum import StrEnum


class Mean(StrEnum):
    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    BROKEN = "broken"
    WAITING = "waiting"
    NONE = "none"

    @property
    def icon(self) -> str:
        return ICONS[self]

    @property
    def rank(self) -> int:
        """How bad it is: 0 on track, 1 at risk, 2 broken."""
        return {Mean.AT_RISK: 1, Mean.BROKEN: 2}.get(self, 0)


ICONS = {
    Mean.ON_TRACK: "circle-check",
    Mean.AT_RISK: "triangle-alert",
    Mean.BROKEN: "octagon-x",
    Mean.WAITING: "hourglass",
    Mean.NONE: "circle",
}
