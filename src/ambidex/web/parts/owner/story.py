"""The owner."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Person

STORY = Story(
    title="Owner",
    about="The double ring means owns it now and is used for nothing else.",
    states=(
        State(
            "A person",
            "{{ ui.owner(p) }}",
            {"p": Person(name="Inès Caron", note="Store associate, Camden · since 14:05")},
        ),
        State("A duty", "{{ ui.owner(p) }}", {"p": Person(name="@store-lead, Camden", note="from 14:24")}),
        State("In a line", '{{ ui.owner(p, "s") }}', {"p": Person(name="محمد الأحمد", note="has it")}),
    ),
)
