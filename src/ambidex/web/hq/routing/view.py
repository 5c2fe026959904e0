"""Versions as the page Routing shows them: rows of the list, one version in words, what it may do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.reads.routing_pages import Decided, Deed, Figures
from ambidex.web.formats import local_when, money
from ambidex.web.hq.routing import words
from ambidex.web.orders.receipt.causes import cause_words
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Happening, Option, Row, Stat
from ambidex.web.words import translate as _

Version = routing.versions.Version
ICONS = {
    "draft": "pencil",
    "shadow": "layers",
    "canary": "git-fork",
    "live": "circle-check",
    "archived": "archive",
}
MILLS = 1000
# whether it is said of one brand
NO_LIVE = {
    False: _("The built-in rules decide every order."),
    True: _("The versions of every brand decide its orders until one of its own is live."),
}
ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule of the document in words. `at`: its place in the document."""

    at: int
    name: str
    sentence: str
    hard: str


def chip(state: str) -> Chip:
    """A state in a word; only what decides is green."""
    mean = {"live": Mean.ON_TRACK, "canary": Mean.AT_RISK}.get(state, Mean.NONE)
    return Chip(text=_(words.STATES[state]), mean=mean, icon=ICONS[state])


def headline(known: Sequence[Version], now: datetime, brand: str = "") -> str:
    """Who decides, and who is tried out."""
    by_state = {one.state.value: one for one in known}
    live, canary, shadow = (by_state.get(state) for state in ("live", "canary", "shadow"))
    if live is None:
        said = _(NO_LIVE[bool(brand)])
    else:
        facts = {"n": live.number, "name": live.name, "when": local_when(live.state_since, ZONE, now)}
        said = _("Version %(n)s, “%(name)s”, decides since %(when)s UTC.", **facts)
    if canary is not None and canary.canary is not None:
        share = words.percent(canary.canary.share)
        said += " " + _(
            "Version %(n)s is on trial for %(share)s of the orders.", n=canary.number, share=share
        )
    if shadow is not None:
        said += " " + _("Version %(n)s decides in the shadow.", n=shadow.number)
    return said


def rows(
    known: Sequence[Version], deeds: Mapping[int, Deed], examples: Mapping[int, int], now: datetime
) -> list[Row]:
    """The list of versions, the newest first."""
    return [
        Row(
            title=f"{one.number} · {one.name}",
            note=_note(deeds.get(one.number), examples.get(one.number, 0), now),
            href=f"/routing/versions/{one.number}{query(one.brand)}",
            chip=_row_chip(one, deeds.get(one.number)),
            icon=ICONS[one.state.value],
        )
        for one in known
    ]


def _row_chip(one: Version, deed: Deed | None) -> Chip:
    """What went back by itself is told apart from what was put away."""
    if one.state.value == "archived" and deed is not None and deed.what.startswith("roll back"):
        return Chip(text=_("Rolled back"), mean=Mean.BROKEN, icon="undo-2")
    return chip(one.state.value)


def query(brand: str) -> str:
    """The brand in an address; every brand is not said."""
    return f"?brand={quote(brand, safe='')}" if brand else ""


def _note(deed: Deed | None, examples: int, now: datetime) -> str:
    count = _("1 example") if examples == 1 else _("%(n)s examples", n=examples)
    if deed is None:
        return count
    when = local_when(deed.at, ZONE, now)
    said = _("%(who)s, %(when)s: %(what)s", who=deed.by, when=when, what=deed.what)
    return " · ".join(part for part in (said, deed.why, count) if part)


def stats(found: Sequence[Figures], currency: str) -> list[Stat]:
    """What was decided within a day, whichever version did."""
    count = sum(one.decisions for one in found)
    if not count:
        return []
    cost = sum(one.cost for one in found) / count
    shares = {name: sum(getattr(one, name) for one in found) for name in ("split", "late", "unfilled")}
    return [
        Stat(label=_("Decided in 24 h"), value=str(count), icon="route"),
        Stat(label=_("Cost of an order"), value=words.amount(cost, currency), icon="wallet"),
        Stat(label=_("In several parcels"), value=_share(shares["split"], count), icon="package"),
        Stat(
            label=_("Promised late"),
            value=_share(shares["late"], count),
            icon="clock",
            mean=_mean(shares["late"]),
        ),
        Stat(
            label=_("Nobody could fill"),
            value=_share(shares["unfilled"], count),
            icon="package-x",
            mean=_mean(shares["unfilled"]),
        ),
    ]


