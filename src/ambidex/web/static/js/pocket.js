// On every page of the store: load the work for an hour without a network, say what is stored, send it when it is back.
// Tabs take turns (one lock), and a deed leaves this device only when the server has answered it.

import { icon } from "./shell.js";
import { change, deeds, forget, keep, kept } from "./pocket_store.js";

const LOAD_EVERY = 60000;
const TRY_EVERY = 10000;
const AT_ONCE = 50;
const FORGET_WITHIN = 3000;
const words = JSON.parse(document.getElementById("pocket-words")?.dataset.words ?? "{}");
export const said = (name, facts = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => facts[key] ?? "");
const banner = document.createElement("div");
let away = navigator.onLine ? null : new Date();
let signedOut = false;
let leaving = false;

// ---- what is loaded ----
export async function load() {
  try {
    const answer = await fetch("/pocket/work", { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.status >= 500) throw new TypeError("no answer");
    away = null;
    signedOut = answer.type === "opaqueredirect" || answer.status === 401;
    if (answer.status !== 200) return null;
    const snapshot = await answer.json();
    if (leaving) return null;
    await keep("snapshot", snapshot);
    await keepPages(snapshot);
    return snapshot;
  } catch (problem) {
    if (!(problem instanceof TypeError)) throw problem;
    away ??= new Date();
    return null;
  }
}

async function keepPages(snapshot) {
  if (!("caches" in window)) return;
  const cache = await caches.open(snapshot.version);
  await Promise.all(snapshot.files.map(async (file) => (await cache.match(file)) ?? cache.add(file)));
  // the frame comes last: where it is kept, all that it is made of is kept too
  const frame = await fetch("/pocket");
  if (leaving) return;
  if (frame.ok && !frame.redirected) await cache.put("/pocket", frame);
  for (const name of await caches.keys()) if (name !== snapshot.version) await caches.delete(name);
}

// ---- sending ----
export const send = () => navigator.locks.request("ambidex-pocket", { ifAvailable: true }, (lock) => (lock ? sendAll() : null));

// What the server has answered leaves when its work is loaded again: a page that loses the network in between would else
// show what was before. Sent twice, it counts once.
async function sendAll() {
  if (!(await deeds()).some((deed) => !deed.stuck)) return;
  const snapshot = await load();
  if (!snapshot) return;
  const told = new Map();
  for (;;) {
    const mine = (await deeds()).filter((deed) => deed.by === snapshot.person.id && !deed.stuck && !told.has(deed.key)).slice(0, AT_ONCE);
    if (!mine.length || !(await sendSome(mine, snapshot, told))) break;
  }
  if (await load()) await settle([...told.values()]);
  document.dispatchEvent(new CustomEvent("pocket"));
}

async function settle(told) {
  const conflicts = told.filter((each) => each.outcome === "conflict");
  if (conflicts.length) await keep("conflicts", [...((await kept("conflicts")) ?? []), ...conflicts.map((each) => ({ ...each, at: new Date().toISOString() }))]);
  await forget(told.map((each) => each.key));
  await show();
}

const unsent = new Set(["no", "by_name", "title", "stuck"]);
const plain = (deed) => Object.fromEntries(Object.entries(deed).filter(([name]) => !unsent.has(name)));

async function sendSome(mine, snapshot, told) {
  const answer = await fetch("/api/v1/pocket", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": snapshot.csrf },
    body: JSON.stringify({ device: navigator.userAgent.slice(0, 100), device_now: new Date().toISOString(), deeds: mine.map(plain) }),
  });
  if (answer.status === 422) return unreadable(mine, snapshot, told);
  if (!answer.ok) return false;
  const answers = (await answer.json()).deeds;
  const settled = answers.filter((each) => each.outcome === "done" || each.outcome === "conflict");
  for (const each of settled) told.set(each.key, each);
  return settled.length === answers.length;
}

// One of them cannot be read: send each alone; what stays unreadable is kept and shown, never thrown away.
async function unreadable(mine, snapshot, told) {
  if (mine.length === 1) {
    await change({ ...mine[0], stuck: true });
    return true;
  }
  for (const deed of mine) if (!(await sendSome([deed], snapshot, told))) return false;
  return true;
}

