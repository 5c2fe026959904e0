"""INSERT of many rows as arrays: one statement however many rows, so that lists cost little more than one.

Arrays through `unnest` cost a tenth of multi-row VALUES (architecture.md, rule 9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Write


@dataclass(frozen=True, slots=True)
class Insert:
    """Into which table; `columns` are those of each row, in their order, with their types."""

    columns: tuple[str, ...]
    sql: str

    @classmethod
    def into(cls, table: str, columns: Mapping[str, str], *, same: Mapping[str, str] | None = None) -> Insert:
        """`same` are columns that all rows share, as SQL; a parameter in it (":now") is given to `rows`."""
        shared = same or {}
        arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
        own = ", ".join(columns)
        filled, told = ", ".join([*columns, *shared]), ", ".join([*columns, *shared.values()])
        return cls(
            tuple(columns),
            f"INSERT INTO {table} ({filled}) SELECT {told} FROM unnest({arrays}) AS a({own})",  # noqa: S608  # constants of ours
        )

    def rows(self, rows: Sequence[tuple[Any, ...]], **same: Any) -> Write:
        """These rows, each with a value for every column; no rows are no change."""
        if not rows:
            return Write(self.sql, {})
        return Write(self.sql, {**dict(zip(self.columns, zip(*rows, strict=True), strict=True)), **same})
