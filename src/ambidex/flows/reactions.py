"""The whole choreography: which event is followed by what, a second later and in a transaction of its own.

One line each, read from top to bottom. What must be true at the same moment belongs into one flow instead.
"""

from ambidex.flows import (
    confirm_order,
    count_drift,
    index_orders,
    measure_drift,
    paid,
    pause_place,
    publish_stock,
    repair_message,
    serve_parked,
    shadow_routing,
    ship_to_store,
    slots,
    stock_names,
    wait_for_stock,
    walk_wave,
    watch,
    watch_refunds,
)
from ambidex.runtime.reactions import Reaction

REACTIONS: tuple[Reaction, ...] = (
    Reaction("stock landed", wait_for_stock.LANDED_BY, wait_for_stock.serve_waiting, rest_seconds=0.2),
    Reaction(
        "stock landed for the parked", wait_for_stock.LANDED_BY, serve_parked.serve_parked, rest_seconds=0.2
    ),
    Reaction("stock published", publish_stock.PUBLISHED_BY, publish_stock.publish_stock, rest_seconds=0.1),
    Reaction("place paused", frozenset({"capacity.paused"}), pause_place.route_paused),
    Reaction("place opened", pause_place.OPENED_BY, pause_place.serve_from_opened),
    Reaction("slots followed", slots.FOLLOWED, slots.follow_works, rest_seconds=0.2, bare=True),
    Reaction("transfer not wanted", frozenset({"orders.units-canceled"}), ship_to_store.no_longer_wanted),
    Reaction("hours changed", frozenset({"locations.changed", "locations.closed"}), watch.look_again),
    Reaction(
        "stock held against", frozenset({"inventory.moved"}), measure_drift.stock_moved, rest_seconds=0.2
    ),
    Reaction("drift to count", count_drift.NAMED_BY, count_drift.count_drifts, rest_seconds=0.5),
    Reaction("drift counted", count_drift.COUNTED_BY, count_drift.counted, rest_seconds=0.2),
    Reaction("drift over", count_drift.ENDED_BY, count_drift.no_longer_needed, rest_seconds=0.5),
    Reaction("stock named", frozenset({"channels.mapped"}), stock_names.names_found),
    Reaction("name mapped", frozenset({"channels.mapped"}), repair_message.mapped),
    Reaction("wave followed", walk_wave.MOVED_BY, walk_wave.leave_waves, rest_seconds=0.2, bare=True),
    Reaction(
        "shadow of routing",
        shadow_routing.DECIDED_BY,
        shadow_routing.shadow_decisions,
        rest_seconds=0.5,
        bare=True,
    ),
    Reaction(
        "orders found", index_orders.FOUND_AFTER, index_orders.index_orders, rest_seconds=0.3, bare=True
    ),
    Reaction("money compared", paid.COMPARED_AFTER, paid.compare_money, rest_seconds=0.2, bare=True),
    Reaction("refunds watched", watch_refunds.MOVED_BY, watch_refunds.watch_refunds, bare=True),
    Reaction(
        "order confirmed", confirm_order.SETTLED_BY, confirm_order.confirm_orders, rest_seconds=0.3, bare=True
    ),
)
