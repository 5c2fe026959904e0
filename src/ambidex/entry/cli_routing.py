"""`ambidex routing`: versions of the rules, check a document, replay a day, simulate a version, prices of scarce stock."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ambidex.domains import routing
from ambidex.entry.installation import OPERATOR, joined
from ambidex.flows import price_scarce_stock, replay_routing, simulate_routing
from ambidex.runtime.perform import Run

PATIENCE_SECONDS = 0.2


def arguments(parser: ArgumentParser) -> None:
    """What may be asked."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    replay = deeds.add_parser("replay", help="make all decisions of a day once more; 1 when one differs")
    replay.add_argument(
        "--day", type=date.fromisoformat, metavar="DATE", help="in UTC; yesterday when not said"
    )
    replay.set_defaults(does=_replay)
    listed = deeds.add_parser("versions", help="the versions of the rules")
    listed.add_argument("--brand", default=None)
    listed.set_defaults(does=_versions)
    check = deeds.add_parser("check", help="read a document and say what cannot be used, by field and line")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(does=_check)
    simulate = deeds.add_parser("simulate", help="a version against the live one over past days")
    simulate.add_argument("number", type=int, metavar="VERSION")
    simulate.add_argument("--brand", default="")
    simulate.add_argument("--days", type=int, default=7, help="up to now")
    simulate.add_argument("--decisions", type=int, default=simulate_routing.TRIAL_DECISIONS, help="at most")
    simulate.set_defaults(does=_simulate)
    prices = deeds.add_parser(
        "prices", help="make prices of scarce stock now and try them; they count only if they saved"
    )
    prices.add_argument("--stop", action="store_true", help="use none until they are made again")
    prices.set_defaults(does=_prices)
    for deed in (replay, listed, check, simulate, prices):
        deed.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: Namespace) -> int:
    """Do it and print what came out."""
    return int(asked.does(asked))


def _replay(asked: Namespace) -> int:
    replay, differences = asyncio.run(_replayed(asked.day))
    found = [
        {"order": order_id.hex, "receipt": receipt_no, "what": what}
        for order_id, receipt_no, what in differences
    ]
    said = {"day": replay.day.isoformat(), "total": replay.total, "same": replay.same, "differences": found}
    words = [f"{replay.day}: {replay.same} of {replay.total} decisions came out the same, to the bit."]
    words += [f"  order {one['order']}, decision {one['receipt']}: {one['what']}" for one in found]
    _print(asked, said, words)
    return 0 if replay.same == replay.total else 1


async def _replayed(
    day: date | None,
) -> tuple[routing.trials.Replay, list[tuple[Any, int, str]]]:
    async with joined() as installation:
        run = installation.run
        chosen = day or (run.clock() - timedelta(days=1)).date()
        replay = await replay_routing.replay_day(run, chosen)
        async with run.reading() as read:
            return replay, await routing.ask.differences(read, chosen)


def _versions(asked: Namespace) -> int:
    found = asyncio.run(_listed(asked.brand))
    said = [
        {"brand": one.brand, "number": one.number, "state": one.state.value, "name": one.name}
        for one in found
    ]
    words = [f"{one.number:>4}  {one.state.value:<9} {one.name}{_of(one.brand)}" for one in found]
    _print(asked, {"versions": said}, words)
    return 0


async def _listed(brand: str | None) -> list[routing.versions.Version]:
    async with joined() as installation, installation.run.reading() as read:
        return await routing.ask.versions(read, brand)


def _of(brand: str) -> str:
    return f" ({brand})" if brand else ""


def _check(asked: Namespace) -> int:
    """A document that cannot be used is refused by `parse`, which the command line prints."""
    try:
        document = json.loads(asked.file.read_text())
    except json.JSONDecodeError as fault:
        _print(asked, {"ok": False}, [f"Line {fault.lineno}: {fault.msg}."])
        return 2
    policy = routing.document.parse(document)
    said = {"ok": True, "name": policy.name, "rules": len(policy.rules)}
    _print(asked, said, [f"{policy.name}: {len(policy.rules)} rules, nothing wrong."])
    return 0


def _simulate(asked: Namespace) -> int:
    trial = asyncio.run(_simulated(asked))
    assert trial.result is not None, "it was finished above"
    result = trial.result
    words = [f"{result['orders']} decisions, {result['differs']} would have been others (95 % between):"]
    words += [f"  {name:<10} {_figure(figure)}" for name, figure in result["figures"].items()]
    _print(asked, {"trial": trial.trial_id.hex, **result}, words)
    return 0


async def _simulated(asked: Namespace) -> routing.trials.Trial:
    async with joined() as installation:
        return await _to_its_end(installation.run, asked)


async def _to_its_end(run: Run, asked: Namespace) -> routing.trials.Trial:
    until = run.clock()
    first = datetime.combine((until - timedelta(days=asked.days)).date(), time(), UTC)
    period = simulate_routing.Period(first, until, asked.decisions)
    trial = await run.perform(OPERATOR, simulate_routing.simulate, asked.brand, asked.number, period=period)
    while trial.ended_at is None:
        await simulate_routing.finish_all(run)
        async with run.reading() as read:
            trial = await routing.ask.trial(read, trial.trial_id)
        # a worker may be at it too
        await asyncio.sleep(0 if trial.ended_at else PATIENCE_SECONDS)
    return trial


def _figure(figure: dict[str, list[float]]) -> str:
    live, other, change = (figure[arm] for arm in ("live", "other", "change"))
    return f"live {live[0]:>12.4f}  version {other[0]:>12.4f}  change {change[0]:+.4f} ({change[1]:+.4f} to {change[2]:+.4f})"


def _prices(asked: Namespace) -> int:
    found = asyncio.run(_priced(is_stopped=asked.stop))
    saved, terms = found.proof.saved, f"{found.season} orders each, anew every {found.every}"
    words = [
        f"Prices of scarce stock are {found.state.value}{f': {found.why.value}' if found.why.value else ''}."
    ]
    if found.proof.seasons:
        seasons = f"On {len(found.proof.seasons)} seasons of the past ({terms}) they saved {saved:+.2%}"
        words.append(
            f"{seasons}; {found.count} positions have a price, from {found.past} orders of {found.days} days."
        )
    said = {
        "number": found.number,
        "state": found.state.value,
        "why": found.why.value,
        "saved": round(saved, 6),
    }
    _print(asked, {**said, "past": found.past, "season": found.season, "priced": found.count}, words)
    return 0


async def _priced(*, is_stopped: bool) -> routing.scarce.PriceList:
    async with joined() as installation:
        if is_stopped:
            return await installation.run.perform(OPERATOR, routing.change.stop_prices)
        return await price_scarce_stock.make_now(installation.run, OPERATOR)


def _print(asked: Namespace, said: dict[str, Any], words: list[str]) -> None:
    print(json.dumps(said) if asked.json else "\n".join(words))
