"""Where a decision was made."""

from ambidex.web.parts.plots import Pin, Ring, Sketch
from ambidex.web.parts.story import State, Story

camden = Sketch(
    label="The customer, Camden 1.4 km south, Soho 4.1 km south, Islington 3.2 km south-east",
    pins=(
        Pin(x=316, y=118, name="Sofia", kind="home", narrow="right"),
        Pin(x=284, y=210, name="Camden", note="1.4 km", kind="win", narrow="right"),
        Pin(x=200, y=330, name="Soho", note="4.1 km", narrow="right"),
        Pin(x=510, y=266, name="Islington", note="3.2 km", label="below", narrow="below"),
        Pin(x=420, y=60, name="Hampstead", kind="out", label=""),
    ),
    rings=(Ring(radius=66, text="1 km"), Ring(radius=330, text="5 km")),
)
STORY = Story(
    title="Map",
    about="True directions and distances, and nothing else. What was chosen is solid; a table with the same stands behind it.",
    wide="yes",
    states=(State("Three candidates, one out", "{{ ui.sketch(view) }}", {"view": camden}),),
)
