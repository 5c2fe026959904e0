"""Who may say which fact of some places, knowing how many partners there are."""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains import governance
from ambidex.domains.governance import Rights
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import replace
from ambidex.reads.partner_kinds import shared_kinds
from ambidex.runtime.db import Read


async def stock_rights(read: Read, kinds: Mapping[LocationId, str]) -> Rights:
    """The authorities of these places (each with its kind)."""
    return replace(await governance.ask.rights(read, kinds), shared=await shared_kinds(read))
