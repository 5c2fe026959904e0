"""Timeline rows."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Evidence, Happening

rows = (
    Happening(text="Ordered MF-10428, 4 items, £172.00", when="11:52", icon="globe", side="said"),
    Happening(
        text="Kettle picked, aisle 4",
        who="Inès Caron",
        when="14:09",
        icon="scan-barcode",
        side="done",
        evidence=(Evidence(kind="scan"),),
    ),
    Happening(text="Broken: answered after 26 min.", when="12:46", icon="octagon-x", mean=Mean.BROKEN),
)
STORY = Story(
    title="Timeline",
    about="Everything that happened, in order, with its proof.",
    states=(
        State(
            "A day",
            '{{ ui.day("Today") }}<div class="stack-y">{% for r in rows %}{{ ui.happening(r) }}{% endfor %}</div>',
            {"rows": rows},
        ),
    ),
)
