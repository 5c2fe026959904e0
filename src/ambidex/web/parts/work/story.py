"""Work cards."""

from ambidex.kernel.values import replace
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import NOON, State, Story, clock, minutes
from ambidex.web.parts.views import Action, Chip, Person, Picture, Work

pictures = (
    Picture(label="Kitchen knives", key="knives"),
    Picture(label="Candle", key="candle"),
    Picture(label="Potted plant", key="plant", quantity=2),
)
here = Work(
    title="Nguyễn Thị Ánh Tuyết",
    href="#",
    kind_icon="shopping-bag",
    sub="Hand over 3 items",
    place="B4",
    clock=replace(clock("Here since", left=1, given=5), since=NOON - minutes(4)),
    pictures=pictures,
    action=Action(label="Hand over", href="#"),
    state="arrived",
    chips=(Chip(text="Check ID, 18 or over", mean=Mean.AT_RISK, icon="id-card"),),
)
late = Work(
    title="田中 美咲",
    href="#",
    kind_icon="package-x",
    sub="Find 1 item in the stockroom",
    clock=clock("Ready by", left=-18, given=120),
    pictures=pictures[:1],
    owner=Person(name="Yusuf Kaya", note="has it"),
)
accept = Work(
    title="José Ángel Fernández-Villaverde y Ortiz de la Cámara",
    href="#",
    kind_icon="inbox",
    sub="New order, 2 items",
    clock=clock("Accept by", left=8, given=10),
    pictures=pictures[1:],
    action=Action(label="Accept", post="/parts", look="primary"),
)
waiting = Work(
    title="김서연",
    href="#",
    kind_icon="shuffle",
    sub="Choosing a jacket · one is held",
    clock=clock("Answers by", left=72, given=110, least=Mean.WAITING),
)
count = Work(
    title="Count linen shirts, sage", href="#", kind_icon="binary", sub="One was missing · rail 12 · 4 min"
)
STORY = Story(
    title="Work card",
    about="Something a person should do now: who for, what, until when, with what.",
    states=(
        State("The customer stands here", "{{ ui.work(w) }}", {"w": here}),
        State("Late, somebody has it", "{{ ui.work(w) }}", {"w": late}),
        State("New, long name", "{{ ui.work(w) }}", {"w": accept}),
        State("Compact", '{{ ui.work(w, "compact") }}', {"w": waiting}),
        State("No promise hangs on it", '{{ ui.work(w, "compact") }}', {"w": count}),
        State(
            "A lane, and an empty one",
            '{% call ui.lane("Next", "timer", 1, "lane-a") %}{{ ui.work(w, "compact") }}{% endcall %}'
            '{% call ui.lane("Waiting for the customer", "hourglass", 0, "lane-b", empty="Orders that wait for an answer stand here.") %}{% endcall %}',
            {"w": count},
        ),
    ),
)
