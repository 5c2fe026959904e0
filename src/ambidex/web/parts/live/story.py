"""Live regions."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Live region",
    about="Renews itself when one of its topics comes; waits while somebody writes in it.",
    states=(
        State(
            "A region",
            '<p {{ ui.live("gallery:never", "/parts") }}>This paragraph listens to the topic gallery:never.</p>',
        ),
    ),
)
