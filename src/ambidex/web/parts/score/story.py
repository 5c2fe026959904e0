"""What each candidate costs."""

from ambidex.web.parts.plots import Piece, Score
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip

shades = ((1, "Sending"), (2, "Work there"), (3, "Doubt"), (5, "Split"), (0, "The other parcel"))
scores = (
    Score(
        rank=1,
        name="Camden",
        note="3 of 3 items, 1.4 km",
        total="£6.40",
        win="yes",
        chip=Chip(text="Chosen", icon="check"),
        pieces=(
            Piece(share=30, shade=1, words="Sending £4.10"),
            Piece(share=9, shade=2, words="Work there £1.20"),
            Piece(share=8, shade=3, words="Doubt £1.10"),
        ),
    ),
    Score(
        rank=2,
        name="Soho",
        note="1 of 3 items, 4.1 km",
        total="£13.70",
        pieces=(
            Piece(share=34, shade=1, words="Sending £4.60"),
            Piece(share=16, shade=5, words="Split £2.20"),
            Piece(share=50, shade=0, words="The other parcel £6.90"),
        ),
    ),
)
STORY = Story(
    title="Scores",
    about="Money by part, in ink; the chosen one in the accent. What another place carries is hollow.",
    wide="yes",
    states=(
        State(
            "Two candidates",
            "{{ ui.shades(shades) }}{{ ui.scores(scores) }}",
            {"scores": scores, "shades": shades},
        ),
    ),
)