def _mean(count: int) -> Mean:
    return Mean.AT_RISK if count else Mean.NONE


def _share(count: int, whole: int) -> str:
    return words.percent(1000 * count / whole)


def decided_rows(found: Sequence[Decided], now: datetime) -> list[Row]:
    """Decisions of a moment ago, each a link to its receipt."""
    return [
        Row(
            title=one.number,
            note=f"{local_when(one.decided_at, ZONE, now)} UTC · {cause_words(one.cause)} · "
            + _parcels(one.parts),
            end=money(round(one.cost / MILLS), one.currency) if one.parts else "",
            href=f"/orders/{one.order_id}/receipt?number={one.receipt_no}",
            icon="route",
        )
        for one in found
    ]


def _parcels(parts: int) -> str:
    if not parts:
        return _("nobody could fill it")
    return _("1 parcel") if parts == 1 else _("%(n)s parcels", n=parts)


def rule_rows(document: Mapping[str, Any], names: Mapping[str, str]) -> list[RuleRow]:
    """Every rule as one says it."""
    currency = str(document.get("currency", "USD"))
    return [
        RuleRow(
            at,
            str(rule.get("name", "")),
            words.sentence(rule, currency, names),
            "yes" if "leave_out" in rule or "only" in rule else "",
        )
        for at, rule in enumerate(document.get("rules", []))
    ]


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """An example, what it asks for, and whether this version does so."""

    name: str
    note: str
    chip: Chip
    wrong: tuple[str, ...]


def example_rows(
    examples: Sequence[Any], outcomes: Sequence[Any], names: Mapping[str, str]
) -> list[ExampleRow]:
    """Those that fail first."""
    decided = {one.name: one for one in outcomes}
    rows = [
        ExampleRow(
            one.name,
            _expected_words(one.expected, names),
            Chip(text=_("Passes"), mean=Mean.ON_TRACK)
            if decided[one.name].passes
            else Chip(text=_("Fails"), mean=Mean.BROKEN),
            tuple(decided[one.name].wrong),
        )
        for one in examples
        if one.name in decided
    ]
    return sorted(rows, key=lambda row: (not row.wrong, row.name))


def examples_words(rows: Sequence[ExampleRow]) -> str:
    """How many pass."""
    passing = sum(not row.wrong for row in rows)
    return _("%(n)s of %(all)s pass", n=passing, all=len(rows)) if rows else ""


def _expected_words(expected: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What an example asks for, in a line."""
    said = []
    for code, units in expected.get("sent_from", {}).items():
        said.append(_("%(units)s from %(place)s", units=_units(units), place=names.get(code, code)))
    if expected.get("places"):
        said.append(_("from %(places)s", places=_called(expected["places"], names)))
    if expected.get("not_from"):
        said.append(_("nothing from %(places)s", places=_called(expected["not_from"], names)))
    if "parcels_at_most" in expected:
        said.append(_("at most %(n)s parcels", n=expected["parcels_at_most"]))
    if expected.get("unfilled"):
        said.append(_("%(units)s waits", units=_units(expected["unfilled"])))
    return "; ".join(said)


def _called(codes: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(code, code) for code in codes)


def _units(units: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {sku}" for sku, count in sorted(units.items()))


def history(found: Sequence[Any], now: datetime) -> list[Happening]:
    """Who changed what and why, the newest first."""
    return [
        Happening(
            text=f"{one.what.capitalize()}: {one.why}" if one.why else one.what.capitalize(),
            when=local_when(one.changed_at, ZONE, now),
            who=one.changed_by_name,
            icon="pencil",
        )
        for one in found
    ]


def nexts(state: str, brand: str) -> list[Option]:
    """Where a version may go from here, and what happens then."""
    said = {
        "shadow": (_("Let it decide in the shadow"), _("Every order is decided once more beside the live rules; nothing changes.")),
        "canary": (_("Try it on a share of the orders"), _("They are decided by it from now on. It goes back by itself when it does harm.")),
        "go_live": (_("Let it decide every order"), _("From the next order on. The live version of today is archived and can come back.")),
        "archive": (_("Put it away"), _("It decides nothing any more; it can come back.")),
    }  # fmt: skip
    # something must decide for every brand: its live version goes only when another comes
    kept = {"archive"} if state == "live" and not brand else set()
    table = routing.versions.VERSION.moves
    return [
        Option(value=verb.value, title=said[verb.value][0], note=said[verb.value][1])
        for verb in routing.versions.VersionVerb
        if verb.value in said.keys() - kept and (routing.versions.VersionState(state), verb) in table
    ]
