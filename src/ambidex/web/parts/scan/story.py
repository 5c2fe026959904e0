"""The scan box."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="Scan box",
    about="Takes a wedge scan from anywhere on the page, the camera by one tap, or typing with a reason.",
    states=(
        State("Here first", '{{ ui.scan_box("/parts", "Scan the shirt", hint="Rail 12, arm C") }}'),
        State(
            "Typed needs a reason",
            '{{ ui.scan_box("/parts", "Type the barcode", name="typed", here="", typed="The label is torn, for example.", value="5012345678900", error="Say why, then it counts as typed.") }}',
        ),
    ),
)
