"""Tabs and filters."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Tab

tabs = (
    Tab(label="Parked", href="#p", count=4, here="yes", icon="inbox"),
    Tab(label="Applied", href="#a", count=812, icon="check"),
    Tab(label="Duplicates", href="#d", icon="copy"),
)
STORY = Story(
    title="Tabs and filters",
    about="Views with an address of their own; back works.",
    states=(
        State("Tabs", '{{ ui.tabs("Views", tabs) }}', {"tabs": tabs}),
        State("Filters", '{{ ui.filters("Kinds", tabs) }}', {"tabs": tabs}),
    ),
)
