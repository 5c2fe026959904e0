"""Which duties' tasks a person sees: their own, and those of the people they lead."""

from __future__ import annotations

from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import LocationId

_LEADS = {
    "lead": {"associate"},
    # where there is no lead, what is asked of one is asked of whoever leads there
    "supervisor": {"picker", "associate", "lead"},
    "picker": {"associate"},
    "partner": {"associate", "picker", "lead", "supervisor"},
    "admin": {"associate", "lead", "picker", "supervisor", "agent", "district", "experience"},
}


def duties_of(actor: Actor) -> frozenset[str]:
    """The roles this actor answers for."""
    own = actor.roles or frozenset({actor.role})
    return frozenset(own.union(*(_LEADS.get(role, set()) for role in own)))


def places_of(actor: Actor) -> frozenset[LocationId] | None:
    """Where this actor works now; None for everywhere."""
    return frozenset({actor.at}) if actor.at else actor.places


def topics_of(actor: Actor) -> str:
    """What a list of this actor's places listens to."""
    places = places_of(actor)
    if places is None:
        return "fulfillment tasks promises watch"
    return " ".join(f"place:{place}" for place in sorted(places))
