"""Figures."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Share, Stat

STORY = Story(
    title="Figures",
    about="One figure, its word, and what it is compared with. Kept promises are pale so that broken ones show.",
    states=(
        State(
            "Tiles",
            "{{ ui.stats(s) }}",
            {
                "s": (
                    Stat(
                        label="At risk", value="43", note="12 of them at Camden", mean=Mean.AT_RISK, href="#"
                    ),
                    Stat(label="Kept today", value="98.1", unit="%", note="target 98.5", icon="history"),
                    Stat(label="Broken", value="6", note="4 by the carrier", mean=Mean.BROKEN),
                    Stat(label="Waiting", value="1,204", mean=Mean.WAITING),
                )
            },
        ),
        State(
            "Shares",
            '{{ ui.stack(s, "612 on track, 31 at risk, 38 broken") }}',
            {
                "s": (
                    Share(mean=Mean.ON_TRACK, count=612),
                    Share(mean=Mean.AT_RISK, count=31),
                    Share(mean=Mean.BROKEN, count=38),
                )
            },
        ),
    ),
)
