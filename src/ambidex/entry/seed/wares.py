"""What the made-up retailer sells: about four hundred items in twelve categories, drawn by us."""

from __future__ import annotations

from ambidex.domains.catalogue import NewItem, check_digit
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass

CURRENCY = "USD"
TINTS = (
    "oat", "sage", "slate", "rust", "navy", "mustard", "rose", "forest", "charcoal", "sky", "plum", "clay", "moss",
    "stone", "teal", "cream", "brick", "lilac", "walnut", "ink", "sand", "olive", "berry", "brass",
)  # fmt: skip
ONE_SIZE = ("",)
CLOTHES = ("S", "M", "L", "XL")
FEET = ("7", "8", "9", "10", "11")


@dataclass(frozen=True)
class Line:
    """One product in several colors and sizes. `price` in cents."""

    name: str
    picture: str
    price: int
    colors: int = 4
    sizes: tuple[str, ...] = ONE_SIZE
    grams: int = 500
    care: str = ""
    counted: bool = False


WARES: dict[str, tuple[Line, ...]] = {
    "Kitchen": (
        Line("Linden kettle", "kettle", 6400, 6, grams=1100), Line("Fieldstone pan", "pan", 8900, 4, grams=2100),
        Line("Chef's knife set", "knives", 14900, 2, grams=1600, care="Wrap the blades."),
        Line("Olive wood board", "board", 3800, 3, grams=900), Line("Copper lid jar", "bottle", 2400, 5, grams=600),
    ),
    "Table": (
        Line("Harbor mug", "mugs", 1800, 16, grams=380, care="Breaks: wrap each."),
        Line("Orchard bowl", "bowl", 2200, 14, grams=520, care="Breaks: wrap each."),
        Line("Meadow plates, set of 4", "plates", 5600, 12, grams=2400, care="Breaks: wrap each."),
        Line("Tidewater glass", "glass", 1400, 6, grams=260, care="Breaks: wrap each."),
        Line("Quiet teapot", "teapot", 5200, 5, grams=900, care="Breaks: wrap each."),
    ),
    "Living": (
        Line("Marsh cushion", "cushion", 3900, 16, grams=700), Line("Heron throw", "throw", 8400, 14, grams=1200),
        Line("Lowland rug", "rug", 22900, 4, ("120 x 180", "160 x 230"), grams=9500),
        Line("Wren vase", "vase", 4600, 7, grams=1300, care="Breaks: wrap each."),
    ),
    "Light": (
        Line("Lantern lamp", "lamp", 11900, 6, grams=2600, care="Glass shade."), Line("Beeswax candle", "candle", 2600, 14, grams=420),
        Line("Dusk wall lamp", "lamp", 9800, 5, grams=1500, care="Glass shade."),
    ),
    "Bath": (
        Line("Cloud towel", "towel", 3200, 12, ("hand", "bath"), grams=600), Line("Oat soap", "soap", 900, 5, grams=120, counted=True),
        Line("Cedar basket", "basket", 4400, 3, grams=1100),
    ),
    "Women": (
        Line("Tern dress", "dress", 12800, 4, CLOTHES, grams=420), Line("Willow shirt", "shirt", 6900, 4, CLOTHES, grams=280),
        Line("Loft scarf", "scarf", 4900, 14, grams=180),
    ),
    "Men": (
        Line("Canvas jacket", "jacket", 16800, 3, CLOTHES, grams=1100), Line("Ridge trousers", "trousers", 8900, 4, CLOTHES, grams=560),
        Line("Oxford shirt", "shirt", 7400, 4, CLOTHES, grams=290),
    ),
    "Shoes": (
        Line("Trail shoe", "shoe", 11900, 4, FEET, grams=900), Line("Court shoe", "shoe", 9800, 3, FEET, grams=840),
    ),
    "Bags": (
        Line("Ferry backpack", "backpack", 9400, 6, grams=950), Line("Market tote", "tote", 2900, 14, grams=240),
        Line("Storm umbrella", "umbrella", 4200, 5, grams=480), Line("Felt hat", "hat", 5600, 4, ("S/M", "M/L"), grams=160),
    ),
    "Children": (
        Line("Bramble bear", "bear", 3400, 5, grams=350), Line("Meadow ball", "ball", 1600, 6, grams=300),
        Line("Story book", "book", 1900, 5, grams=450), Line("Little chair", "chair", 7900, 4, grams=3800),
    ),
    "Outdoors": (
        Line("Fern tent", "tent", 24900, 3, ("2 people", "4 people"), grams=3900), Line("Day bottle", "bottle", 2700, 14, grams=310),
        Line("Potted fig", "plant", 5400, 2, grams=4200, care="Keep upright."), Line("Garden chair", "chair", 11900, 4, grams=6100),
    ),
    "Sound and time": (
        Line("Hearth speaker", "speaker", 17900, 5, grams=1900, care="Serial number on the box."),
        Line("Quiet headphones", "headphones", 21900, 4, grams=520), Line("Station clock", "clock", 6800, 5, grams=900),
        Line("Field watch", "watch", 14900, 5, grams=140),
    ),
}  # fmt: skip
RETAILER_PREFIX = "20"


def wares() -> list[NewItem]:
    """Every item; SKU and barcode follow from its place in the list, so they never change."""
    found: list[NewItem] = []
    for category, lines in WARES.items():
        for number, line in enumerate(lines):
            found += _variants(category, line, shift=5 * number, first=len(found))
    return found


def _variants(category: str, line: Line, *, shift: int, first: int) -> list[NewItem]:
    tints = [TINTS[(shift + step) % len(TINTS)] for step in range(line.colors)]
    pairs = [(tint, size) for tint in tints for size in line.sizes]
    return [
        NewItem(
            sku=_sku(line.name, tint, size),
            name=line.name,
            variant=", ".join(part for part in (tint, size) if part),
            price=Money(line.price, CURRENCY),
            picture=line.picture,
            color=tint,
            counted_scans=line.counted,
            barcodes=(barcode(first + number),),
            category=category,
            weight_grams=line.grams,
            care_note=line.care,
        )
        for number, (tint, size) in enumerate(pairs)
    ]


def barcode(number: int) -> str:
    """A GTIN-13 of the range that GS1 leaves to retailers for their own use (20 to 29)."""
    digits = f"{RETAILER_PREFIX}{100_000 + number * 7:010d}"
    return digits + check_digit(digits)


def _sku(name: str, tint: str, size: str) -> str:
    first, last = name.replace(",", "").replace("'", "").split()[:2]
    parts = [f"{first[:3]}{last[:3]}", tint[:4], size.replace(" ", "").replace("/", "")]
    return "-".join(part for part in parts if part).upper()
