"""Toasts."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Toast",
    about="What just happened, with Undo where it can be undone. Scans come with sound and a shake.",
    states=(
        State("Done, can be undone", '{{ ui.toast("Kettle picked", undo="/parts") }}'),
        State("Only told", '{{ ui.toast("Message sent again", "mail-check") }}'),
        State(
            "Wrong, already done",
            '<div class="toast" role="alert" data-outcome="wrong">{{ ui.icon("octagon-x") }}<span>This is a mug. Scan the shirt.</span></div>'
            '<div class="toast" role="status" data-outcome="already">{{ ui.icon("repeat") }}<span>Kettle is picked already.</span></div>',
        ),
    ),
)
