"""Codes."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Pickup code",
    about="Drawn on the server, so it shows without script; the digits are read aloud.",
    states=(
        State(
            "For the customer",
            '{{ ui.qr("AMX1.5f0c2a77b1.482917", "482 917", "Show this at the counter. Eleni has her own.") }}',
        ),
    ),
)
