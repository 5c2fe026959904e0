"""People."""

from ambidex.web.parts.story import State, Story

STORY = Story(
    title="People",
    about="Initials in a quiet color by name, never a meaning color. The name always stands beside it.",
    states=(
        State(
            "Sizes and scripts",
            '<p class="line-y">{{ ui.avatar("Σοφία Παπαδοπούλου", "l") }}{{ ui.avatar("田中 美咲") }}{{ ui.avatar("김서연") }}'
            '{{ ui.avatar("محمد الأحمد") }}{{ ui.avatar("Bo Lindqvist", "s") }}{{ ui.avatar("Chat bot", icon="bot") }}{{ ui.avatar("@dispatch") }}</p>',
        ),
        State("Several", '{{ ui.avatars(["Priya Okafor", "Bo Lindqvist", "Noor Haddad"]) }}'),
        State(
            "Looking too",
            '{{ ui.watching(["Priya Okafor"]) }} {{ ui.watching(["Priya Okafor", "Noor Haddad"]) }}',
        ),
    ),
)
