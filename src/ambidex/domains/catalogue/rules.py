"""Pure decisions about items: what is wrong with them, and whether a barcode can be one."""

from __future__ import annotations

from ambidex.domains.catalogue.model import NewItem
from ambidex.domains.catalogue.problems import BadItem
from ambidex.kernel.problem import FieldError

COMPONENTS_MAX, COMPONENT_UNITS_MAX = 50, 1_000
TRACKING = frozenset({"none", "lot", "serial"})


def check(new: NewItem) -> None:
    """Raise BadItem naming every field that cannot be used."""
    errors: list[FieldError] = []
    if not 0 < len(new.sku) <= 128 or new.sku != new.sku.strip():
        errors.append({"field": "sku", "expected": "1 to 128 characters, no blanks around"})
    if not new.name.strip():
        errors.append({"field": "name", "expected": "a name for people"})
    if new.price.minor < 0:
        errors.append({"field": "price", "expected": "zero or more"})
    if new.tracking not in TRACKING:
        errors.append({"field": "tracking", "expected": "none, lot or serial"})
    if new.weight_grams < 0:
        errors.append({"field": "weight_grams", "expected": "zero or more"})
    errors += [_barcode_error(code) for code in new.barcodes if not _is_barcode(code)]
    errors += _component_errors(new)
    if errors:
        raise BadItem(f"item {new.sku!r}", errors=errors)


def check_digit(digits: str) -> str:
    """The last digit of a GTIN from the digits before it (GS1 General Specifications, section 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def _component_errors(new: NewItem) -> list[FieldError]:
    skus = [sku for sku, _ in new.components or ()]
    errors: list[FieldError] = []
    if len(skus) > COMPONENTS_MAX or len(set(skus)) < len(skus) or new.sku in skus:
        expected = f"at most {COMPONENTS_MAX} other items, each once"
        errors.append({"field": "components", "expected": expected})
    if not all(0 < quantity <= COMPONENT_UNITS_MAX for _, quantity in new.components or ()):
        errors.append({"field": "components", "expected": f"1 to {COMPONENT_UNITS_MAX} units of each"})
    return errors


def _is_barcode(code: str) -> bool:
    return 0 < len(code) <= 64 and code == code.strip() and code.isprintable()


def _barcode_error(code: str) -> FieldError:
    return {"field": "barcodes", "expected": "1 to 64 characters", "advice": f"Correct {code[:80]!r}."}
