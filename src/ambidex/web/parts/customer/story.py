"""The customer's words."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Picture, Row, Stage

way = (
    Stage(title="Ordered", note="today 11:52", state="done"),
    Stage(title="Being picked", note="now", state="now"),
    Stage(title="Ready", note="by 14:30"),
)
kept = (
    Stage(
        title="Camden ready by 14:30",
        note="Ready at 14:26, without the shirt",
        state="done",
        mean=Mean.ON_TRACK,
    ),
    Stage(
        title="Throw on Tuesday", note="Missed the van. New day: Wednesday", state="done", mean=Mean.BROKEN
    ),
    Stage(title="Pay only for what leaves the shelf", note="£172.00 set aside, nothing taken yet"),
)
items = (
    Row(
        title="Enamel kettle 1.5 L, moss",
        note="On shelf B4 since 14:26",
        picture=Picture(label="Kettle", key="kettle", tint="moss"),
    ),
    Row(
        title="Speckled mug, set of 2",
        note="On shelf B4 since 14:26",
        end="£24.00",
        picture=Picture(label="Mugs", key="mugs"),
    ),
)
STORY = Story(
    title="For the customer",
    about="The same truth in the customer's words.",
    states=(
        State("The way", "{{ ui.track(way) }}", {"way": way}),
        State("What we said, and what happened", "{{ ui.kept(kept) }}", {"kept": kept}),
        State("Items", "{{ ui.items(items) }}", {"items": items}),
    ),
)
