"""Why a decision was made at all, in words."""

from ambidex.web.words import translate as _

CAUSES = {
    "placed": _("The order was placed"),
    "refused": _("The place refused"),
    "lapsed": _("The place did not answer"),
    "short": _("The place could not find it"),
    "taken_back": _("It was taken back"),
    "stock_landed": _("Stock arrived"),
    "looked_for": _("Somebody had it looked for"),
    "paused": _("The place was paused"),
    "refused_in_part": _("The place refused a part of it"),
    "sold_elsewhere": _("It was sold elsewhere, and its place did not have it"),
    "closed": _("The place closed for good"),
    "hours_changed": _("Opening hours changed"),
    "window": _("Open orders were looked at together"),
    "quoted": _("It was promised so at checkout"),
    "to_store": _("It is sent to where it is collected, as it lies at another place"),
    "another_item": _("The customer took another item"),
    "sent_again": _("The parcel did not arrive and is sent again"),
}


def cause_words(cause: str) -> str:
    """A cause that has no words yet is said as it is called."""
    return _(CAUSES[cause]) if cause in CAUSES else cause.replace("_", " ").replace("-", " ").capitalize()
