"""Said | done: open, waiting, kept, broken, released."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story, clock
from ambidex.web.parts.views import Action, Chip, Evidence, Fact, Person, Thread

SCAN, TYPED, SYSTEM = Evidence(kind="scan"), Evidence(kind="typed"), Evidence(kind="system")
INES = Person(name="Inès Caron", note="owns it")
ready = Thread(
    title="Ready at Camden by 14:30",
    via="Text and e-mail, 12:03",
    via_icon="message-circle",
    mean=Mean.AT_RISK,
    state="open",
    chip=Chip(text="At risk", mean=Mean.AT_RISK),
    wording="We’ll have your order ready at Camden today by 14:30. Please wait for our “it’s ready” before you set off.",
    clock=clock("Ready by", left=12, given=147),
    facts=(
        Fact(title="Camden accepted", by="Inès Caron, 12:06", evidence=(TYPED,)),
        Fact(title="Kettle picked, aisle 4", by="Inès Caron, 14:09", evidence=(SCAN,)),
        Fact(title="Shirt not on rail 12", by="Inès Caron, 14:16", evidence=(TYPED,)),
        Fact(title="Not yet: mugs picked, all staged", keeps="not-yet", owner=INES),
    ),
)
choice = Thread(
    title="Same shirt in oat is yours until 15:30",
    via="Text, 14:17",
    via_icon="message-circle",
    mean=Mean.WAITING,
    state="open",
    joint="hourglass",
    chip=Chip(text="Waiting for Sofia", mean=Mean.WAITING),
    clock=clock("Answers by", left=72, given=80, least=Mean.WAITING),
    facts=(
        Fact(title="1 shirt in oat, M, held at Camden", by="until 15:30, rail 12", evidence=(SYSTEM,)),
        Fact(
            title="Not yet: her answer", keeps="not-yet", owner=Person(name="@contact-center", note="watches")
        ),
    ),
)
throw = Thread(
    title="Throw arrives Wed 25 Nov",
    before="Tue 24",
    via="E-mail, 13:41",
    mean=Mean.ON_TRACK,
    state="open",
    joint="truck",
    chip=Chip(text="On track", mean=Mean.ON_TRACK),
    facts=(
        Fact(
            title="Packed at DC North, 1.42 kg",
            by="Tomasz W., 13:20",
            evidence=(Evidence(kind="weight"), Evidence(kind="photo")),
        ),
    ),
)
kept = Thread(
    title="We have your order",
    via="E-mail, 11:53",
    mean=Mean.ON_TRACK,
    state="kept",
    chip=Chip(text="Kept", mean=Mean.ON_TRACK),
    facts=(
        Fact(
            title="Order confirmed, stock reserved in 2 places",
            by="11:52:41",
            evidence=(SYSTEM,),
            keeps="yes",
            link=Action(label="why these places", href="#"),
        ),
    ),
)
broken = Thread(
    title="A person answers within 10 min",
    via="Web chat bot, 12:20",
    via_icon="bot",
    mean=Mean.BROKEN,
    state="broken",
    chip=Chip(text="Broken", mean=Mean.BROKEN),
    facts=(
        Fact(
            title="Answered after 26 min",
            by="Bo Lindqvist, 12:46",
            evidence=(SYSTEM,),
            keeps="no",
            cause="Cause: nobody held @contact-center from 12:20 to 12:40.",
        ),
    ),
)
released = Thread(
    title="Ready at Soho by 13:00",
    via="Text, 11:58",
    mean=Mean.NONE,
    state="released",
    chip=Chip(text="Released", icon="minus"),
    facts=(Fact(title="Sofia moved it to Camden", by="12:01", evidence=(SYSTEM,), keeps="yes"),),
)
unkept = Thread(
    title="Refund of £38.00 by Friday",
    via="Call, 14:02",
    via_icon="phone",
    mean=Mean.ON_TRACK,
    state="open",
    chip=Chip(text="On track", mean=Mean.ON_TRACK),
)
STORY = Story(
    title="Said | done",
    about="One thread per promise; a line joins it to the facts. A dashed line has not happened yet.",
    wide="yes",
    states=(
        State(
            "A real order",
            "{{ ui.hands(open, closed) }}",
            {"open": (ready, choice, throw, unkept), "closed": (kept, broken, released)},
        ),
        State(
            "All settled",
            '{{ ui.hands((), closed, anchor="hands-2", label="All settled") }}',
            {"closed": (kept,)},
        ),
    ),
)
