"""The door of routing: which place sends what, why, and by which version of the rules.

Beside its words it has parts: `change` (versions), `ask` (questions), `document` (rules as people write them),
`versions` (their life), `stored` (receipts as plain values), `trials` (a version beside the live one),
`scarce` (prices of scarce stock and their proof), `further` (places that nobody has looked at).
"""

from ambidex.domains.routing import commands as change
from ambidex.domains.routing import model
from ambidex.domains.routing import queries as ask
from ambidex.domains.routing.commands import begin, record
from ambidex.domains.routing.model import Demand, Plan, Policy, Shelf, Site, Wanted
from ambidex.domains.routing.queries import rulebook
from ambidex.domains.routing.rules import document, further, stored, trials, versions
from ambidex.domains.routing.rules import price_list as scarce
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.policy import said_for
from ambidex.domains.routing.rules.receipt import decide
from ambidex.domains.routing.rules.snapshot import Network, Snapshot
from ambidex.domains.routing.rules.versions import NewReceipt
from ambidex.domains.routing.rules.window import decide_window

__all__ = [
    "Demand",
    "Network",
    "NewReceipt",
    "Plan",
    "Policy",
    "Shelf",
    "Site",
    "Snapshot",
    "Wanted",
    "ask",
    "begin",
    "change",
    "decide",
    "decide_window",
    "document",
    "further",
    "model",
    "plan",
    "record",
    "rulebook",
    "said_for",
    "scarce",
    "stored",
    "trials",
    "versions",
]
