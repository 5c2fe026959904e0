"""Which duties' tasks a person sees: their own, and those of the people they lead."""

from __future__ import annotations

from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import LocationId
from ambidex.reads.tasks import duties_of

__all__ = ["duties_of", "places_of", "topics_of"]


def places_of(actor: Actor) -> frozenset[LocationId] | None:
    """Where this actor works now; None for everywhere."""
    return frozenset({actor.at}) if actor.at else actor.places


def topics_of(actor: Actor) -> str:
    """What a list of this actor's places listens to."""
    places = places_of(actor)
    if places is None:
        return "fulfillment tasks promises watch"
    return " ".join(f"place:{place}" for place in sorted(places))
