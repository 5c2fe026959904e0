"""Dialogs and sheets."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Consequence

will = (
    Consequence(amount="£42.10", text="goes to Visa ··4242, there by Friday", icon="credit-card"),
    Consequence(amount="1 unit", text="goes back on shelf at Camden", icon="boxes"),
    Consequence(text="Sofia gets an e-mail with the date", icon="mail"),
)
STORY = Story(
    title="Dialog and sheet",
    about="What cannot be undone states its consequence in plain sentences; the amount stands in the button.",
    states=(
        State(
            "Standing in the page, without script",
            '{{ ui.dialog("d1", "Refund the linen shirt?", will, "Refund £42.10", "/parts", shown="yes") }}',
            {"will": will},
        ),
        State(
            "Over the page",
            '{{ ui.btn("Refund…", kind="button", attrs={"data-open": "#d2"}) }}{{ ui.dialog("d2", "Refund the linen shirt?", will, "Refund £42.10", "/parts") }}',
            {"will": will},
        ),
        State(
            "A sheet",
            '{{ ui.btn("Who is working?", kind="button", attrs={"data-open": "#s1"}) }}{% call ui.sheet("s1", "Who is working?") %}'
            '{% call ui.btn_row("stretch") %}{% for name in ["Inès", "Yusuf", "Ruth"] %}{{ ui.btn(name, kind="button") }}{% endfor %}{% endcall %}{% endcall %}',
        ),
    ),
)
