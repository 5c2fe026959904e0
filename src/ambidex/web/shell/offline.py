"""Sentences of the scripts that work without a network, in the language of the page."""

from __future__ import annotations

from ambidex.web.words import translate as _


def pocket_words() -> dict[str, str]:
    """By the name that a script asks for."""
    return _banner() | _page() | _steps() | _stored() | _refused()


def _banner() -> dict[str, str]:
    return {
        "away": _("No network since {time}."),
        "works": _("Accepting, picking, staging, handing over and counting go on working here."),
        "stored-one": _("1 action is stored on this device."),
        "stored": _("{n} actions are stored on this device."),
        "sent-later": _("They are sent when the network is back."),
        "sending": _("They are being sent."),
        "sign-in": _("Sign in again to send them; nothing is lost."),
        "others": _("Some were done by {names} and wait for them to sign in here."),
        "conflict": _("1 action did not fit any more."),
        "conflicts": _("{n} actions did not fit any more."),
        "conflict-told": _("The lead has a task with both sides."),
        "see": _("See the task"),
        "seen": _("Seen"),
        "go-on": _("Go on here"),
        "back": _("Back to the list"),
    }


def _page() -> dict[str, str]:
    return {
        "title": _("Without the network"),
        "nothing-loaded": _(
            "Nothing was loaded on this device yet. Open My work once while there is a network."
        ),
        "loaded": _("As it was at {time}."),
        "todo": _("To do"),
        "ready": _("Ready to hand over"),
        "to-count": _("Count"),
        "stored-here": _("{n} stored"),
        "scan-any": _("Scan an item"),
        "scan-item": _("Scan the item"),
        "scan-place": _("Shelf label"),
        "scan-code": _("Customer's code"),
        "lies-on": _("Lies on {place}."),
        "bring-from": _("Bring everything from {place}."),
        "say-ready": _("It is there: say it is ready"),
        "told-later": _("The customer is told as soon as the network is back."),
        "accept": _("Accept"),
        "refuse": _("Refuse"),
        "cannot-find": _("Cannot find the next item"),
        "offer-later": _(
            "It is sent when the network is back. If the offer was taken back meanwhile, your lead has a task."
        ),
        "missing-later": _("The customer is asked, or it is looked for elsewhere, when the network is back."),
        "no-code": _("No code? Check the name instead"),
        "to-pack": _("Picked. Packing it needs the network."),
        "see-work": _("Go on when the network is back"),
        "stored-work": _("All that can be done here is stored. It is sent when the network is back."),
        "that-is-all": _("That is all"),
        "counted-n": _("{n} counted"),
        "count-stored": _("The count is stored on this device. It is sent when the network is back."),
    }


def _steps() -> dict[str, str]:
    """What comes next in the list, and the heading when it is done."""
    return {
        "step-offer": _("Accept or refuse"),
        "step-pick": _("Pick"),
        "step-stage": _("Bring to a shelf"),
        "step-ready": _("Say it is ready"),
        "do-offer": _("Can you do it?"),
        "do-pick": _("Pick"),
        "do-stage": _("Bring to a shelf"),
        "do-ready": _("Say it is ready"),
        "do-give": _("Hand over"),
        "do-done": _("Stored"),
        "do-count": _("Count"),
    }


def _stored() -> dict[str, str]:
    """A deed is kept here."""
    return {
        "did-accept": _("Accepted. Stored on this device."),
        "did-refuse": _("Refused. Stored on this device."),
        "did-cannot_find": _("Noted. Stored on this device."),
        "did-pick": _("Picked. Stored on this device."),
        "did-stage": _("On the shelf. Stored on this device."),
        "did-ready": _("Stored. The customer hears it when the network is back."),
        "did-hand_over": _("Handed over. Stored on this device."),
    }


def _refused() -> dict[str, str]:
    return {
        "wrong-item": _("This item does not belong to this order."),
        "enough": _("All wanted units of it were scanned."),
        "not-so-many": _("So many are not open on this line."),
        "wrong-place": _("This is not a pickup shelf here."),
        "wrong-code": _(
            "This code does not open this order. Ask for the order page again, or check the name."
        ),
        "needs-why": _("Choose why first."),
        "needs-reason": _("Say why it could not be scanned."),
        "not-now": _("That was done already, or something comes before it."),
        "not-loaded": _("This order was not loaded on this device. It needs the network."),
        "not-paid": _("It was not paid when it was loaded. Handing it over needs the network."),
        "needs-network": _("That needs the network. Nothing was sent."),
        "unknown-item": _("This item was not loaded on this device."),
        "another-item": _("That is another item. Count one item at a time."),
    }
