"""Product drawings and their tints."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Picture

KEYS = (
    "backpack ball basket bear board book bottle bowl box candle chair clock cushion dress glass hat headphones jacket kettle knives lamp "
    "mugs pan plant plates rug scarf shirt shoe soap speaker teapot tent throw tote towel trousers umbrella vase watch"
)
TINTS = "berry brass brick charcoal clay cream forest ink lilac moss mustard navy oat olive plum rose rust sage sand sky slate stone teal walnut"
every = tuple(Picture(label=key, key=key) for key in KEYS.split())
tinted = tuple(Picture(label=f"Shirt in {tint}", key="shirt", tint=tint) for tint in TINTS.split())
STORY = Story(
    title="Product pictures",
    about="Ours: a drawing by the item's picture key, a tint by its color.",
    wide="yes",
    states=(
        State("Every drawing", "{{ ui.pictures(all, 99) }}", {"all": every}),
        State("Every tint", "{{ ui.pictures(all, 99) }}", {"all": tinted}),
        State(
            "Sizes, quantity",
            '<p class="line-y">{{ ui.picture(p, "s") }}{{ ui.picture(p) }}{{ ui.picture(p, "l", "yes") }}</p>',
            {"p": Picture(label="Speckled mug, set of 2", key="mugs", quantity=6)},
        ),
        State("More than fit", "{{ ui.pictures(all, 3) }}", {"all": every}),
    ),
)
