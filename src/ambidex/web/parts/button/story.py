"""Buttons."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Action

STORY = Story(
    title="Buttons",
    about="One primary on a page. The verb says what happens.",
    states=(
        State(
            "Looks",
            '{% call ui.btn_row() %}{{ ui.btn("Hand over 3 items", look="primary") }}{{ ui.btn("Change…") }}'
            '{{ ui.btn("Swap", look="soft", icon="shuffle") }}{{ ui.btn("Not now", look="quiet") }}{{ ui.btn("Cancel order", look="danger") }}'
            '{{ ui.btn("Refund £42.10", look="danger solid") }}{% endcall %}',
        ),
        State(
            "Big, icon, key",
            '{% call ui.btn_row() %}{{ ui.btn("Scan next item", look="primary big", icon="scan-barcode") }}{{ ui.btn("I found it", look="big") }}'
            '{{ ui.icon_btn("ellipsis", "More") }}{{ ui.btn("Reach", key="r", kind="button") }}{% endcall %}',
        ),
        State(
            "Off, busy",
            '{% call ui.btn_row() %}{{ ui.btn("Hand over", look="primary", disabled="yes") }}{{ ui.btn("Sending", look="primary", busy="yes") }}{% endcall %}',
        ),
        State(
            "A long name in a narrow place",
            '<div class="narrow-demo">{{ ui.btn("Hold one at Westfield Stratford City and ask the customer", look="wide", icon="store") }}</div>',
        ),
        State(
            "Actions: a link, a post",
            '{% call ui.btn_row() %}{{ ui.action(go) }}{{ ui.action(take, "token") }}{% endcall %}',
            {
                "go": Action(label="Continue", href="#", icon="arrow-right"),
                "take": Action(label="Accept", post="/parts", icon="check", fields=(("work", "1"),)),
            },
        ),
        State(
            "At the bottom of a task",
            '{% call ui.bottom_action("Takes £62.50 from Visa ··7719.") %}{{ ui.btn("Hand over 2 items", look="big grow", icon="shopping-bag") }}{% endcall %}',
        ),
    ),
)
