// The work of the store from this device alone: pick, stage, ready, hand over and count, as deeds that are sent later.

import { icon } from "./shell.js";
import { signal } from "./toast.js";
import { usePad } from "./pad.js";
import { said, show } from "./pocket.js";
import { deeds, kept, newKey, store } from "./pocket_store.js";
import { belongs, counted, lineOf, placeOf, proofOf, refusal, step, toPack, worksNow } from "./pocket_rules.js";

const root = document.getElementById("pocket");
const asked = addressed();
let stopPad = () => {};
let known = null;

// The frame also stands in for the pages that cannot be reached: their address says what was wanted.
function addressed() {
  const query = new URLSearchParams(location.search);
  const work = /^\/work\/([^/]+)/.exec(location.pathname)?.[1];
  const item = /^\/count\/item\/([^/]+)/.exec(location.pathname)?.[1];
  return { work: query.get("work") ?? work, item: query.get("item") ?? (item && decodeURIComponent(item)), key: query.get("key"), say: query.get("say") };
}

function h(tag, facts = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((each) => each !== null && each !== undefined));
  return made;
}

const part = (name) => document.getElementById(`pocket-${name}`).content.cloneNode(true);
const button = (text, look, act) => h("button", { class: `btn big ${look}`, type: "button", onclick: act }, h("span", {}, text));
const head = (title, sentence) => h("div", { class: "page-head" }, h("div", {}, h("h1", {}, title), sentence ? h("p", {}, sentence) : null));
const back = () => h("p", {}, h("a", { class: "btn", href: "/pocket", "data-up": true }, icon("arrow-left"), h("span", {}, said("back"))));
const say = (name, facts) => signal({ outcome: name === "right" ? "right" : "wrong", say: said(facts?.say ?? name, facts) });

async function draw() {
  stopPad();
  stopPad = () => {};
  const snapshot = await kept("snapshot");
  const stored = await deeds();
  known = { snapshot, stored, works: worksNow(snapshot, stored) };
  if (!snapshot) return root.replaceChildren(head(said("title"), said("nothing-loaded")));
  const work = asked.work && known.works.find((each) => each.id === asked.work);
  const item = asked.item && itemOf(snapshot, asked.item);
  root.replaceChildren(...(work ? drawWork(work) : item ? drawCount(item) : drawList()));
  await show();
}

const itemOf = (snapshot, code) => snapshot.items.find((each) => each.sku === code) ?? snapshot.items.find((each) => each.barcodes.includes(code));

// ---- the list ----
function drawList() {
  const { snapshot, stored, works } = known;
  const done = counted(snapshot, stored);
  const todo = works.filter((work) => step(work) !== "done" && step(work) !== "give");
  const ready = works.filter((work) => step(work) === "give");
  const counts = snapshot.counts.filter((each) => !done.has(each.sku));
  const loaded = new Date(snapshot.taken_at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  return [
    head(said("title"), `${snapshot.person.name} · ${snapshot.place.name}. ${said("loaded", { time: loaded })}`),
    asked.work ? note(said("not-loaded")) : asked.say === "needs-network" ? note(said("needs-network")) : asked.say === "counted" ? note(said("count-stored")) : null,
    findItem(),
    ...group(said("todo"), "package", todo, (work) => [`/pocket?work=${work.id}`, work.customer, `${work.number} · ${said(`step-${step(work)}`)}`, work.stored]),
    ...group(said("ready"), "shopping-bag", ready, (work) => [`/pocket?work=${work.id}`, work.customer, `${work.number} · ${placeName(work.place)}`, work.stored]),
    ...group(said("to-count"), "clipboard-list", counts, (each) => [`/pocket?item=${encodeURIComponent(each.sku)}`, each.title, each.spot, 0]),
  ].filter(Boolean);
}

const note = (text) => h("div", { class: "banner", "data-mean": "none" }, icon("info"), h("span", {}, text));
const placeName = (code) => known.snapshot.staging.find((place) => place.code === code)?.label ?? code ?? "";

function group(title, drawing, found, fill) {
  if (!found.length) return [];
  const rows = found.map((each) => {
    const [href, name, more, stored] = fill(each);
    return h("li", {}, h("a", { class: "row", "data-row": true, href }, icon(drawing), h("span", { class: "grow" }, h("span", { class: "name" }, h("bdi", {}, name)), h("small", {}, more)), stored ? h("span", { class: "chip" }, said("stored-here", { n: stored })) : null, icon("chevron-right")));
  });
  return [h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, title), h("span", { class: "faint" }, String(found.length))), h("ul", { class: "rows" }, rows))];
}

