"""Choices."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Option, Picture

ways = (
    Option(value="keep", title="Keep it at Camden", note="Held until 15:30", end="£0.00", chosen="yes"),
    Option(value="send", title="Send it", note="Wed 25 Nov", end="£3.90"),
)
pics = (
    Option(
        value="oat",
        title="Same shirt in oat, size M",
        note="Held for you at Camden",
        price="£38.00, same price",
        chosen="yes",
        picture=Picture(label="Shirt in oat", key="shirt", tint="oat"),
    ),
    Option(
        value="sage",
        title="Sage, sent to you",
        note="At your door Wed 25 Nov, free",
        price="£38.00",
        picture=Picture(label="Shirt in sage", key="shirt", tint="sage"),
    ),
    Option(value="out", title="Leave it out", note="The rest stays as it is", price="You pay £38.00 less"),
)
places = (
    Option(value="soho", title="Soho sends it", note="4 there, 2.1 km · ready 16:30", sure=5, chosen="yes"),
    Option(
        value="room", title="Look in the stockroom", note="System says 1, last scanned 2 days ago", sure=2
    ),
)
STORY = Story(
    title="Choices",
    about="Each with its consequence.",
    states=(
        State(
            "Nothing is chosen before",
            '{{ ui.choice("why", "Why", places[1:], missing="Choose why first.") }}',
            {"places": places},
        ),
        State("One of two", '{{ ui.choice("way", "How", ways) }}', {"ways": ways}),
        State(
            "With pictures and prices, for the customer",
            '{{ ui.choice("sub", "What should we do?", pics, "pics") }}',
            {"pics": pics},
        ),
        State(
            "With confidence", '{{ ui.choice("place", "Where", places, shown="yes") }}', {"places": places}
        ),
        State("Several", '{{ ui.choice("many", "Which", ways, kind="checkbox") }}', {"ways": ways}),
        State(
            "Tiles",
            '{{ ui.choice("seen", "What do you see at rail 12?", tiles, "tiles", shown="yes") }}',
            {
                "tiles": tuple(
                    Option(value=t, title=t) for t in ("Not there", "Damaged", "Wrong one", "Out of reach")
                )
            },
        ),
    ),
)
