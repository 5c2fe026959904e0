"""Who acts: a person, a device, a source system, a customer or Ambidex itself, with what they may do where.

Roles are resolved into an Actor once, at the edge. Commands ask the actor in their first line.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import NotAllowed
from ambidex.kernel.values import dataclass, field


class ActorKind(StrEnum):
    """What sort of actor this is."""

    PERSON = "person"
    SYSTEM = "system"
    SOURCE = "source"
    CUSTOMER = "customer"


class Permission(StrEnum):
    """What an operation asks for; which role holds which stands in domains/identity/rules.py."""

    ORDERS_READ = "orders.read"
    ORDERS_CONTACT = "orders.contact"
    ORDERS_PLACE = "orders.place"
    ORDERS_CANCEL = "orders.cancel"
    ORDERS_CLAIM = "orders.claim"
    ORDERS_CUSTOMER_CHOICE = "orders.customer-choice"
    MAILBOX_READ = "mailbox.read"
    MONEY_REPORT = "money.report"
    MONEY_AGREE = "money.agree"
    WORK_READ = "work.read"
    WORK_DO = "work.do"
    WORK_HAND_OVER = "work.hand-over"
    WORK_UNDO = "work.undo"
    STOCK_READ = "stock.read"
    STOCK_COUNT = "stock.count"
    STOCK_REPORT = "stock.report"
    STOCK_REPAIR = "stock.repair"
    STOCK_APPROVE = "stock.approve"
    STOCK_MOVE = "stock.move"
    STOCK_RULES = "stock.rules"
    CAPACITY_CHANGE = "capacity.change"
    TASKS_DO = "tasks.do"
    DUTY_READ = "duty.read"
    PLACES_READ = "places.read"
    PLACES_CHANGE = "places.change"
    ITEMS_READ = "items.read"
    ITEMS_CHANGE = "items.change"
    INBOX_READ = "inbox.read"
    INBOX_REPAIR = "inbox.repair"
    EVENTS_READ = "events.read"
    FEEDS_CHANGE = "feeds.change"
    ROUTING_CHANGE = "routing.change"
    STAFF_CHANGE = "staff.change"
    SETTINGS_CHANGE = "settings.change"


@dataclass(frozen=True, slots=True)
class Scope:
    """Permissions held at some places; `places` is None for everywhere."""

    permissions: frozenset[Permission]
    places: frozenset[LocationId] | None = None

    @property
    def is_everywhere(self) -> bool:
        """Whether it counts at every place, also at those that do not exist yet."""
        return self.places is None

    def covers(self, permission: Permission, at: LocationId | None) -> bool:
        """Whether it gives the permission, at that place when one is given."""
        return permission in self.permissions and (at is None or self.places is None or at in self.places)


@dataclass(frozen=True, slots=True)
class Actor:
    """`places` is None when the actor may act everywhere; `at` is the place they work at now.

    A person may read everywhere but act in one place, or be lead here and associate there: `scopes` says which
    permission counts where; without scopes every permission counts in all of `places`.
    """

    id: str
    kind: ActorKind
    name: str
    permissions: frozenset[Permission] = frozenset()
    places: frozenset[LocationId] | None = frozenset()
    at: LocationId | None = None
    device: str | None = None
    role: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: tuple[Scope, ...] = ()

    def may(self, permission: Permission, *, at: LocationId | None = None) -> bool:
        """Whether this actor holds the permission, at that place when one is given."""
        if not self.scopes:
            return Scope(self.permissions, self.places).covers(permission, at)
        return any(scope.covers(permission, at) for scope in self.scopes)

    def may_at_one_of(self, permission: Permission, places: Collection[LocationId]) -> bool:
        """Whether it counts at one of these places at least; where there is none, anywhere will do."""
        return any(self.may(permission, at=place) for place in places) if places else self.may(permission)

    def must(self, permission: Permission, *, at: LocationId | None = None) -> None:
        """Refuse with NotAllowed unless `may`."""
        if not self.may(permission, at=at):
            raise NotAllowed(f"{self.name} lacks {permission.value}", permission=permission.value)

    def must_everywhere(self, permission: Permission) -> None:
        """Refuse with NotAllowed unless the permission counts at every place (items, sources, grants, new places)."""
        scopes = self.scopes or (Scope(self.permissions, self.places),)
        if not any(scope.is_everywhere and permission in scope.permissions for scope in scopes):
            raise NotAllowed(f"{self.name} lacks {permission.value} everywhere", permission=permission.value)


SYSTEM = Actor(
    id="ambidex",
    kind=ActorKind.SYSTEM,
    name="Ambidex",
    permissions=frozenset(Permission),
    places=None,
    role="system",
)
