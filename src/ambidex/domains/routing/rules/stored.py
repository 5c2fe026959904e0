"""Receipts as plain values, and back: what is stored, shown and compared to the bit."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from ambidex.domains.routing.model import Candidates, Change, Cost, Flip, Plan, PlannedPart, Receipt

LEVEL = 3


def pack(value: Mapping[str, Any]) -> bytes:
    """As it lies in the database."""
    return zlib.compress(orjson.dumps(value), LEVEL)


def unpack(packed: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(zlib.decompress(packed))
    return found


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """Its fields by name; keys are texts, as JSON has no others."""
    return {
        "version": receipt.version,
        "now": receipt.now,
        "fingerprint": receipt.fingerprint,
        "chosen": plan_json(receipt.chosen),
        "runner_up": None if receipt.runner_up is None else plan_json(receipt.runner_up),
        "candidates": {
            "columns": {name: _plain(column) for name, column in receipt.candidates.columns.items()},
            "costs": dict(receipt.candidates.costs),
        },
        "out": {why: list(places) for why, places in receipt.out.items()},
        "flips": [
            {
                "change": one.change.value,
                "site": one.site,
                "line_no": one.line_no,
                "by": one.by,
                "sites": list(one.sites),
                "saves": one.saves,
                "fills": one.fills,
                "keeps": one.keeps,
            }
            for one in receipt.flips
        ],
        "breaking_saves": receipt.breaking_saves,
        "breaking_sites": list(receipt.breaking_sites),
        "is_bounded": receipt.is_bounded,
        **({"unproved": receipt.unproved} if receipt.unproved else {}),
    }


def plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "parts": [
            {
                "site": part.site,
                "lines": _units(part.lines),
                "metres": part.metres,
                "leaves_at": part.leaves_at,
                "arrives_at": part.arrives_at,
                "costs": _costs(part.costs),
            }
            for part in plan.parts
        ],
        "unfilled": _units(plan.unfilled),
    }


def receipt_of(stored: Mapping[str, Any]) -> Receipt:
    """The receipt that was stored."""
    second = stored["runner_up"]
    return Receipt(
        version=stored["version"],
        now=stored["now"],
        fingerprint=stored["fingerprint"],
        chosen=plan_of(stored["chosen"]),
        runner_up=None if second is None else plan_of(second),
        candidates=Candidates(**stored["candidates"]),
        out={why: tuple(places) for why, places in stored["out"].items()},
        flips=tuple(
            Flip(**{**one, "change": Change(one["change"]), "sites": tuple(one["sites"])})
            for one in stored["flips"]
        ),
        breaking_saves=stored["breaking_saves"],
        breaking_sites=tuple(stored["breaking_sites"]),
        is_bounded=stored["is_bounded"],
        unproved=stored.get("unproved", 0),
    )


def plan_of(stored: Mapping[str, Any]) -> Plan:
    parts = (
        PlannedPart(**{**one, "lines": _units_of(one["lines"]), "costs": _costs_of(one["costs"])})
        for one in stored["parts"]
    )
    return Plan(tuple(parts), _units_of(stored["unfilled"]))


def _units(units: Mapping[int, int]) -> dict[str, int]:
    return {str(line_no): count for line_no, count in units.items()}


def _units_of(stored: Mapping[str, int]) -> dict[int, int]:
    return {int(line_no): count for line_no, count in stored.items()}


def _costs(costs: Mapping[Cost, int]) -> dict[str, int]:
    return {name.value: mills for name, mills in costs.items()}


def _costs_of(stored: Mapping[str, int]) -> dict[Cost, int]:
    return {Cost(name): mills for name, mills in stored.items()}


def _plain(column: list[Any]) -> list[Any]:
    return [list(value) if isinstance(value, tuple) else value for value in column]
