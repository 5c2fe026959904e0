"""The door of orders: what was agreed, how its units stand, and how customers open it."""

from ambidex.domains.orders import queries as ask
from ambidex.domains.orders.commands import (
    Replacing,
    begin,
    cancel_units,
    change_contact,
    claim_keys,
    close_if_done,
    confirm,
    lock_order,
    lock_orders,
    move_lines,
    note_source_version,
    send_lines_to,
)
from ambidex.domains.orders.model import (
    Contact,
    Draft,
    Line,
    LineState,
    Method,
    NewLine,
    NewOrder,
    NewPayment,
    Order,
    OrderState,
)
from ambidex.domains.orders.queries import order
from ambidex.domains.orders.rules import customer_link

__all__ = [
    "Contact",
    "Draft",
    "Line",
    "LineState",
    "Method",
    "NewLine",
    "NewOrder",
    "NewPayment",
    "Order",
    "OrderState",
    "Replacing",
    "ask",
    "begin",
    "cancel_units",
    "change_contact",
    "claim_keys",
    "close_if_done",
    "confirm",
    "customer_link",
    "lock_order",
    "lock_orders",
    "move_lines",
    "note_source_version",
    "order",
    "send_lines_to",
]
