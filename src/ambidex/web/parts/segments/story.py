"""Segments."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Tab

tabs = (
    Tab(label="All", href="#all", count=9, here="yes"),
    Tab(label="Pick", href="#pick", count=4),
    Tab(label="Here", href="#here", count=2),
    Tab(label="Mine", href="#mine", count=3),
)
STORY = Story(
    title="Segments",
    about="Two to five views that live in the address.",
    states=(
        State("Links", '{{ ui.segments("Filter", tabs) }}', {"tabs": tabs}),
        State(
            "A field",
            '{{ ui.segment_field("who", "Who collects", (("self", "Herself"), ("other", "Someone else")), "self") }}',
        ),
        State("The scheme", "{{ ui.schemes() }}"),
    ),
)
