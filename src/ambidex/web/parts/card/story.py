"""Cards, rows, pairs."""

from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import State, Story
from ambidex.web.parts.views import Chip, Picture, Row

shirt = Picture(label="Shirt", key="shirt", tint="sage")
rows = (
    Row(
        title="Washed-linen shirt, relaxed fit, mother-of-pearl buttons, sage",
        note="M, rail 12",
        end="£38.00",
        href="#",
        picture=shirt,
    ),
    Row(title="Someone else collects", note="Now: Sofia or Eleni", icon="users", href="#"),
    Row(title="Soho", note="2.1 km, ready 16:30", sure=5, end="4"),
    Row(
        title="Speckled mug",
        note="To pick, aisle 7",
        end="£24.00",
        chip=Chip(text="At risk", mean=Mean.AT_RISK),
    ),
)
pairs = (("Authorized", "£172.00"), ("Taken", "£0.00"), ("E-mail", "a.very.long.address.indeed@example.org"))
STORY = Story(
    title="Cards, rows, pairs",
    about="Folded cards are closed on phones and open on wide screens.",
    states=(
        State("Rows", '{% call ui.card(pad="") %}{{ ui.rows(rows) }}{% endcall %}', {"rows": rows}),
        State(
            "Pairs with a sum",
            '{% call ui.card("Money", note="as reported") %}{{ ui.facts(pairs, ("To take today", "£70.00")) }}{% endcall %}',
            {"pairs": pairs},
        ),
        State(
            "A note at the foot",
            '{% call ui.card("Parts", foot="Prices include tax.") %}<p>Two parts.</p>{% endcall %}',
        ),
        State(
            "Folded on a phone",
            '{% call ui.fold("Customer", note="since 2019") %}<div class="card-pad">{{ ui.facts(pairs) }}</div>{% endcall %}',
            {"pairs": pairs},
        ),
        State(
            "Empty rows",
            '{% call ui.card("Elsewhere", pad="") %}{{ ui.rows((), empty="No other place has it. Stock shows here as it is counted.") }}{% endcall %}',
        ),
        State(
            "Heads",
            '{{ ui.page_head("My work", "2 people are waiting in the store.") }}{{ ui.group_head("Next", "timer", 5) }}',
        ),
    ),
)
