"""Status chips."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip

STORY = Story(
    title="Status",
    about="Icon, word and color together, always.",
    states=(
        State(
            "Five meanings",
            '<p class="line-y">{{ ui.chip("On track", "on-track") }}{{ ui.chip("At risk", "at-risk") }}{{ ui.chip("Broken", "broken") }}'
            '{{ ui.chip("Waiting for Sofia", "waiting") }}{{ ui.chip("Draft") }}</p>',
        ),
        State(
            "Solid, outline, bare",
            '<p class="line-y">{{ ui.chip("At risk", "at-risk", look="solid") }}{{ ui.chip("Web", icon="globe", look="outline") }}'
            '{{ ui.chip("Ready", "on-track", "package-check", "bare") }}</p>',
        ),
        State(
            "From a view",
            "{{ ui.chip_of(c) }}",
            {"c": Chip(text="Check ID, 18 or over", mean=Mean.AT_RISK, icon="id-card")},
        ),
    ),
)
