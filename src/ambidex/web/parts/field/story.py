"""Form fields."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Fields",
    about="The error stands under the field and says what to do.",
    states=(
        State("Plain, with a hint", '{{ ui.field("note", "Note", hint="The next person reads this.") }}'),
        State("A code", '{{ ui.field("pickup", "Pickup code", "482 917", kind="code") }}'),
        State(
            "Wrong",
            '{{ ui.field("postcode", "Postcode", "NW1 8Q", error="A letter is missing at the end, like NW1 8QR.", hint="Where the bill goes.") }}',
        ),
        State("Longer", '{{ ui.field("story", "What happened", kind="area") }}'),
        State(
            "From a list",
            '{{ ui.select("why", "Reason", (("a", "Not there"), ("b", "Damaged")), "b", hint="Opens a count.") }}',
        ),
        State(
            "Tick, switch",
            '{{ ui.check("also", "Also tell Eleni", "yes") }}{{ ui.switch("same-day", "Take new same-day orders", "yes") }}',
        ),
        State("A small number", '{{ ui.stepper("units", "Units", 2) }}'),
    ),
)
