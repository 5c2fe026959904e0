"""Items: create or change one, see one, list all, find one by its barcode."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Shown, operation
from ambidex.api.shapes import Listed, MoneyShape, read_money
from ambidex.domains import catalogue
from ambidex.domains.catalogue import Item, NewItem
from ambidex.kernel.actor import Permission
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx

router = APIRouter(tags=["items"])
GRAMS_MAX = 10_000_000
DEFAULT_CURRENCY = "USD"


class ComponentShape(BaseModel):
    """So many units of another item in one kit."""

    item: str = Field(max_length=128)
    quantity: int = Field(default=1, ge=1, le=1_000)


class ItemIn(BaseModel):
    """What is left out keeps its value; of a new item it takes the default."""

    name: str | None = Field(default=None, max_length=300)
    variant: str | None = Field(default=None, max_length=200)
    price: MoneyShape | str | None = Field(default=None, examples=["19.90"])
    currency: str = Field(default=DEFAULT_CURRENCY, pattern=r"^[A-Z]{3}$")
    barcode: str | None = Field(default=None, max_length=64)
    barcodes: list[str] | None = Field(default=None, max_length=50)
    category: str | None = Field(default=None, max_length=120)
    weight_grams: int | None = Field(default=None, ge=0, le=GRAMS_MAX)
    care_note: str | None = Field(default=None, max_length=2000)
    picture: str | None = Field(default=None, max_length=120)
    color: str | None = Field(default=None, max_length=40)
    tracking: Literal["none", "lot", "serial"] | None = None
    counted_scans: bool | None = None
    # what a kit is made of; an empty list makes it an ordinary item again
    components: list[ComponentShape] | None = Field(default=None, max_length=50)


class ItemOut(BaseModel):
    """An item as it stands."""

    sku: str
    name: str
    variant: str
    price: MoneyShape
    barcodes: list[str]
    category: str
    weight_grams: int
    care_note: str
    picture: str
    color: str
    tracking: str
    counted_scans: bool
    components: list[ComponentShape]


@router.put(
    "/items/{sku}",
    dependencies=[operation(Permission.ITEMS_CHANGE)],
    response_model=ItemOut,
    responses={201: {"model": ItemOut}},
)
async def put_item(sku: str, body: ItemIn, asks: Asks) -> Response:
    """Create the item with this SKU, or change it."""
    return await asks.answer(_shown, _put, sku=sku, body=body)


@router.get("/items/{sku}", dependencies=[operation(Permission.ITEMS_READ)])
async def get_item(sku: str, runs: Runs) -> ItemOut:
    """One item."""
    async with runs.reading() as read:
        return _out(await catalogue.by_sku(read, sku))


@router.get("/items", dependencies=[operation(Permission.ITEMS_READ)])
async def list_items(
    runs: Runs, after: str | None = None, limit: int = 100, q: str = "", barcode: str = ""
) -> Listed[ItemOut]:
    """All items by SKU; `q` narrows by SKU or name, `barcode` finds the one that a scan names."""
    async with runs.reading() as read:
        if barcode:
            found = await catalogue.by_barcode(read, barcode)
            return Listed(items=[] if found is None else [_out(found)])
        page = await catalogue.page(read, after=after, limit=limit, q=q)
        return Listed(items=[_out(item) for item in page.items], next=page.next)


async def _put(tx: Tx, *, sku: str, body: ItemIn) -> tuple[Item, bool]:
    known = (await catalogue.by_skus(tx, [sku])).get(sku)
    return await catalogue.put_item(tx, _new(sku, body, known)), known is None


async def _shown(_: Tx, put: tuple[Item, bool]) -> ItemOut | Shown:
    item, is_new = put
    return Shown(_out(item), status=201) if is_new else _out(item)


def _new(sku: str, body: ItemIn, known: Item | None) -> NewItem:
    said = body.model_dump(
        exclude={"price", "currency", "barcode", "barcodes", "components"}, exclude_none=True
    )
    given: dict[str, Any] = {"name": sku, "price": Money(0, body.currency)} | (
        _as_new(known) if known else {}
    )
    given |= said
    if isinstance(body.price, MoneyShape):
        given["price"] = body.price.read("price")
    elif body.price is not None:
        given["price"] = read_money(body.price, body.currency, "price")
    if body.barcodes is not None or body.barcode is not None:
        codes = [*(body.barcodes or []), *([body.barcode] if body.barcode else [])]
        given["barcodes"] = tuple(dict.fromkeys(codes))
    if body.components is not None:
        given["components"] = tuple((one.item, one.quantity) for one in body.components)
    return NewItem(sku=sku, **given)


def _as_new(known: Item) -> dict[str, Any]:
    kept = ("name", "variant", "price", "picture", "color", "counted_scans", "barcodes", "category")
    return {field: getattr(known, field) for field in (*kept, "weight_grams", "care_note", "tracking")}


def _out(item: Item) -> ItemOut:
    return ItemOut(
        sku=item.sku,
        name=item.name,
        variant=item.variant,
        price=MoneyShape.of(item.price),
        barcodes=list(item.barcodes),
        category=item.category,
        weight_grams=item.weight_grams,
        care_note=item.care_note,
        picture=item.picture,
        color=item.color,
        tracking=item.tracking,
        counted_scans=item.counted_scans,
        components=[ComponentShape(item=one.sku, quantity=one.quantity) for one in item.components],
    )
