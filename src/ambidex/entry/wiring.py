"""Wiring: which database, which outside systems, which loops. The only place that knows everything."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import httpx

from ambidex.domains import inventory
from ambidex.entry.migrate import is_newest, migrate
from ambidex.flows import (
    canary,
    forget_receipts,
    label,
    late_deliveries,
    measure_drift,
    measure_shown,
    pause_place,
    price_scarce_stock,
    publish_stock,
    quote_let_go,
    reconcile,
    reoptimise,
    replay_routing,
    simulate_routing,
    slots,
    take_in,
    take_stock,
    tell_source,
    untold,
    watch,
    watch_connectors,
    watch_feeds,
)
from ambidex.flows.carrier_port import CARRIERS, Carriers
from ambidex.flows.deliver_feeds import Deliverer
from ambidex.flows.live_audit import LiveAudit
from ambidex.flows.shop_port import SYSTEMS
from ambidex.flows.tell_customer import Telling
from ambidex.flows.webhook_port import WEBHOOKS
from ambidex.integrations.carriers.easypost import EasyPostCarriers, NoCarrier
from ambidex.integrations.mail.mailbox import MailFolder
from ambidex.integrations.mail.smtp import SmtpCarrier
from ambidex.integrations.systems import ConnectedSystems, token_from
from ambidex.integrations.webhooks.sender import WebhookSender
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import new_id
from ambidex.runtime import idempotency, telemetry
from ambidex.runtime.db import Database
from ambidex.runtime.house import House
from ambidex.runtime.live import Live
from ambidex.runtime.loops import Loop, every
from ambidex.runtime.outside import Outside, Port
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres import supervised
from ambidex.runtime.settings import Settings


@asynccontextmanager
async def wired(settings: Settings) -> AsyncIterator[House]:
    """A house on a running database; the embedded one is brought up to date and kept alive meanwhile."""
    telemetry.set_up_logs(settings.log_level, as_json=settings.log_json)
    async with supervised(
        settings.folder, url=settings.database_url, owner_url=settings.database_owner_url
    ) as address:
        if settings.database_url is None and not await is_newest(address.app):
            await migrate(address.owner)
        systems = ConnectedSystems(token_from(os.environ))
        webhooks = WebhookSender(settings.webhook_networks)
        carriers = httpx.AsyncClient(base_url=settings.carrier_url)
        database = Database(address.app, pool_size=settings.pool_size)
        try:
            run = Run(database)
            ports: dict[Port[Any], Any] = {SYSTEMS: systems, WEBHOOKS: webhooks}
            ports[CARRIERS] = carriers_of(settings, carriers)
            yield House(run, settings, Outside(ports), Live(run))
        finally:
            await systems.close()
            await webhooks.close()
            await carriers.aclose()
            await database.close()


def carriers_of(settings: Settings, client: httpx.AsyncClient) -> Carriers:
    """Who gives labels."""
    return EasyPostCarriers(client, token=settings.carrier_token) if settings.carrier_url else NoCarrier()


def telling(house: House) -> Telling:
    """How customers are reached."""
    told = house.settings
    name, address = parseaddr(told.mail_from)
    carrier = SmtpCarrier(
        told.smtp_host,
        told.smtp_port,
        sender=address,
        sender_name=name,
        username=told.smtp_user,
        password=told.smtp_password,
        start_tls=told.smtp_tls,
        folder=MailFolder(told.mail_folder) if told.mail_folder else None,
    )
    return Telling(house.run, carrier, told.base_url, brand=told.brand, key=told.secret_key)


def deliverer(house: House) -> Deliverer:
    """Who sends the feeds of this program."""
    worker = new_id(house.run.clock()).hex
    return Deliverer(house.run, house.outside, house.live, house.settings.secret_key, worker)


def _forgetting(days: int) -> Callable[[Run, Outside], Awaitable[bool]]:
    """Quotes that are over for so long are not known any more."""
    return lambda run, _: run.perform(SYSTEM, quote_let_go.forget_quotes, kept_for=timedelta(days=days))


def loops(house: House) -> tuple[Loop, ...]:
    """What the worker does again and again, one line each."""
    customers, invariants, comparing = telling(house), LiveAudit(), publish_stock.Comparing()
    together, prices, trial = reoptimise.Sweep(), price_scarce_stock.Nightly(), canary.Watch()
    receipts = forget_receipts.Forgetting(timedelta(days=house.settings.receipt_days))
    return (
        every(1, "watchdogs", lambda run, _: watch.sweep(run)),
        every(5, "late deliveries", lambda run, _: late_deliveries.sweep(run)),
        every(0.3, "customer messages", lambda _run, _out: customers.send_due(), share=0.08, calm_share=0.5),
        every(15, "lost messages", lambda _run, _out: customers.settle_lost()),
        every(15, "late letters", lambda run, _: untold.watch_letters(run)),
        every(1, "inbox", take_in.apply_waiting),
        every(0.5, "stock messages", take_stock.apply_waiting),
        every(20, "drift", measure_drift.look_again),
        every(60, "shown by channels", measure_shown.look),
        every(30, "silent connectors", watch_connectors.look),
        every(2, "tellings", tell_source.tell_waiting),
        every(1, "labels", label.print_waiting),
        every(1, "expired holds", lambda run, _: run.perform(SYSTEM, inventory.expire_holds, limit=200)),
        every(0.5, "feeds refreshed", lambda run, _: publish_stock.refresh_feeds(run)),
        every(30, "feeds compared", lambda run, _: comparing.step(run)),
        every(15, "dates of rules", lambda run, _: publish_stock.turn_dates(run)),
        every(5, "slots of new limits", lambda run, _: slots.catch_up(run)),
        every(5, "ends of pauses", lambda run, _: pause_place.end_pauses(run)),
        every(15, "feeds watched", lambda run, _: watch_feeds.watch_feeds(run)),
        every(60, "reconciliation", reconcile.reconcile_all),
        every(10, "invariants", lambda run, _: invariants.beat(run)),
        every(60, "open orders together", lambda run, _: together.step(run), share=0.05, calm_share=0.25),
        every(5, "routing canaries", lambda run, _: trial.beat(run)),
        every(1, "routing trials", lambda run, _: simulate_routing.step(run), share=0.1, calm_share=0.5),
        every(60, "prices of scarce stock", lambda run, _: prices.step(run), share=0.05, calm_share=0.25),
        every(60, "routing replays", lambda run, _: replay_routing.step(run), share=0.05, calm_share=0.3),
        every(600, "old quotes", _forgetting(house.settings.quote_days)),
        every(600, "old receipts", lambda run, _: receipts.step(run)),
        every(3600, "old answers", lambda run, _: run.perform(SYSTEM, idempotency.forget_old)),
    )
