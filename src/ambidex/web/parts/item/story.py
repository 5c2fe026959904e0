"""Choosing an item by name."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Item by name",
    about="A word of the name, the SKU or a scan; what fits is offered while typing.",
    states=(
        State("Empty", '{{ ui.item_field("item", "Item", hint="A word of its name, or scan it.") }}'),
        State(
            "Several are called so",
            '{{ ui.item_field("item-2", "Item", "teapot", error="Three items are called so. Say more of the name.") }}',
        ),
        State(
            "What it offers",
            '<select class="select" aria-label="Offered">{{ ui.item_options(offered) }}</select>',
            {
                "offered": (("TEA-04", "Teapot, green"), ("TEA-05", "Teapot, blue")),
            },
        ),
    ),
)
