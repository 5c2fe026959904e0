"""Words for the values that events carry: what is waited for, promised, written, paid. One table each, used by all pages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ambidex.kernel.values import dataclass
from ambidex.web.words import translate as _

# what a program calls something is no reason a person can read
_CODE = re.compile(
    r"[a-z]+[_:-]\S*|not in time: \w+|platform|stock|system|people|place|customer|canceled|paused"
)
_KNOWN = {
    "returned_to_sender": _("the parcel comes back to us"),
    "the parcel is returned_to_sender": _("the parcel comes back to us"),
    "delivery_failed": _("the parcel could not be delivered"),
    "hours_changed": _("opening hours changed"),
    "paused": _("the place is paused"),
    "not_there": _("not there"),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watchdog waits for: who has until when, that it was late, that it came, and what is looked after."""

    until: str
    late: str
    came: str
    thing: str


WATCHED: Mapping[str, Watched] = {
    "accept": Watched(
        _("{place} has until {due} to answer"),
        _("{place} did not answer in time"),
        _("{place} answered"),
        _("the answer of {place}"),
    ),
    "pick_begun": Watched(
        _("{place} has until {due} to begin picking"),
        _("{place} did not begin picking in time"),
        _("{place} began to pick"),
        _("picking at {place}"),
    ),
    "ready": Watched(
        _("{place} has until {due} to have it ready"),
        _("{place} did not have it ready in time"),
        _("{place} has it ready"),
        _("getting it ready at {place}"),
    ),
    "dispatch": Watched(
        _("{place} has until {due} to hand it to the carrier"),
        _("{place} did not hand it to the carrier in time"),
        _("{place} handed everything to the carrier"),
        _("handing it to the carrier at {place}"),
    ),
    "deliver": Watched(
        _("The carrier has until {due} to deliver"),
        _("The carrier did not deliver in time"),
        _("The delivery is settled"),
        _("the delivery"),
    ),
    "attend": Watched(
        _("{place} has until {due} to go to the customer, who is here"),
        _("Nobody went in time to the customer, who is here"),
        _("Somebody went to the customer"),
        _("the customer who is here"),
    ),
    "collect": Watched(
        _("The customer has until {due} to collect"),
        _("The customer did not collect in time"),
        _("Nothing is left to collect"),
        _("what the customer still collects"),
    ),
    "answer": Watched(
        _("The customer has until {due} to choose"),
        _("The customer did not choose in time"),
        _("The question to the customer is settled"),
        _("the customer’s choice"),
    ),
    "stock": Watched(
        _("We have until {due} to find what is missing"),
        _("What is missing was not found in time"),
        _("What was missing is found"),
        _("what is missing"),
    ),
    "tell": Watched(
        _("We have until {due} to tell the customer"),
        _("The customer was not told in time"),
        _("The letter to the customer is settled"),
        _("the letter to the customer"),
    ),
    "refund": Watched(
        _("We have until {due} to give the money back"),
        _("The money did not go back in time"),
        _("The money that goes back is settled"),
        _("the money that goes back"),
    ),
}
_PROMISES = {
    "ready_by": _("Ready at {place} by {due}"),
    "delivered_by": _("With the customer by {due}"),
    "answer_by": _("The customer’s choice until {due}"),
    "news_by": _("News by {due}"),
    "refund_by": _("Money back by {due}"),
    "correction_by": _("Corrected by {due}"),
}
MILESTONES = {
    "accepted": _("Accepted"),
    "pick_begun": _("Pick begun"),
    "picked": _("Picked"),
    "ready": _("Ready"),
    "packed": _("Packed"),
    "dispatched": _("Left"),
}
MESSAGES = {
    "confirmed": _("We have your order"),
    "short-at-arrival": _("Something is missing"),
    "ready": _("Ready to collect"),
    "late": _("It takes longer"),
    "options": _("Please choose"),
    "choice-confirmed": _("Choice noted"),
    "collected": _("Handed over"),
    "shipped": _("On its way"),
    "delivered": _("Delivered"),
    "delivery-failed": _("Not delivered"),
    "sent-back": _("It comes back"),
    "parcel-lost": _("A parcel got lost"),
    "sent-again": _("It is sent again"),
    "reminder": _("Reminder"),
    "last-call": _("Last call"),
    "canceled": _("Canceled"),
    "correction": _("Correction"),
    "waiting": _("Waits for stock"),
}
TASKS = {
    "count": _("a count"),
    "transfer": _("a transfer"),
    "put_away": _("putting units away"),
    "repair_message": _("repairing a message"),
    "solve_exception": _("solving a problem"),
    "call_customer": _("calling the customer"),
    "attend": _("going to the customer"),
    "settle_offline": _("settling what was done without a network"),
}
# what becomes of missing units; "send:" and "place:" name the place behind the colon
OPTIONS = {
    "send": _("send it from another place"),
    "place": _("collect it at another place"),
    "wait": _("wait for it"),
    "cancel": _("cancel what is missing"),
    "instead": _("take another item"),
    "keep-waiting": _("keep waiting"),
}
MONEY = {
    "authorized": _("{amount} can be taken"),
    "captured": _("{amount} taken"),
    "refunded": _("{amount} given back"),
    "voided": _("{amount} released"),
}
STEPS = {
    "pack": _("Part of it is packed"),
    "pack last": _("All of it is packed"),
    "unpack": _("A box was opened again"),
    "dispatch": _("Part of it left"),
    "dispatch last": _("All of it left"),
    "deliver": _("All of it is delivered"),
    "fail delivery": _("A parcel could not be delivered"),
    "try again": _("The carrier tries again"),
    "return to sender": _("A parcel comes back"),
    "lose": _("A parcel is given up as lost"),
}
SIDES = {
    "": _("not told yet"),
    "told": _("told that it is ready"),
    "on_the_way": _("on the way"),
    "arrived": _("here"),
    "verified": _("here, and known to be who they are"),
    "partly": _("gone with a part of it"),
    "handed_over": _("gone with it"),
    "refused": _("gone without it"),
}
DEEDS = {
    "count": _("a count"),
    "accept": _("accepting"),
    "refuse": _("refusing"),
    "pick": _("a pick"),
    "cannot_find": _("what was not found"),
    "stage": _("bringing it to its shelf"),
    "ready": _("saying that it is ready"),
    "hand_over": _("a hand-over"),
}


def promise_words(kind: str, *, place: str, due: str) -> str:
    """A promise as we said it."""
    return _PROMISES[kind].format(place=place, due=due)


def why_words(said: str) -> str:
    """A reason as a person reads it; empty when only programs call it by that name."""
    text = said.strip().rstrip(".")
    if text in _KNOWN:
        return _KNOWN[text]
    return "" if _CODE.fullmatch(text) else text


def lowered(text: str) -> str:
    """A title within a sentence."""
    return text[:1].lower() + text[1:]
