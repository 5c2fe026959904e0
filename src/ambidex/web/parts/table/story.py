"""Tables."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip, Column

columns = (
    Column(title="Message"),
    Column(title="Why"),
    Column(title="Tries", kind="n"),
    Column(title="Owner"),
)
rows = (
    (
        ("orders/create 820982911946154508", "#"),
        Chip(text="Unknown SKU", mean=Mean.BROKEN),
        3,
        "@store-systems",
    ),
    (
        ("inventory_levels/update 271878346596884015", "#"),
        Chip(text="Place not mapped", mean=Mean.AT_RISK),
        1,
        "Noor Haddad",
    ),
)
STORY = Story(
    title="Table",
    about="Figures end-aligned and tabular; on a phone it scrolls in itself, never the page.",
    wide="yes",
    states=(
        State(
            "Parked messages",
            '{{ ui.table("Parked messages", columns, rows) }}',
            {"columns": columns, "rows": rows},
        ),
        State(
            "Empty",
            '{{ ui.table("Nothing parked", columns, (), empty="Nothing is parked. What cannot be applied stands here.") }}',
            {"columns": columns},
        ),
    ),
)
