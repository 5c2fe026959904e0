"""The people of one store on a live day: each step is one call that a person with a scanner would make."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import httpx

from ambidex.kernel.values import dataclass, field

SHELVES = tuple(f"SHELF-{row}{number}" for row in "AB" for number in range(1, 5))
STEPS_AT_ONCE = 3
LEFT_FOR_YOU = "store-01"
PICKUP = "pickup"
GONE = frozenset({"dispatched", "delivery_failed"})
BOX_GRAMS, UNIT_GRAMS = 300, 700


class Mood(StrEnum):
    """What will become of one piece of work."""

    SMOOTH = "smooth"
    REFUSED = "refused"
    FORGOTTEN = "forgotten"
    NOT_FOUND = "not found"
    LATE = "late"


MOODS = {Mood.SMOOTH: 82, Mood.REFUSED: 3, Mood.FORGOTTEN: 3, Mood.NOT_FOUND: 7, Mood.LATE: 5}
LATE_SECONDS = 15 * 60
# How long customers take to come, and how long colleagues take between two steps.
COLLECTED_AFTER = (40.0, 240.0)
STEP_AFTER = (4.0, 25.0)
COUNTED_AFTER = (60.0, 240.0)


@dataclass
class Piece:
    """What the people remember about one piece of work."""

    mood: Mood
    next_at: float
    mine: bool = True


Step = Callable[[dict[str, Any], Piece], Awaitable[None]]


@dataclass
class Floor:
    """One store; `barcodes` by SKU, as they are printed on the goods."""

    client: httpx.AsyncClient
    store: str
    token: str
    chance: random.Random
    barcodes: dict[str, str]
    # who takes a parcel on, by its number
    left: Callable[[str], None]
    pieces: dict[str, Piece] = field(default_factory=dict)
    # what was reported missing, and when somebody will have time to count it
    missing: dict[str, float] = field(default_factory=dict)

    async def one_step(self) -> None:
        """Look at the work and move a few pieces on."""
        now = time.monotonic()
        works = [work for work in await self._open_work() if work["state"] not in GONE]
        self._remember(works, now)
        due = [w for w in works if self.pieces[w["id"]].mine and self.pieces[w["id"]].next_at <= now]
        for work in due[:STEPS_AT_ONCE]:
            await self._move(work, self.pieces[work["id"]])
        for item in [item for item, at in self.missing.items() if at <= now]:
            del self.missing[item]
            await self._count(item)

    async def _open_work(self) -> list[dict[str, Any]]:
        asked = {"location": self.store, "limit": "100"}
        answer = await self.client.get("/api/v1/fulfillment-orders", params=asked, headers=self._headers())
        found: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
        return found

    def _remember(self, works: list[dict[str, Any]], now: float) -> None:
        """New work finds somebody who will do it; where you stand, one pickup to accept is always left for you."""
        known = {work["id"]: self.pieces[work["id"]] for work in works if work["id"] in self.pieces}
        is_left = any(
            _can_be_accepted(work) and not known[work["id"]].mine for work in works if work["id"] in known
        )
        for work in works:
            if work["id"] not in known:
                known[work["id"]] = piece = self._piece(now)
                if self.store == LEFT_FOR_YOU and _can_be_accepted(work) and not is_left:
                    piece.mine = False
                is_left = is_left or (_can_be_accepted(work) and not piece.mine)
        self.pieces = known

    def _piece(self, now: float) -> Piece:
        mood = self.chance.choices(list(MOODS), list(MOODS.values()))[0]
        wait = LATE_SECONDS if mood is Mood.LATE else self.chance.uniform(*STEP_AFTER)
        is_left = self.store == LEFT_FOR_YOU and self.chance.random() < 0.5
        return Piece(mood, now + wait, mine=mood is not Mood.FORGOTTEN and not is_left)

    async def _move(self, work: dict[str, Any], piece: Piece) -> None:
        state = work["state"]
        wait = COLLECTED_AFTER if state == "staged" else STEP_AFTER
        piece.next_at = time.monotonic() + self.chance.uniform(*wait)
        steps: dict[str, Step] = {
            "offered": self._offered,
            "accepted": self._pick,
            "picking": self._pick,
            "picked": self._stage,
            "staged": self._ready,
            "ready": self._hand_over,
            "canceled": self._put_away,
        }
        if work["method"] != PICKUP:
            steps |= {"picked": self._pack, "packed": self._dispatch}
        if state in steps:
            await steps[state](work, piece)

    async def _offered(self, work: dict[str, Any], piece: Piece) -> None:
        if piece.mood is Mood.REFUSED:
            await self._post(work, "refuse", {"reason": "the delivery room is closed for repairs"})
        else:
            await self._post(work, "accept", {})

    async def _pick(self, work: dict[str, Any], piece: Piece) -> None:
        """Scan what is on one line, unit by unit; now and then the last unit is not there."""
        left = [(line, line["wanted"] - line["picked"]) for line in work["lines"]]
        line, missing = next(((line, units) for line, units in left if units > 0), (None, 0))
        if line is None:
            return
        if piece.mood is Mood.NOT_FOUND:
            piece.mood = Mood.SMOOTH
            await self._post(
                work, "short", {"line": line["line"], "quantity": 1, "reason": "not on its shelf"}
            )
            return
        barcode = self.barcodes.get(line["item"], line["item"])
        proofs = [{"kind": "scan", "barcode": barcode, "key": self._key()} for _ in range(missing)]
        await self._post(work, "pick", {"evidence": proofs})

    async def _pack(self, work: dict[str, Any], _: Piece) -> None:
        """All in one box, on the scale, and its label."""
        grams = BOX_GRAMS + sum(UNIT_GRAMS * line["wanted"] for line in work["lines"])
        await self._post(work, "pack", {"packages": [{"weight_grams": grams, "key": self._key()}]})
        await self._post(work, "label", {})

    async def _dispatch(self, work: dict[str, Any], _: Piece) -> None:
        """Scan the labels as the carrier takes the parcels; one without a label asks for it again."""
        answer = await self._post(work, "label", {})
        packages = answer.json().get("packages", []) if answer.is_success else []
        numbers = [one["tracking_number"] for one in packages if one["tracking_number"]]
        if numbers:
            proofs = [{"kind": "scan", "barcode": number, "key": self._key()} for number in numbers]
            gone = await self._post(work, "dispatch", {"evidence": proofs})
            if gone.is_success:
                for number in numbers:
                    self.left(number)

    async def _stage(self, work: dict[str, Any], _: Piece) -> None:
        await self._post(work, "stage", {"place": self.chance.choice(SHELVES)})

    async def _ready(self, work: dict[str, Any], _: Piece) -> None:
        await self._post(work, "ready", {})

    async def _hand_over(self, work: dict[str, Any], _: Piece) -> None:
        await self._post(work, "hand-over", {"checked": "name", "collector": work["customer"]})

    async def _put_away(self, work: dict[str, Any], _: Piece) -> None:
        proofs = [
            {"kind": "scan", "barcode": self.barcodes.get(line["item"], line["item"]), "key": self._key()}
            for line in work["lines"]
            for _unit in range(line["to_put_away"])
        ]
        if proofs:
            await self._post(work, "put-away", {"evidence": proofs})

    async def _count(self, item: str) -> None:
        """Somebody counts the shelf: mostly the unit is gone, sometimes it stood one shelf further."""
        asked = {"item": item, "location": self.store}
        answer = await self.client.get("/api/v1/availability", params=asked, headers=self._headers())
        for row in answer.raise_for_status().json()["items"]:
            counted = row["on_hand"] + self.chance.choice((0, 0, 1))
            said = {"location": self.store, "item": item, "counted": counted}
            headers = {**self._headers(), "Idempotency-Key": self._key()}
            await self.client.post("/api/v1/counts", json=said, headers=headers)

    async def _post(self, work: dict[str, Any], verb: str, said: dict[str, Any]) -> httpx.Response:
        path = f"/api/v1/fulfillment-orders/{work['id']}/{verb}"
        return await self.client.post(
            path, json=said, headers={**self._headers(), "Idempotency-Key": self._key()}
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _key(self) -> str:
        return f"{self.store}-{self.chance.getrandbits(64):016x}"


def _can_be_accepted(work: dict[str, Any]) -> bool:
    return bool(work["state"] == "offered" and work["method"] == PICKUP)
