"""Many promises on one axis."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Mark

marks = (
    Mark(at=2, mean=Mean.BROKEN),
    Mark(at=11.5, mean=Mean.AT_RISK),
    Mark(at=17.5, mean=Mean.AT_RISK),
    Mark(at=36, mean=Mean.ON_TRACK),
    Mark(at=40, mean=Mean.ON_TRACK),
    Mark(at=55.5, mean=Mean.WAITING),
    Mark(at=77, mean=Mean.ON_TRACK),
)
ticks = ((31, "15:00"), (54, "15:30"), (77, "16:00"))
STORY = Story(
    title="Time axis",
    about="The next two hours at a glance; the list below says the same in words.",
    states=(
        State(
            "A busy afternoon",
            '{{ ui.axis(marks, ticks, 9, "14:18", "Seven promises: one late, two due in 15 minutes, three by 16:00") }}',
            {"marks": marks, "ticks": ticks},
        ),
    ),
)
