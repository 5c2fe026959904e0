"""What the page of an order's money shows, and what its form of a report says."""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains.orders import Order
from ambidex.flows.report_money import Told
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, FieldError
from ambidex.kernel.values import dataclass
from ambidex.web.formats import money
from ambidex.web.shell.view import Task
from ambidex.web.words import translate as _

KINDS = (
    ("refunded", _("Given back")),
    ("captured", _("Taken")),
    ("authorized", _("Authorized")),
    ("voided", _("Released")),
)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of what a person said."""

    title: str
    text: str = ""


NEW, KNOWN, AGREED = "new", "known", "agreed"
WRITTEN = {
    NEW: Written(_("Written down.")),
    KNOWN: Written(
        _("Known already."), _("The same was reported under this reference before; it counts once.")
    ),
    AGREED: Written(_("It is right, you say."), _("Your name and reason stay on the order.")),
}
_EXPECTED = {
    "kind": _("What happened"),
    "amount": _("An amount such as 19.90"),
    "reference": _("What the payment provider calls it"),
}


def told_of(said: Mapping[str, str], currency: str) -> Told:
    """The report of a form. Raises BadInput by field."""
    kind, reference = said.get("kind", ""), said.get("reference", "")
    amount = _amount(said.get("amount", ""), currency)
    fine = {"kind": kind in dict(KINDS), "amount": amount is not None, "reference": 0 < len(reference) <= 200}
    errors: list[FieldError] = [
        {"field": name, "expected": _EXPECTED[name]} for name, is_fine in fine.items() if not is_fine
    ]
    if amount is None or errors:
        raise BadInput("money", errors=errors)
    return Told(kind, amount, reference)


def _amount(said: str, currency: str) -> Money | None:
    try:
        return Money.parse(said, currency)
    except ValueError:
        return None


def total(order: Order) -> tuple[str, str]:
    """What the whole order costs."""
    return _("Order total"), words(order.total)


def pairs(sums: Mapping[str, Money]) -> list[tuple[str, str]]:
    """Each sum that is something, and always what goods may leave for."""
    names = {
        "authorized": _("Authorized"),
        "captured": _("Taken"),
        "refunded": _("Given back"),
        "owed": _("To give back"),
        "secured": _("Goods may leave for"),
        "missing": _("Missing"),
    }
    shown = {name for name in names if sums[name].minor} | {"secured"}
    return [(label, words(sums[name])) for name, label in names.items() if name in shown]


def words(amount: Money) -> str:
    """As it is read."""
    return money(amount.minor, amount.currency)


def may_agree(who: Actor, order: Order) -> bool:
    """Whether this person may say that it is right, at a place of the order."""
    places = [line.location_id for line in order.lines if line.location_id is not None]
    return who.may_at_one_of(Permission.MONEY_AGREE, places)


def top(order: Order) -> Task:
    """The head of the page."""
    return Task(
        title=_("Money"),
        back=f"/orders/{order.order_id}",
        back_label=_("Back to the order"),
        sub=f"{order.number} · {order.contact.name}",
    )
