"""Where you are."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Crumbs",
    about="Where you are, and who else.",
    states=(
        State(
            "With somebody looking too",
            '{% call ui.crumbs((("Orders", "#"), ("MF-10428", ""))) %}{{ ui.watching(["Priya Okafor"]) }}{% endcall %}',
        ),
    ),
)
