// The pages of the store when the network is away: the frame and our files come from this device; posts become deeds.
// A post that may have reached the server keeps its key, so that it counts once whoever takes it.

import { deeds, kept, newKey, store } from "./pocket_store.js";
import { deedOf, refusal } from "./pocket_rules.js";

const SHELL = "/pocket";
const PATIENCE = 10000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "GET" && /^\/static\/v-/.test(url.pathname)) event.respondWith(file(request, url));
  else if (request.method === "GET" && request.mode === "navigate") event.respondWith(page(request));
  else if (request.method === "POST" && /^\/(work|count)\//.test(url.pathname)) event.respondWith(post(request, url));
});

// A file's address holds the hash of its content, so what is kept is never old.
async function file(request, url) {
  const known = await caches.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    caches.open(url.pathname.split("/")[2]).then((cache) => cache.put(request, copy));
  }
  return answer;
}

async function page(request) {
  try {
    return await soon(fetch(request));
  } catch {
    return (await caches.match(SHELL)) ?? Response.error();
  }
}

async function post(request, url) {
  const copy = request.clone();
  try {
    return await soon(fetch(request));
  } catch {
    return without(copy, url);
  }
}

const soon = (answer) =>
  Promise.race([answer, new Promise((_, reject) => setTimeout(() => reject(new TypeError("no answer")), PATIENCE))]);

async function without(request, url) {
  const said = Object.fromEntries(await request.formData());
  const snapshot = await kept("snapshot");
  const deed = snapshot && deedOf(url.pathname, said);
  const work = /^\/work\/([^/]+)\//.exec(url.pathname)?.[1] ?? "";
  const to = new URLSearchParams(work ? { work } : {});
  if (said.then === "look") return go(request, to);
  if (!deed) {
    // a hand-over is checked by the pocket itself; under the same key it counts once
    if (said.key) to.set("key", said.key);
    if (!/\/(hand-over|code)$/.test(url.pathname)) to.set("say", "needs-network");
    return go(request, to);
  }
  const wrong = refusal(snapshot, await deeds(), deed);
  if (!wrong) await store({ ...deed, key: deed.key || newKey(), by: snapshot.person.id, by_name: snapshot.person.name, happened_at: new Date().toISOString() });
  to.set("say", wrong || (deed.kind === "count" ? "counted" : deed.kind));
  return go(request, to);
}

function go(request, to) {
  const there = `${SHELL}?${to}`;
  if (request.headers.get("HX-Request") === "true") return new Response(null, { status: 204, headers: { "HX-Redirect": there } });
  return Response.redirect(new URL(there, self.location.origin), 303);
}
