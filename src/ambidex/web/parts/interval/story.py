"""Two versions of rules over the same orders."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.plots import Interval
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip

intervals = (
    Interval(
        name="Cost an order",
        before="£7.92",
        after="£7.38",
        change="− £0.54",
        low=18,
        at=26,
        high=34,
        zero=50,
        chip=Chip(text="Better", mean=Mean.ON_TRACK),
    ),
    Interval(
        name="Late",
        before="1.2 %",
        after="2.9 %",
        change="+ 1.7 %",
        low=61,
        at=70,
        high=80,
        zero=50,
        chip=Chip(text="Worse", mean=Mean.BROKEN),
    ),
    Interval(
        name="Split orders",
        before="8.1 %",
        after="8.3 %",
        change="+ 0.2 %",
        low=42,
        at=53,
        high=66,
        zero=50,
        chip=Chip(text="Cannot tell", icon="minus"),
    ),
)
STORY = Story(
    title="Intervals",
    about="A difference and the interval it lies in. A bar across the line cannot be told from chance.",
    wide="yes",
    states=(
        State(
            "Better, worse, cannot tell",
            '{{ ui.intervals(intervals, "Version 4 against version 3") }}',
            {"intervals": intervals},
        ),
    ),
)
