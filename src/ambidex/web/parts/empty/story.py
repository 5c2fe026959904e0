"""Empty states."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Empty",
    about="What will appear here, and how.",
    states=(
        State(
            "Nothing to pick",
            '{% call ui.empty("Nothing to pick", "New orders for Camden appear here by themselves, the most urgent first. You will hear it.") %}'
            '{{ ui.btn("Help Islington, 4 waiting", href="#") }}{% endcall %}',
        ),
    ),
)
