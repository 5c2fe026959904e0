"""Loading and long work."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Loading and long work",
    about="The shape of what is coming; work that can be left and reports when done.",
    states=(
        State("Loading", "{{ ui.skeleton(3) }}"),
        State(
            "An import",
            '{{ ui.progress("Importing items", 281, 400, "You can leave; it reports when done.") }}',
        ),
    ),
)
