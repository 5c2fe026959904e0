"""What can be wrong with an item."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class UnknownItem(NotFound):
    """There is no item with this SKU."""

    code = "unknown-item"
    advice = "Check the SKU, or create the item first."


class BadItem(BadInput):
    """Something about this item cannot be used."""

    code = "bad-item"
    advice = "Correct the fields named and send it again."


class BarcodeTaken(Problem):
    """This barcode already names another item."""

    status, code = 409, "barcode-taken"
    advice = "Take the barcode from the other item first, or correct the number."
