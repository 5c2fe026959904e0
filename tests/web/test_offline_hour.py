"""An hour without a network, in a real browser: count, pick, stage, hand over; then each lands exactly once."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, Route, expect

from ambidex.flows.cancel import cancel
from ambidex.flows.make_ready import make_ready
from ambidex.kernel.actor import SYSTEM
from tests.conftest import Clock
from tests.flows.counter import Counter, counter
from tests.waits import until
from tests.web.browsing import scan
from tests.web.floor import CODES
from tests.web.test_story_in_windows import House, address, fits, house

__all__ = ["address", "house"]
# what was done in the hour, and what became of it: the second order was canceled meanwhile
OUTCOMES = [
    ("pick", "done"),
    ("pick", "done"),
    ("stage", "done"),
    ("ready", "done"),
    ("pick", "conflict"),
    ("hand_over", "done"),
    ("count", "done"),
]


async def loaded(page: Page) -> None:
    """The work is on the device, and its own program looks after the pages."""

    async def kept() -> bool:
        return bool(
            await page.evaluate(
                "async () => navigator.serviceWorker.controller && Boolean(await caches.match('/pocket'))"
            )
        )

    await page.wait_for_load_state()
    await until(kept)


async def stored(page: Page) -> list[dict[str, Any]]:
    """The deeds that wait on this device, in order."""
    deeds: list[dict[str, Any]] = await page.evaluate(
        """() => new Promise((resolve) => {
             const asked = indexedDB.open("ambidex-pocket", 1);
             asked.onsuccess = () => {
               const all = asked.result.transaction("deeds").objectStore("deeds").getAll();
               all.onsuccess = () => resolve(all.result);
             };
           })"""
    )
    return deeds


async def sent(page: Page) -> None:
    """Everything left this device."""

    async def gone() -> bool:
        return not await stored(page)

    await until(gone)


async def after_picking(page: Page) -> dict[str, str]:
    """What the device asks for next, by method: what is sent goes into its box, which needs the network."""
    steps: dict[str, str] = await page.evaluate(
        """async () => {
             const scripts = [...document.querySelectorAll("script[type=module]")].map((each) => each.src);
             const rules = scripts.find((src) => src.endsWith("/pocket.js")).replace(/pocket[.]js$/, "pocket_rules.js");
             const { step } = await import(rules);
             return Object.fromEntries(["pickup", "ship"].map((method) => [method, step({ state: "picked", method })]));
           }"""
    )
    return steps


async def ready(at: Counter) -> None:
    """Under the key of the server."""
    await at.accept()
    await at.pick()
    await at.stage()
    await at.run.perform(at.ines, make_ready, work_id=at.work_id(), codes=CODES)


async def pick_stage_and_ready(page: Page, address: str, at: Counter) -> None:
    """Picking goes on where it stood; the second unit after a reload."""
    await page.goto(f"{address}/work/{at.work_id()}/pick")
    await expect(page.get_by_role("heading", name="Pick", exact=True)).to_be_visible()
    await scan(page, "B-BOWL-02")
    await expect(page.get_by_text("does not belong to this order")).to_be_visible()
    await scan(page, "B-MUG-01")
    await expect(page.get_by_text("1 / 2")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("1 / 2")).to_be_visible()
    await fits(page)
    await scan(page, "B-MUG-01")
    await expect(page.get_by_role("heading", name="Bring to a shelf")).to_be_visible()
    await scan(page, "shelf-b3")
    await page.get_by_role("button", name="say it is ready").click()
    await expect(page.get_by_text("All that can be done here is stored")).to_be_visible()


async def hand_over_by_code(page: Page, address: str, at: Counter) -> str:
    """A wrong code opens nothing; the right one is never stored. The code."""
    code = CODES.code(at.work_id(), 1)
    await page.goto(f"{address}/work/{at.work_id()}/hand-over")
    await expect(page.get_by_role("heading", name="Hand over", exact=True)).to_be_visible()
    await fits(page)
    await scan(page, "AMBIDEX-PICKUP:AAAAAAAA")
    await expect(page.get_by_text("does not open this order").first).to_be_visible()
    await scan(page, f"AMBIDEX-PICKUP:{code[:4]}-{code[4:]}")
    await expect(page.get_by_text("All that can be done here is stored")).to_be_visible()
    return code


async def count_seven(page: Page, address: str) -> None:
    """Scan, tap and type."""
    await page.goto(f"{address}/count/item/MUG-01")
    await expect(page.get_by_role("heading", name="Mug 01")).to_be_visible()
    await scan(page, "B-MUG-01")
    await page.get_by_role("button", name="One more").click()
    await expect(page.get_by_label("How many lie here?")).to_have_value("2")
    await page.get_by_role("button", name="Start again").click()
    await page.get_by_role("button", name="7", exact=True).click()
    await expect(page.get_by_label("How many lie here?")).to_have_value("7")
    await fits(page)
    await page.get_by_role("button", name="That is all").click()
    await expect(page.get_by_text("The count is stored on this device")).to_be_visible()


async def test_an_hour_of_work_survives_a_reload_and_lands_once(house: House, clock: Clock) -> None:
    shop = house.shop
    to_pick = await counter(shop, stock=9, mug_01=2)
    await to_pick.accept()
    gone = await counter(shop, stock=9, bowl_02=1)
    await gone.accept()
    to_give = await counter(shop, stock=9, tray_03=1)
    await ready(to_give)
    clock.forward(minutes=5)
    async with house.window("ines") as page:
        await page.goto(house.address + "/work")
        await loaded(page)
        clock.forward(minutes=60)
        await page.context.set_offline(True)
        await pick_stage_and_ready(page, house.address, to_pick)
        await page.goto(f"{house.address}/pocket?work={gone.work_id()}")
        await expect(page.get_by_role("heading", name="Pick", exact=True)).to_be_visible()
        await scan(page, "B-BOWL-02")
        await expect(page.get_by_role("heading", name="Bring to a shelf")).to_be_visible()
        code = await hand_over_by_code(page, house.address, to_give)
        await count_seven(page, house.address)
        await expect(page.get_by_text("7 actions are stored on this device")).to_be_visible()
        kept = await stored(page)
        assert [deed["kind"] for deed in kept] == [kind for kind, _ in OUTCOMES]
        assert code not in str(kept)

        await shop.run.perform(SYSTEM, cancel, gone.order_id, reason="changed their mind")
        await page.context.set_offline(False)
        await sent(page)
        await expect(page.get_by_text("1 action did not fit any more")).to_be_visible()

    assert (await to_pick.work()).state == "ready"
    assert (await to_give.work()).state == "handed_over"
    shelf = await shop.stock("camden", "MUG-01")
    assert (shelf.sellable, shelf.staged) == (7, 2)
    taken = await to_pick.rows("SELECT kind, outcome FROM pocket.deeds ORDER BY said_at")
    assert [(row.kind, row.outcome) for row in taken] == OUTCOMES
    [task] = await to_pick.rows("SELECT order_id, role FROM tasks.tasks WHERE kind = 'settle_offline'")
    assert (task.order_id, task.role) == (gone.order_id, "lead")


async def refuses_with_a_reason(page: Page) -> None:
    """Nothing is chosen before, and one sentence says that something must be."""
    form = page.locator("form").filter(has_text="No hands free")
    why = form.get_by_text("Choose why first.")
    await expect(why).to_be_hidden()
    await form.get_by_role("button", name="Refuse").click()
    await expect(why).to_be_visible()
    await form.get_by_text("No hands free").click()
    await expect(why).to_be_hidden()
    await form.get_by_role("button", name="Refuse").click()
    await expect(form).to_be_hidden()


async def refuse_it(page: Page, address: str, at: Counter) -> None:
    """From the page of the offer, as with a network."""
    await page.goto(f"{address}/work/{at.work_id()}")
    await expect(page.get_by_role("heading", name="Can you do it?")).to_be_visible()
    await fits(page)
    await page.get_by_text("Refuse", exact=True).first.click()
    await expect(page.get_by_text("No hands free")).to_be_visible()
    await refuses_with_a_reason(page)
    await expect(page.get_by_text("All that can be done here is stored")).to_be_visible()


async def accept_and_miss_one(page: Page, address: str, at: Counter) -> None:
    """Two mugs are wanted; one is found, the other is not."""
    await page.goto(f"{address}/work/{at.work_id()}")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("heading", name="Pick", exact=True)).to_be_visible()
    await scan(page, "B-MUG-01")
    await expect(page.get_by_text("1 / 2")).to_be_visible()
    await page.get_by_text("Cannot find the next item").click()
    await expect(page.get_by_text("Out of reach")).to_be_visible()
    await fits(page)
    await page.get_by_text("Out of reach").click()
    await page.get_by_role("button", name="Cannot find").click()
    await expect(page.get_by_role("heading", name="Bring to a shelf")).to_be_visible()


async def test_accepted_refused_and_not_found_without_a_network(house: House, clock: Clock) -> None:
    """The last offer was taken back meanwhile: both sides are before the lead."""
    shop = house.shop
    yes = await counter(shop, stock=9, mug_01=2)
    no = await counter(shop, stock=9, bowl_02=1)
    late = await counter(shop, stock=9, tray_03=1)
    async with house.window("ines") as page:
        await page.goto(house.address + "/work")
        await loaded(page)
        clock.forward(minutes=5)
        await page.context.set_offline(True)
        await accept_and_miss_one(page, house.address, yes)
        await refuse_it(page, house.address, no)
        await page.goto(f"{house.address}/work/{late.work_id()}")
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("heading", name="Pick", exact=True)).to_be_visible()
        kinds = [deed["kind"] for deed in await stored(page)]
        assert kinds == ["accept", "pick", "cannot_find", "refuse", "accept"]
        await shop.run.perform(SYSTEM, cancel, late.order_id, reason="changed their mind")
        await page.context.set_offline(False)
        await sent(page)
        await expect(page.get_by_text("1 action did not fit any more")).to_be_visible()

    picked = await yes.work()
    assert (picked.state, picked.picked, picked.assignee_name) == ("picked", 1, "Inès Caron")
    assert (await shop.stock("camden", "MUG-01")).suspect == 1
    refused = await no.work()
    assert (refused.state, refused.cause) == ("refused", "too busy")
    [task] = await late.rows("SELECT order_id, title FROM tasks.tasks WHERE kind = 'settle_offline'")
    assert (task.order_id, task.title) == (late.order_id, "Settle accepting done offline")


async def test_what_the_pages_of_the_network_post_is_stored_too(house: House) -> None:
    """The page was open when the network went away: its own buttons go on."""
    at = await counter(house.shop, stock=9, mug_01=2)
    async with house.window("ines") as page:
        await page.goto(f"{house.address}/work/{at.work_id()}")
        await loaded(page)
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("heading", name="Pick", exact=True)).to_be_visible()
        await page.context.set_offline(False)
        await sent(page)
        await page.goto(f"{house.address}/work/{at.work_id()}/pick")
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Cannot find").click()
        sheet = page.get_by_role("dialog")
        await sheet.get_by_role("button", name="Next").click()
        await sheet.get_by_role("button", name="Ask").last.click()
        await expect(page.get_by_text("All that can be done here is stored")).to_be_visible()
        await page.context.set_offline(False)
        await sent(page)
    assert (await at.work()).state == "short"


async def test_two_tabs_and_an_answer_that_never_came(house: House, clock: Clock) -> None:
    """Both tabs send when the network is back, and the first answer is lost on its way."""
    at = await counter(house.shop, stock=9, mug_01=2)
    await at.accept()
    clock.forward(minutes=5)
    async with house.window("ines") as page:
        await page.goto(f"{house.address}/work/{at.work_id()}/pick")
        await loaded(page)
        other = await page.context.new_page()
        await other.goto(f"{house.address}/work")
        await page.context.set_offline(True)
        # the page that was open goes on: its post becomes a deed
        await scan(page, "B-MUG-01")
        await expect(page.get_by_text("1 / 2")).to_be_visible()
        await scan(page, "B-MUG-01")
        await expect(page.get_by_role("heading", name="Bring to a shelf")).to_be_visible()
        lost = 0

        async def lose(route: object) -> None:
            nonlocal lost
            lost += 1
            await route.fetch()  # type: ignore[attr-defined]  # the server has taken it
            await route.abort()  # type: ignore[attr-defined]  # and its answer is cut off

        await page.context.route("**/api/v1/pocket", lose, times=1)
        await page.context.set_offline(False)
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await other.evaluate("window.dispatchEvent(new Event('online'))")
        await sent(page)
    assert lost == 1
    rows = await at.rows("SELECT step FROM fulfillment.evidence")
    assert [row.step for row in rows] == ["pick", "pick"]
    assert (await at.work()).state == "picked"
    assert len(await at.rows("SELECT 1 FROM pocket.deeds WHERE outcome = 'done'")) == 2


async def test_what_needs_the_network_says_so_and_signing_out_leaves_no_names(house: House) -> None:
    at = await counter(house.shop, stock=9, mug_01=2)
    await at.accept()
    async with house.window("ines") as page:
        await page.goto(f"{house.address}/work/{at.work_id()}/pick")
        await loaded(page)
        await page.context.set_offline(True)
        await page.evaluate(
            """(work) => { const form = document.createElement("form"); form.method = "post";
                          form.action = `/work/${work}/pack`; document.body.append(form); form.submit(); }""",
            at.work_id(),
        )
        await expect(page.get_by_text("That needs the network. Nothing was sent.")).to_be_visible()
        assert await stored(page) == []
        assert await after_picking(page) == {"pickup": "stage", "ship": "done"}
        await page.context.set_offline(False)
        await page.goto(house.address + "/more")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        assert not await page.evaluate("async () => Boolean(await caches.match('/pocket'))")


async def test_a_refusal_needs_a_reason_with_a_network_too(house: House) -> None:
    at = await counter(house.shop, stock=9, mug_01=1)
    async with house.window("ines") as page:
        await page.goto(f"{house.address}/work/{at.work_id()}")
        await page.get_by_role("button", name="Refuse").click()
        await expect(page.get_by_text("No hands free")).to_be_visible()
        await refuses_with_a_reason(page)
        await expect(page.get_by_role("heading", name="My work")).to_be_visible()
    assert (await at.work()).cause == "too busy"


async def test_who_signs_out_leaves_though_the_storage_never_answers(house: House) -> None:
    """The form goes after a few seconds, and the page says what may still be on this device."""
    await house.shop.place("camden")
    async with house.window("ines") as page:
        await page.add_init_script("IDBFactory.prototype.open = () => ({});")
        await page.goto(house.address + "/more")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        await expect(page.get_by_text("this device did not forget what was loaded")).to_be_visible()


async def test_what_was_sent_stays_until_its_work_is_loaded_again(house: House) -> None:
    """The network goes again right after the server's answer: the device still knows what was done."""
    at = await counter(house.shop, stock=9, mug_01=2)
    posted: list[str] = []
    cut: list[str] = []

    async def post(route: Route) -> None:
        posted.append(route.request.url)
        await route.continue_()

    async def load(route: Route) -> None:
        if posted:
            cut.append(route.request.url)
            await route.abort()
        else:
            await route.continue_()

    async with house.window("ines") as page:
        await page.goto(f"{house.address}/work/{at.work_id()}")
        await loaded(page)
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("heading", name="Pick", exact=True)).to_be_visible()
        await page.context.route("**/api/v1/pocket", post)
        await page.context.route("**/pocket/work", load)
        await page.context.set_offline(False)
        await until(lambda: cut)
        assert [deed["kind"] for deed in await stored(page)] == ["accept"]
        await page.context.unroute("**/pocket/work", load)
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await sent(page)
    assert [row.outcome for row in await at.rows("SELECT outcome FROM pocket.deeds")] == ["done"]
