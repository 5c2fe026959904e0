"""Conversation."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip, Said

said = (
    Said(
        who="Sofia", via="text, 14:18", text="Oh no! Is the oat one lighter? My sister leaves home at 14:20."
    ),
    Said(who="Inès", via="to Bo, 14:17", text="Oat is on the rail in M, I have it in my hand.", side="us"),
    Said(
        who="Bot",
        via="12:20",
        text="A person will set that up within 10 min.",
        side="bot",
        chip=Chip(text="Until 12:30", mean=Mean.WAITING),
    ),
    Said(who="Inès, Camden", via="14:17", text="Mugs next, then I stage.", side="note"),
    Said(who="محمد", via="text, 14:19", text="هل يمكنني الاستلام غداً؟"),
)
STORY = Story(
    title="Conversation",
    about="Customer, staff, bot and staff-only notes in one thread.",
    states=(
        State(
            "All sides",
            '<div class="talk">{% for m in said %}{{ ui.message(m) }}{% endfor %}</div>',
            {"said": said},
        ),
        State("Write", '{{ ui.composer("/parts", "Write to Sofia", "Write to Sofia, or @ a duty") }}'),
    ),
)
