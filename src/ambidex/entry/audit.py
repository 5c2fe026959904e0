"""The audit as a command: what was checked, what is broken."""

from __future__ import annotations

from ambidex.reads.audit import Report
from ambidex.reads.audit import audit as ask
from ambidex.reads.audit_checks import CHECKS
from ambidex.runtime.perform import Run


async def audit(run: Run) -> Report:
    """Prove the invariants on this database."""
    async with run.reading() as read:
        return await ask(read)


# what the numbers of a report count, by invariant
THINGS = {
    "1 stock": "shelf positions with their ledger",
    "2 quantity": "order lines",
    "3 owner": "owners and tasks",
    "4 said = done": "messages that were told",
    "5 ready": "works that were ready",
    "6 money": "tenders",
    "7 inbox": "messages of other systems and references of orders",
    "8 audit": "events of the chain",
    "9 custody": "packages",
}


def sentences(report: Report) -> str:
    """For a person: one line an invariant (how many rules, asked of how many things), one line a violation."""
    broken = [violation.invariant for violation in report.violations]
    lines = [_sentence(name, count, broken.count(name)) for name, count in sorted(report.checked.items())]
    lines += [f"  {v.invariant} | {v.rule} | {v.subject} | {v.detail}" for v in report.violations]
    return "\n".join(lines)


def _sentence(invariant: str, count: int, broken: int) -> str:
    rules = sum(check.invariant == invariant for check in CHECKS)
    asked = f"{rules} {'rule' if rules == 1 else 'rules'} asked of" if rules else "walked:"
    violations = "1 violation" if broken == 1 else f"{broken or 'no'} violations"
    return f"{invariant}: {asked} {count:,} {THINGS[invariant]}, {violations}"
