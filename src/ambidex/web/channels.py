"""What the channels are called in the shop."""

from ambidex.web.words import translate as _

CHANNELS = {
    "web": _("Web"), "pos": _("Till"), "phone": _("Phone"), "marketplace": _("Marketplace"), "social": _("Social"),
    "chat": _("Chat"), "agent": _("AI agent"), "b2b": _("Business"),
}  # fmt: skip


def channel_word(channel: str) -> str:
    """A channel that has no word yet is said as it is called."""
    return CHANNELS.get(channel, channel)
