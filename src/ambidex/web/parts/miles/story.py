"""Milestones."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Mile

four = (
    Mile(name="Accepted", when="12:06", state="done"),
    Mile(name="Pick begun", when="14:05", state="done"),
    Mile(name="Picked", when="by 14:20", state="now"),
    Mile(name="Ready", when="by 14:30"),
)
STORY = Story(
    title="Milestones",
    about="Inner deadlines, planned backwards from the promise.",
    states=(
        State("At risk", '{{ ui.miles(m, "at-risk") }}', {"m": four}),
        State("On track, three", "{{ ui.miles(m) }}", {"m": four[:3]}),
    ),
)
