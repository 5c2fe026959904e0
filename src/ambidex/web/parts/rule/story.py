"""A rule being written."""

from ambidex.web.parts.story import State, Story

fields = (("item.weight", "one piece weighs (kg)"), ("place.kind", "the kind of place is"))
tests = (("is", "is one of"), ("not", "is none of"), ("at_least", "at least"), ("at_most", "at most"))
STORY = Story(
    title="Rule row",
    about="A fact, how it is compared, with what. Several values are parted by commas; the error stands under its row.",
    wide="yes",
    states=(
        State(
            "Filled",
            '{{ ui.rule_row("when", 1, row, fields, tests) }}',
            {
                "fields": fields,
                "tests": tests,
                "row": {"field": "item.weight", "test": "at_least", "text": "10", "error": ""},
            },
        ),
        State(
            "Wrong",
            '{{ ui.rule_row("where", 1, row, fields, tests) }}',
            {
                "fields": fields,
                "tests": tests,
                "row": {
                    "field": "place.kind",
                    "test": "is",
                    "text": "shop",
                    "error": "of store, warehouse, third_party, supplier",
                },
            },
        ),
    ),
)
