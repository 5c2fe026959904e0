"""Numbers of things."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Counts",
    about="How many. Hot is new for me; a meaning makes it solid.",
    states=(
        State(
            "All",
            '<p class="line-y">{{ ui.count(5) }}{{ ui.count(2, look="hot", label="new") }}{{ ui.count(2, "at-risk") }}'
            '{{ ui.count(12, "broken") }}{{ ui.count(1280) }}</p>',
        ),
    ),
)
