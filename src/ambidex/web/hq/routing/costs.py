"""The form of costs and clocks of a version: fields by name, read into the document and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.web.hq.routing.words import SAID
from ambidex.web.words import translate as _

KINDS = routing.document.KINDS
DEFAULT = routing.document.DEFAULT_DOCUMENT
AMOUNTS = {
    "parcel": (_("A parcel"), _("what each parcel costs before anything else")),
    "parcel_per_1000_km": (_("A parcel, each 1,000 km"), ""),
    "kg": (_("A kilogram"), ""),
    "kg_per_1000_km": (_("A kilogram, each 1,000 km"), ""),
    "split": (_("Each parcel after the first"), _("what splitting does to the customer and to returns")),
    "late_hour": (_("Each hour late"), _("after a date that was wished, or promised and kept by nobody")),
    "waiting": (_("Each order waiting there"), _("so that full places get less")),
    "failed_pick": (_("A pick that fails"), _("times the chance that it does")),
}
BANDS_SPARE = 1


@dataclass(frozen=True, slots=True)
class Field:
    """One figure of the form. `error`: what is wrong with it."""

    name: str
    label: str
    value: str
    hint: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """What is said for one kind of place."""

    name: str
    fields: tuple[Field, ...]


def amounts(document: Mapping[str, Any], errors: Mapping[str, str]) -> list[Field]:
    """The rate card; what is not said is as it is built in."""
    said = {**DEFAULT["costs"], **document.get("costs", {})}
    found = [
        Field(word, _(label), str(said[word]), _(hint) if hint else "", errors.get(f"costs.{word}", ""))
        for word, (label, hint) in AMOUNTS.items()
    ]
    most = str(document.get("parcels_max", 0))
    label, hint = _("Parcels at most"), _("0 is any number")
    return [*found, Field("parcels_max", label, most, hint, errors.get("parcels_max", ""))]


def kinds(document: Mapping[str, Any], errors: Mapping[str, str]) -> list[KindRow]:
    """Cost of work and clocks for each kind of place."""
    return [KindRow(_(SAID[kind]).capitalize(), tuple(_of_kind(kind, document, errors))) for kind in KINDS]


def _of_kind(kind: str, document: Mapping[str, Any], errors: Mapping[str, str]) -> list[Field]:
    work = document.get("costs", {}).get("handling", {}).get(kind, {})
    said = (
        (f"parcel.{kind}", _("a parcel"), work.get("parcel", ""), f"costs.handling.{kind}.parcel"),
        (f"unit.{kind}", _("a piece"), work.get("unit", ""), f"costs.handling.{kind}.unit"),
        (f"minutes.{kind}", _("minutes until packed"), document.get("handling_minutes", {}).get(kind, ""), f"handling_minutes.{kind}"),
        (f"cut_off.{kind}", _("leaves the same day until"), document.get("cut_offs", {}).get(kind, ""), f"cut_offs.{kind}"),
    )  # fmt: skip
    return [Field(name, label, str(value), error=errors.get(path, "")) for name, label, value, path in said]


def transit(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Kilometers up to, days; and a row to fill."""
    bands = {**DEFAULT["costs"], **document.get("costs", {})}["transit"]
    return [*((str(one["up_to_km"]), str(one["days"])) for one in bands), *[("", "")] * BANDS_SPARE]


def bands(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Kilograms up to, what is added; and a row to fill."""
    found = document.get("costs", {}).get("weight_bands", [])
    return [*((str(one["up_to_kg"]), str(one["cost"])) for one in found), *[("", "")] * BANDS_SPARE]


def changed(document: Mapping[str, Any], sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The document with what the form says; what the form does not show stays."""
    costs = dict(document.get("costs", {})) | {word: _one(sent, word) for word in AMOUNTS}
    costs["transit"] = [
        {"up_to_km": _whole(far), "days": _whole(days)} for far, days in _pairs(sent, "up_to_km", "days")
    ]
    costs["weight_bands"] = [
        {"up_to_kg": weight, "cost": cost} for weight, cost in _pairs(sent, "up_to_kg", "band_cost")
    ]
    costs["handling"] = {**costs.get("handling", {}), **_handling(sent)}
    return {
        **document,
        "name": _one(sent, "name") or document.get("name", ""),
        "costs": costs,
        "parcels_max": _whole(_one(sent, "parcels_max") or "0"),
        "cut_offs": _by_kind(document.get("cut_offs", {}), sent, "cut_off"),
        "handling_minutes": {
            where: _whole(str(value))
            for where, value in _by_kind(document.get("handling_minutes", {}), sent, "minutes").items()
        },
    }


def _handling(sent: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    return {
        kind: {word: text for word in ("parcel", "unit") if (text := _one(sent, f"{word}.{kind}"))}
        for kind in KINDS
    }


def _by_kind(said: Mapping[str, Any], sent: Mapping[str, Sequence[str]], name: str) -> dict[str, Any]:
    """Places named by their code stay; kinds are what the form says, empty ones are not said."""
    others = {where: value for where, value in said.items() if where not in KINDS}
    return {kind: text for kind in KINDS if (text := _one(sent, f"{name}.{kind}"))} | others


def _pairs(sent: Mapping[str, Sequence[str]], one: str, other: str) -> list[tuple[str, str]]:
    rows = zip(sent.get(one, []), sent.get(other, []), strict=False)
    return [(a.strip(), b.strip()) for a, b in rows if a.strip() or b.strip()]


def _whole(text: str) -> Any:
    """A number as a number; anything else as it was sent, to be refused by name."""
    return int(text) if text.isdigit() else text


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(sent.get(name, [])), "").strip().replace(",", ".")
