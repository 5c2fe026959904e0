"""Stock confidence."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Stock confidence",
    about="Five steps and a word.",
    states=(
        State("Every step", '<p class="line-y">{% for n in range(6) %}{{ ui.sure(n) }}{% endfor %}</p>'),
        State("With a number", '{{ ui.sure(5, "6 on hand") }}'),
    ),
)
