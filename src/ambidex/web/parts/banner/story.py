"""Banners and problems."""

from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Action, Difference, Trouble

STORY = Story(
    title="Banners and problems",
    about="Something to know, in place. A problem says what to do next, where the finger is.",
    states=(
        State(
            "Offline",
            '{% call ui.banner("No network. You can still pick, scan and stage.", "6 actions wait here and go out in order.", "at-risk", "wifi-off") %}'
            '{{ ui.btn("Show 6") }}{% endcall %}',
        ),
        State(
            "Live data away",
            '{{ ui.banner("Live updates are away since 14:02.", "What you see may be old.", icon="unplug") }}',
        ),
        State(
            "Waiting",
            '{{ ui.banner("She also has a return on its way", "Wool scarf, RMA 5512, until 4 Dec.", "waiting") }}',
        ),
        State(
            "A problem",
            "{{ ui.trouble(t) }}",
            {
                "t": Trouble(
                    title="Shelf B4 is full.",
                    advice="Scan another staging place, B5 is free.",
                    action=Action(label="Use B5", href="#"),
                )
            },
        ),
        State(
            "A stale edit",
            "{{ ui.stale(d) }}",
            {
                "d": (
                    Difference(
                        field="Phone",
                        theirs="+44 7700 900 482",
                        yours="+44 7700 900 481",
                        who="Priya Okafor, 14:16",
                    ),
                    Difference(field="Collector", theirs="Eleni P.", yours="nobody"),
                )
            },
        ),
    ),
)