function findItem() {
  return scanForm("scan-any", (code) => {
    const item = itemOf(known.snapshot, code);
    if (item) location.assign(`/pocket?item=${encodeURIComponent(item.sku)}`);
    else say("unknown-item");
  });
}

// ---- a work ----
// what the service worker stored already: nothing went wrong
const STORED = ["accept", "refuse", "pick", "cannot_find", "stage", "ready"];

function drawWork(work) {
  const at = step(work);
  const title = said(`do-${at}`);
  const top = [back(), head(title, `${work.number} · ${work.customer}`)];
  if (asked.say && !STORED.includes(asked.say)) top.push(h("div", { class: "banner", "data-mean": "at-risk", role: "alert" }, icon("triangle-alert"), h("span", {}, said(asked.say))));
  asked.say = null;
  if (at === "offer") return [...top, ...offer(work)];
  if (at === "pick") return [...top, pickForm(work), lines(work), missing(work)];
  if (at === "stage") return [...top, stageForm(work), lines(work)];
  if (at === "ready") return [...top, note(said("lies-on", { place: placeName(work.place) })), button(said("say-ready"), "primary wide", () => keepDeed(work, { kind: "ready" })), note(said("told-later"))];
  if (at === "give") return [...top, ...give(work)];
  const there = h("p", {}, h("a", { class: "btn big", href: `/work/${work.id}` }, h("span", {}, said("see-work")), icon("chevron-right")));
  return [...top, note(said(toPack(work) ? "to-pack" : "stored-work")), there];
}

function lines(work) {
  const rows = work.lines.map((line) => h("li", {}, h("div", { class: "row" }, icon(line.picked >= line.wanted ? "circle-check" : "circle"), h("span", { class: "grow" }, h("span", { class: "name" }, line.name), h("small", {}, [line.variant, line.spot].filter(Boolean).join(" · "))), h("span", { class: "end" }, `${line.picked} / ${line.wanted}`))));
  return h("section", { class: "card" }, h("ul", { class: "rows" }, rows));
}

function offer(work) {
  const list = lines({ lines: work.lines.map((line) => ({ ...line, picked: 0 })) });
  const no = part("refuse").querySelector("form");
  no.addEventListener("submit", (event) => {
    event.preventDefault();
    keepDeed(work, { kind: "refuse", reason: no.elements.reason.value });
  });
  const yes = button(said("accept"), "primary wide", () => keepDeed(work, { kind: "accept" }));
  return [list, yes, h("details", { class: "stack-y" }, h("summary", { class: "link tap" }, said("refuse")), no), note(said("offer-later"))];
}

// The next line of the walk, as on the page with a network.
function missing(work) {
  const line = work.lines.find((each) => each.picked < each.wanted);
  const form = part("missing").querySelector("form");
  form.elements.quantity.max = line.wanted - line.picked;
  form.elements.quantity.value = line.wanted - line.picked;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keepDeed(work, { kind: "cannot_find", line: line.line_no, quantity: Number(form.elements.quantity.value), reason: form.elements.reason.value });
  });
  const named = h("p", {}, h("b", {}, line.name), ` ${[line.variant, line.spot].filter(Boolean).join(" · ")}`);
  return h("div", { class: "stack-y" }, h("details", { class: "stack-y" }, h("summary", { class: "link tap" }, said("cannot-find")), named, form), note(said("missing-later")));
}

