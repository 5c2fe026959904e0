"""Writing people and shifts, in lists: one statement for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from ambidex.domains.people.model import NewShift, NewStaff
from ambidex.kernel.ids import StaffId
from ambidex.runtime.db import Tx

_PUT_STAFF = text("""
INSERT INTO people.staff (staff_id, code, name, email, language, home_location)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:emails AS text[]),
                     CAST(:languages AS text[]), CAST(:homes AS uuid[])) AS r(id, code, n, e, l, h) ORDER BY code
ON CONFLICT (code) DO UPDATE SET name = excluded.name, email = excluded.email, language = excluded.language,
  home_location = excluded.home_location, left_at = NULL
RETURNING staff_id, code, staff_id = ANY(CAST(:ids AS uuid[])) AS created
""")
_PUT_SHIFTS = text("""
INSERT INTO people.shifts (staff_id, starts_at, ends_at, location_id, role, district)
SELECT * FROM unnest(CAST(:staff AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
                     CAST(:places AS uuid[]), CAST(:roles AS text[]), CAST(:districts AS text[]))
ON CONFLICT (staff_id, starts_at) DO UPDATE SET ends_at = excluded.ends_at,
  location_id = excluded.location_id, role = excluded.role, district = excluded.district
""")


async def put_staff(tx: Tx, news: Sequence[NewStaff]) -> dict[str, tuple[StaffId, bool]]:
    """Add or change these; their ids by code, and whether each is new."""
    rows = await tx.all(
        _PUT_STAFF,
        {
            "ids": [tx.new_id() for _ in news],
            "codes": [new.code for new in news],
            "names": [new.name.strip() for new in news],
            "emails": [new.email for new in news],
            "languages": [new.language for new in news],
            "homes": [new.home_location for new in news],
        },
    )
    return {row.code: (StaffId(row.staff_id), bool(row.created)) for row in rows}


async def put_shifts(tx: Tx, shifts: Sequence[NewShift]) -> None:
    """Plan these; a shift that begins at the same moment for the same person is replaced."""
    await tx.run(
        _PUT_SHIFTS,
        {
            "staff": [shift.staff_id for shift in shifts],
            "starts": [shift.starts_at for shift in shifts],
            "ends": [shift.ends_at for shift in shifts],
            "places": [shift.location_id for shift in shifts],
            "roles": [shift.role for shift in shifts],
            "districts": [shift.district for shift in shifts],
        },
    )
