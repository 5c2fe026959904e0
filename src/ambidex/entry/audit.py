"""The audit as a command: what was checked, what is broken."""

from __future__ import annotations

from ambidex.reads.audit import Report
from ambidex.reads.audit import audit as ask
from ambidex.runtime.perform import Run


async def audit(run: Run) -> Report:
    """Prove the invariants on this database."""
    async with run.reading() as read:
        return await ask(read)


def sentences(report: Report) -> str:
    """For a person: one line an invariant, one line a violation."""
    broken = [violation.invariant for violation in report.violations]
    lines = [
        f"{invariant}: {count} checked, {broken.count(invariant) or 'no'} violations"
        for invariant, count in sorted(report.checked.items())
    ]
    lines += [f"  {v.invariant} | {v.rule} | {v.subject} | {v.detail}" for v in report.violations]
    return "\n".join(lines)
