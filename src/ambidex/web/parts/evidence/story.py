"""Evidence."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Evidence",
    about="The stronger the proof, the more solid the badge.",
    states=(
        State(
            "From scan to a system's word",
            '<p class="line-y">{% for kind in ["scan", "photo", "weight", "signature", "typed", "system"] %}{{ ui.evidence(kind) }}{% endfor %}</p>',
        ),
        State("Own words", '{{ ui.evidence("scan", "Scan, 3 of 3") }}'),
    ),
)
