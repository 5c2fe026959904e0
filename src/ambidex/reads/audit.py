"""The audit: proves the invariants on a live database and names each violation. Every rig ends with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from ambidex.kernel.values import asdict, dataclass
from ambidex.reads.audit_checks import CHECKS, COUNTED, EACH_MAX
from ambidex.reads.audit_guards import AUDIT
from ambidex.reads.audit_stock import Check
from ambidex.runtime import publisher
from ambidex.runtime.db import Read

# a check of a large house may take longer than a page may
_PATIENT = text("SELECT set_config('statement_timeout', '600000', true)")


@dataclass(frozen=True, slots=True)
class Violation:
    """What breaks which rule; `subject` names it by its ids."""

    invariant: str
    rule: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """`checked` says how many things were looked at for each invariant: a clean report of nothing proves nothing."""

    checked: dict[str, int]
    violations: tuple[Violation, ...]

    @property
    def ok(self) -> bool:
        return not self.violations

    def json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "ok": self.ok,
            "checked": self.checked,
            "violations": [asdict(violation) for violation in self.violations],
        }


async def audit(read: Read) -> Report:
    """Ask every check; at most EACH_MAX violations of each are named."""
    await read.value(_PATIENT)
    found = [violation for check in CHECKS for violation in await ask(read, check)]
    checked = {invariant: int(await read.value(text(count))) for invariant, count in COUNTED.items()}
    chain = await publisher.verify_chain(read)
    checked[AUDIT] = chain.checked
    found += [Violation(AUDIT, "events are chained", "event chain", broken) for broken in chain.broken]
    return Report(checked, tuple(found))


async def ask(read: Read, check: Check) -> list[Violation]:
    """One statement for each rule: their number is that of the rules, not of the rows."""
    question = text(f"{check.sql}\n LIMIT {EACH_MAX}")
    return named(check, await read.all(question, {"now": read.now} if ":now" in check.sql else {}))


def named(check: Check, rows: Sequence[Row[Any]]) -> list[Violation]:
    """What the rows of a rule say."""
    return [Violation(check.invariant, check.rule, row.subject, row.detail) for row in rows]
