"""The promise clock in all its meanings."""

from ambidex.kernel.values import replace
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import NOON, PLACE_ZONE, State, Story, clock, minutes

late = clock("Ready by", left=27, given=180, least=Mean.BROKEN)
met = replace(clock("Ready by", left=12, given=150), met_at=NOON - minutes(1))
STORY = Story(
    title="Promise clock",
    about="The bar is the time used, with notches at half and at four fifths. Texture changes with meaning. It ticks.",
    states=(
        State("On track", "{{ ui.clock(c) }}", {"c": clock("Ready by", left=52, given=90)}),
        State("At risk, from 80 %", "{{ ui.clock(c) }}", {"c": clock("Ready by", left=12, given=147)}),
        State("Broken: the time passed", "{{ ui.clock(c) }}", {"c": clock("Ready by", left=-18, given=120)}),
        State(
            "Broken and promised again", "{{ ui.clock(c) }}", {"c": replace(late, before=NOON - minutes(18))}
        ),
        State(
            "Waiting for the customer",
            "{{ ui.clock(c) }}",
            {"c": replace(clock("Answers by", left=72, given=110, least=Mean.WAITING), then=", else refund")},
        ),
        State("Met", "{{ ui.clock(c) }}", {"c": met}),
        State(
            "Another day",
            "{{ ui.clock(c) }}",
            {"c": clock("Back to stock", left=5 * 1440, given=6 * 1440, least=Mean.WAITING)},
        ),
        State(
            "Large, once per page",
            '{{ ui.clock(c, "large") }}',
            {"c": clock("Camden by", left=12, given=147)},
        ),
        State("In a line", '{{ ui.clock(c, "line") }}', {"c": clock("Accept by", left=4, given=10)}),
        State(
            "A long place in a narrow card",
            '<div class="narrow-demo">{{ ui.clock(c) }}</div>',
            {"c": clock("Ready at Llanfairpwllgwyngyll Designer Outlet by", left=61, given=120)},
        ),
        State(
            "A distance alone",
            "<p>{{ ui.ago(at, now, zone) }}</p>",
            {"at": NOON + minutes(95), "now": NOON, "zone": PLACE_ZONE},
        ),
    ),
)
