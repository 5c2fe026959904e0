"""What would flip a decision."""

from ambidex.web.parts.plots import Turn
from ambidex.web.parts.story import State, Story

turns = (
    Turn(
        title="7 more works wait at Camden",
        note="then Soho, £0.40 dearer",
        value="11 → 18",
        now=31,
        then=50,
    ),
    Turn(
        title="Picks of the shirt at Camden succeed less often",
        note="then Camden and Soho",
        value="71 → 57 %",
        now=71,
        then=57,
    ),
    Turn(title="The customer accepts Monday", note="then DC North, £2.10 cheaper", value="+ 2 days"),
)
STORY = Story(
    title="What would flip it",
    about="One fact at a time, its smallest change. The hollow dot is now, the solid one where it turns.",
    states=(State("Three changes", "{{ ui.turns(turns) }}", {"turns": turns}),),
)
