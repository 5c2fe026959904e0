"""Where to walk."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Step

way = (Step(name="Floor", value="1"), Step(name="Rail", value="12"), Step(name="Arm", value="C"))
STORY = Story(
    title="Where to walk",
    about="From far to near, the last step inverted.",
    states=(
        State("Three steps", "{{ ui.spot(way) }}", {"way": way}),
        State("Small", '{{ ui.spot(way, "small") }}', {"way": way[1:]}),
        State("A place in a line", '<p>Bring from {{ ui.place_chip("Shelf", "B4") }}</p>'),
    ),
)
