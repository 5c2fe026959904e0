"""Picking and other tasks in steps."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip, Evidence, PickLine, Picture, Stage, Step

kettle = PickLine(
    title="Enamel kettle 1.5 L, moss",
    picture=Picture(label="Kettle", key="kettle", tint="moss"),
    state="done",
    evidence=Evidence(kind="scan"),
    when="14:09 · aisle 4",
)
shirt = PickLine(
    title="Washed-linen shirt, relaxed fit, sage",
    picture=Picture(label="Long-sleeved linen shirt in sage green", key="shirt", tint="sage"),
    state="open",
    mean=Mean.AT_RISK,
    variant="Size M",
    price="£38.00",
    counted="0 of 1",
    way=(Step(name="Floor", value="1"), Step(name="Rail", value="12"), Step(name="Arm", value="C")),
    sure=2,
)
mugs = PickLine(
    title="Speckled mug, set of 2",
    picture=Picture(label="Two mugs", key="mugs"),
    way=(Step(name="Aisle", value="7"), Step(name="Bay", value="2"), Step(name="Shelf", value="B")),
    sure=5,
    sure_text="6 on hand",
)
gone = PickLine(
    title="Story book, teal",
    picture=Picture(label="Book", key="book", tint="teal"),
    state="gone",
    counted="2 not found",
)
units = (
    Chip(text="Picked", mean=Mean.ON_TRACK, icon="check"),
    Chip(text="Not found", mean=Mean.AT_RISK, icon="search"),
    Chip(text="To pick"),
)
stages = (
    Stage(title="Who collects", state="done"),
    Stage(title="Bring from B4", state="now"),
    Stage(title="Anything else?"),
)
STORY = Story(
    title="Pick and steps",
    about="The walk: done, here, next. A scan turns a line green.",
    states=(
        State(
            "The walk",
            '<ol class="walk">{{ ui.pick_line(kettle) }}{% call ui.pick_line(shirt) %}{{ ui.scan_box("/parts", "Scan the shirt", name="line") }}'
            '{{ ui.btn("Cannot find it", look="wide", icon="package-search", kind="button") }}{% endcall %}{{ ui.pick_line(mugs) }}{{ ui.pick_line(gone) }}</ol>',
            {"gone": gone, "kettle": kettle, "shirt": shirt, "mugs": mugs},
        ),
        State("Unit by unit", '{{ ui.units(units, "1 of 3 picked, 1 not found") }}', {"units": units}),
        State(
            "Steps of a hand-over",
            '{% call(i) ui.steps(stages) %}{% if i == 0 %}<p class="line-y">{{ ui.evidence("scan") }} Her code matched at 14:17</p>{% endif %}{% endcall %}',
            {"stages": stages},
        ),
    ),
)
