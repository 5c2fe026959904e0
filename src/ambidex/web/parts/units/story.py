"""Units of an item by what they are for."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import UnitShare

shares = (
    UnitShare(part="free", count=12, label="May be promised"),
    UnitShare(part="claimed", count=7, label="Promised already"),
    UnitShare(part="kept", count=3, label="Kept back"),
    UnitShare(part="apart", count=2, label="Not for sale"),
    UnitShare(part="away", count=5, label="Where it does not count"),
)
STORY = Story(
    title="Units",
    about="What the units of an item are for. The one accent is what may be promised; all else is quiet. Numbers stand beside it.",
    states=(
        State(
            "A kettle in three places",
            '{{ ui.unit_bar(shares, "29 units: 12 may be promised, 7 are promised already, 3 are kept back, 2 are not for sale, 5 do not count here") }}{{ ui.unit_legend(shares) }}',
            {"shares": shares},
        ),
    ),
)