const pickForm = (work) =>
  scanForm("scan-item", (code, evidence, reason) => {
    const deed = { kind: "pick", work: work.id, barcode: code, evidence, reason };
    return lineOf(work, code) || !belongs(work, code) ? keepDeed(work, deed) : say("enough");
  }, true);

const stageForm = (work) =>
  scanForm("scan-place", (code, evidence, reason) => keepDeed(work, { kind: "stage", work: work.id, place: placeOf(known.snapshot, code)?.code ?? code, evidence, reason }), true);

function scanForm(label, take, typed = false) {
  const form = part(typed ? "scan-typed" : "scan").querySelector("form");
  const [field, reason] = [form.querySelector("[name=code]"), form.querySelector("[name=typed_reason]")];
  field.placeholder = said(label);
  form.querySelector("label").textContent = said(label);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(field.value.trim(), "typed", reason?.value.trim() ?? "");
  });
  form.take = take;
  form.dataset.takes = "";
  return form;
}

document.addEventListener("scan", (event) => {
  const form = root.querySelector("form[data-takes]");
  if (!form || root.querySelector("[data-pad]")) return;
  event.preventDefault();
  form.take(event.detail.code, event.detail.from === "typed" ? "typed" : "scan", "");
});

async function keepDeed(work, facts, key = newKey()) {
  const { snapshot } = known;
  const deed = { work: work?.id, ...facts };
  const wrong = facts.kind === "hand_over" ? "" : refusal(snapshot, known.stored, deed);
  if (wrong) return say(wrong);
  await store({ ...deed, key, by: snapshot.person.id, by_name: snapshot.person.name, happened_at: new Date().toISOString() });
  say("right", { say: `did-${facts.kind}` });
  await draw();
}

// ---- the hand-over ----
function give(work) {
  if (!work.paid) return [note(said("not-paid"))];
  const list = lines({ lines: work.lines.map((line) => ({ ...line, picked: line.left, wanted: line.left })) });
  const code = scanForm("scan-code", async (text) => {
    const proof = await proofOf(text, work);
    if (!proof) return say("wrong-code");
    await handOver(work, { code_no: work.code_no, code_proof: proof });
  });
  const checked = part("check").querySelector("form");
  checked.elements.collector.value = work.customer;
  checked.addEventListener("submit", (event) => {
    event.preventDefault();
    handOver(work, { checked: checked.elements.checked.value, collector: checked.elements.collector.value.trim() });
  });
  const name = h("details", {}, h("summary", { class: "link tap" }, said("no-code")), checked);
  return [note(said("bring-from", { place: placeName(work.place) })), list, code, name];
}

const handOver = (work, facts) => {
  const units = Object.fromEntries(work.lines.filter((line) => line.left).map((line) => [line.line_no, line.left]));
  return keepDeed(work, { kind: "hand_over", work: work.id, units, ...facts }, asked.key ?? undefined);
};

// ---- a count ----
function drawCount(item) {
  const pad = h("form", { class: "pick-do" }, part("pad"), h("button", { class: "btn primary big wide" }, h("span", {}, said("that-is-all"))));
  pad.querySelector("[data-pad]").dataset.barcodes = [item.sku, ...item.barcodes].join(" ");
  pad.addEventListener("submit", async (event) => {
    event.preventDefault();
    const number = Number(pad.elements.counted.value);
    const kind = known.snapshot.counts.find((each) => each.sku === item.sku)?.kind ?? "own";
    await store({ kind: "count", location: known.snapshot.place.code, item: item.sku, counted: number, count_kind: kind, key: newKey(), by: known.snapshot.person.id, by_name: known.snapshot.person.name, happened_at: new Date().toISOString() });
    location.assign("/pocket?say=counted");
  });
  const card = h("section", { class: "card pick open", "data-mean": "none" }, h("div", { class: "pick-head" }, h("div", { class: "stack-y tight" }, h("h2", {}, item.title), h("p", { class: "muted" }, item.spot))), pad);
  queueMicrotask(() => (stopPad = usePad(pad, { right: said("counted-n"), wrong: said("another-item") })));
  return [back(), head(said("do-count"), ""), card];
}

document.addEventListener("pocket", draw);
await draw();
