"""Cannot find: two steps."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Option, Picture

reasons = tuple(
    Option(value=value, title=title)
    for value, title in (
        ("gone", "Not there"),
        ("damaged", "Damaged"),
        ("wrong", "Wrong one"),
        ("reach", "Out of reach"),
    )
)
ways = (
    Option(
        value="look",
        title="Look in the stockroom",
        note="System says 1 here, last scanned 2 days ago",
        sure=2,
    ),
    Option(
        value="oat",
        title="Offer it in oat",
        note="2 here, same price · Sofia decides by 15:30",
        chosen="yes",
        picture=Picture(label="Shirt in oat", key="shirt", tint="oat"),
    ),
    Option(value="soho", title="Soho sends it", note="4 there, 2.1 km · ready 16:30", sure=5),
)
given = {"reasons": reasons, "ways": ways}
STORY = Story(
    title="Cannot find",
    about="A sheet in two steps: what do you see there, then what shall happen. The second step says what the customer will hear.",
    states=(
        State(
            "Over the page",
            '{{ ui.btn("Cannot find it", kind="button", icon="package-search", attrs={"data-open": "#cannot-1"}) }}'
            '{{ ui.cannot_sheet("cannot-1", "Washed-linen shirt, sage, M", "/parts", reasons, ways, "1 shirt in oat is held for her. Rail 12 is counted later.") }}',
            given,
        ),
    ),
)
