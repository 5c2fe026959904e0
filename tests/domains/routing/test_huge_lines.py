"""Lines of very many units: what nobody has is not counted out piece by piece."""

from __future__ import annotations

from typing import Any

from ambidex.domains.routing.rules import atoms, examples
from ambidex.domains.routing.rules.document import DEFAULT_DOCUMENT, parse
from ambidex.domains.routing.rules.planning import plan

MOST = 10_000


def _situation(*free: int) -> Any:
    places = [{"code": f"store-{n}", "has": {"MUG": units}} for n, units in enumerate(free)]
    return {"lines": [{"sku": "MUG", "units": MOST}], "places": places}


def test_what_nobody_has_stays_one_piece_and_all_that_is_there_is_sent() -> None:
    snapshot = examples.snapshot_of(_situation(900, 300), parse(DEFAULT_DOCUMENT))
    pieces = atoms.parted(atoms.whole(snapshot), frozenset({0}), snapshot)
    assert sorted(piece.rows[0][1] for piece in pieces)[-2:] == [1, MOST - 1_200]
    found = plan(snapshot)
    assert sum(units for part in found.parts for units in part.lines.values()) == 1_200
    assert found.unfilled == {1: MOST - 1_200}
