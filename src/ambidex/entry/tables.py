"""Every table of the house in one METADATA: migrations and tests start here."""

from ambidex.domains.availability import tables as _availability
from ambidex.domains.capacity import tables as _capacity
from ambidex.domains.catalogue import tables as _catalogue
from ambidex.domains.channels import tables as _channels
from ambidex.domains.counting import tables as _counting
from ambidex.domains.feeds import tables as _feeds
from ambidex.domains.fulfillment import tables as _fulfillment
from ambidex.domains.governance import tables as _governance
from ambidex.domains.identity import tables as _identity
from ambidex.domains.inventory import tables as _inventory
from ambidex.domains.locations import tables as _locations
from ambidex.domains.messages import tables as _messages
from ambidex.domains.orders import tables as _orders
from ambidex.domains.payments import tables as _payments
from ambidex.domains.people import tables as _people
from ambidex.domains.pocket import tables as _pocket
from ambidex.domains.promises import tables as _promises
from ambidex.domains.quotes import tables as _quotes
from ambidex.domains.routing import tables as _routing
from ambidex.domains.search import tables as _search
from ambidex.domains.shipping import tables as _shipping
from ambidex.domains.tasks import tables as _tasks
from ambidex.domains.transfers import tables as _transfers
from ambidex.domains.watch import tables as _watch
from ambidex.domains.waves import tables as _waves
from ambidex.reads.audit_checks import TRUTH
from ambidex.runtime import tables as _runtime
from ambidex.runtime.db import METADATA
from ambidex.runtime.touched import noted

__all__ = ["METADATA", "SCHEMAS"]

_FAMILIES = (
    _runtime, _availability, _capacity, _catalogue, _channels, _counting, _feeds, _fulfillment, _governance, _identity, _inventory, _locations, _messages, _orders, _payments,
    _people, _pocket, _promises, _quotes, _routing, _search, _shipping, _tasks, _transfers, _watch, _waves,
)  # fmt: skip
SCHEMAS = sorted({str(table.schema) for table in METADATA.tables.values()})
for _name in TRUTH:
    noted(METADATA.tables[_name])
