"""The door of the pocket: what people did while their device had no network."""

from ambidex.domains.pocket.commands import object_to, take
from ambidex.domains.pocket.model import Conflict, Dated, Deed, DeedKind
from ambidex.domains.pocket.rules import dated
from ambidex.domains.pocket.store import conflict_task

__all__ = ["Conflict", "Dated", "Deed", "DeedKind", "conflict_task", "dated", "object_to", "take"]
