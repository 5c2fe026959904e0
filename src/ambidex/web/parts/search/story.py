"""The answer of the search box."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Found

groups = (
    (
        "Orders",
        (
            Found(
                title="MF-10428, Sofia Papadopoulou",
                href="#",
                note="Camden, ready by 14:30",
                mark="Pap",
                match="exact",
            ),
            Found(title="MF-09117, Sofia Papadopoulou", href="#", note="Delivered 3 Oct", mark="Pap"),
        ),
    ),
    (
        "Do",
        (
            Found(title="Reach @warehouse-supervisor, DC North", href="#", icon="megaphone", key="r"),
            Found(title="Move MF-10428 to Soho", href="#", icon="store", key="m"),
        ),
    ),
)
STORY = Story(
    title="Search and command",
    about="One box: finds, goes, does. An exact match opens at once.",
    states=(
        State(
            "Hits and commands",
            '<div class="command" id="example-hits" role="listbox" aria-label="Example">{{ ui.found(groups, "pap") }}</div>',
            {"groups": groups},
        ),
        State("Nothing", '<div class="command">{{ ui.found((), "zzz") }}</div>'),
    ),
)