// ---- what is said about it ----
export async function show() {
  const stored = await deeds();
  const conflicts = (await kept("conflicts")) ?? [];
  const lines = [];
  document.body.toggleAttribute("data-offline", Boolean(away));
  if (away) lines.push([said("away", { time: away.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }) }), said("works")]);
  if (stored.length) lines.push([said(stored.length === 1 ? "stored-one" : "stored", { n: stored.length }), said(signedOut ? "sign-in" : away ? "sent-later" : "sending")]);
  const others = new Set(stored.filter((deed) => deed.by !== document.body.dataset.person && document.body.dataset.person).map((deed) => deed.by_name));
  if (others.size && !away) lines.push([said("others", { names: [...others].join(", ") }), ""]);
  if (conflicts.length) lines.push([said(conflicts.length === 1 ? "conflict" : "conflicts", { n: conflicts.length }), said("conflict-told")]);
  banner.hidden = !lines.length;
  banner.dataset.mean = conflicts.length ? "at-risk" : "none";
  const text = document.createElement("span");
  for (const [strong, rest] of lines) text.append(Object.assign(document.createElement("b"), { textContent: `${strong} ` }), `${rest} `);
  banner.replaceChildren(icon(away ? "wifi-off" : conflicts.length ? "triangle-alert" : "upload"), text, ...buttons(stored, conflicts));
}

function buttons(stored, conflicts) {
  const made = [];
  const task = conflicts.find((each) => each.task)?.task;
  if (task && !away) made.push(link(`/tasks/${task}`, said("see")));
  if (conflicts.length) made.push(button(said("seen"), () => keep("conflicts", []).then(show)));
  if ((away || stored.length) && !document.getElementById("pocket")) made.push(link("/pocket", said("go-on")));
  return made;
}

const link = (href, textContent) => Object.assign(document.createElement("a"), { className: "btn", href, textContent });
const button = (textContent, act) => Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent, onclick: act });

// Who signs out leaves no customer's name behind; what is not sent yet stays until they are back. The page is left only
// when that is done, and what is still being loaded is not kept.
async function clear() {
  leaving = true;
  await keep("snapshot", null);
  for (const name of await caches.keys()) await caches.delete(name);
}

// A device whose storage never answers keeps nobody signed in: after FORGET_WITHIN the form goes all the same, and says so.
const inTime = (work) => Promise.race([work.then(() => true, () => false), new Promise((done) => setTimeout(done, FORGET_WITHIN, false))]);

document.addEventListener("submit", async (event) => {
  if (new URL(event.target.action, location.href).pathname !== "/sign-out") return;
  event.preventDefault();
  if (leaving) return;
  const forgotten = await inTime(clear());
  if (!forgotten) event.target.append(Object.assign(document.createElement("input"), { type: "hidden", name: "left", value: "1" }));
  event.target.submit();
});

async function begin() {
  banner.className = "banner pocket";
  banner.hidden = true;
  banner.setAttribute("role", "status");
  document.querySelector(".notices")?.prepend(banner);
  if ("serviceWorker" in navigator) await navigator.serviceWorker.register("/sw.js", { type: "module" }).catch(() => null);
  await look();
  setInterval(look, TRY_EVERY);
  setInterval(() => document.hidden || load().then(show), LOAD_EVERY);
}

async function look() {
  try {
    if ((await deeds()).length) await send();
    else if (away || !(await kept("snapshot"))) await load();
  } catch {
    away ??= new Date();
  }
  await show();
}

window.addEventListener("offline", () => ((away ??= new Date()), show()));
window.addEventListener("online", () => look());
document.addEventListener("htmx:sendError", () => load().then(show));
document.addEventListener("live", () => (clearTimeout(begin.soon), (begin.soon = setTimeout(() => load().then(show), 2000))));
// No other module waits for this: a page without a network must answer the first scan at once.
if (words.away) begin().then(load).then(show);
