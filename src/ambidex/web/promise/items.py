"""Items as people name them: by SKU, by barcode, or by words of the name that only one item has."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import catalogue
from ambidex.domains.catalogue import Item
from ambidex.kernel.problem import BadInput
from ambidex.runtime.db import Read
from ambidex.web.words import translate as _

OFFERED_MAX = 12


async def offered(read: Read, words: str) -> Sequence[Item]:
    """What fits these words, the best first."""
    said = words.strip()
    if not said:
        return ()
    exact = await catalogue.by_barcode(read, said)
    found = (await catalogue.page(read, q=said, limit=OFFERED_MAX)).items
    return [exact, *(one for one in found if one.item_id != exact.item_id)] if exact else found


async def sku_of(read: Read, words: str, *, field: str = "item") -> str:
    """The SKU of the one item that is called so. Raises BadInput saying which come into question."""
    said = words.strip()
    found = await offered(read, said)
    exact = [one for one in found if said in {one.sku, *one.barcodes} or one.title.lower() == said.lower()]
    if len(exact) == 1 or len(found) == 1:
        return (exact or list(found))[0].sku
    if not found:
        advice = _("No item is called “%(words)s”. Try another word of its name.", words=said)
    else:
        names = ", ".join(f"{one.title} ({one.sku})" for one in found[:4])
        advice = _("Several items are called so: %(names)s. Choose one.", names=names)
    raise BadInput(advice, errors=[{"field": field, "expected": advice, "advice": advice}])
