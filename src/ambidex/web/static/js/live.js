// Live without reload: one stream of events; regions with data-live renew themselves when their topic comes.
// Nothing jumps: a region in which somebody writes waits, folded things stay as they were, focus stays.

import { say } from "./shell.js";

const PATIENCE = 4000; // milliseconds without the stream before the banner
const away = document.getElementById("live-away");
let position = document.body.dataset.position;
let stream = null;
let since = null;
let alarm = 0;

function listen() {
  if (stream || document.hidden || position === undefined) return;
  stream = new EventSource(`/live?after=${encodeURIComponent(position)}`);
  stream.onopen = arrived;
  stream.onerror = lost;
  stream.onmessage = (event) => hear(event);
  stream.addEventListener("reset", (event) => {
    if (event.lastEventId) position = event.lastEventId;
    for (const region of document.querySelectorAll("[data-live]")) renew(region);
  });
}

function stop() {
  stream?.close();
  stream = null;
}

function hear(event) {
  arrived();
  if (event.lastEventId) position = event.lastEventId;
  const heard = new Set(topicsOf(event));
  document.dispatchEvent(new CustomEvent("live", { detail: { topics: [...heard] } }));
  for (const region of document.querySelectorAll("[data-live]")) if (region.dataset.live.split(/\s+/).some((topic) => heard.has(topic))) renew(region);
}

function topicsOf(event) {
  try {
    const told = JSON.parse(event.data);
    return Array.isArray(told) ? told : (told.topics ?? [told.topic]).filter(Boolean);
  } catch {
    return [event.data];
  }
}

function renew(region) {
  if (isBusy(region)) offer(region);
  else window.htmx?.trigger(region, "live");
}

// Somebody writes here, or a dialog of this region is open.
function isBusy(region) {
  const active = document.activeElement;
  const writing = region.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName) && isChanged(active);
  return writing || region.querySelector("dialog:modal") !== null || region.querySelector(".htmx-request") !== null;
}

function isChanged(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.tagName === "SELECT" || field.value !== field.defaultValue;
}

function offer(region) {
  if (region.querySelector(":scope > .fresh")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn soft fresh";
  button.textContent = say("newer");
  button.addEventListener("click", () => window.htmx?.trigger(region, "live"));
  region.prepend(button);
}

function arrived() {
  clearTimeout(alarm);
  alarm = 0;
  since = null;
  if (away) away.hidden = true;
}

function lost() {
  since ??= new Date();
  alarm ||= setTimeout(() => {
    if (!away || document.hidden) return;
    away.querySelector("[data-text]").textContent = `${say("away", { time: since.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }) })} `;
    away.hidden = false;
  }, PATIENCE);
  // A browser gives up after an answer that is not a stream; we do not.
  if (stream?.readyState === EventSource.CLOSED) {
    stop();
    setTimeout(listen, PATIENCE);
  }
}

// What was unfolded stays unfolded, and focus comes back to the element of the same id, name or address.
const kept = new WeakMap();
document.addEventListener("htmx:beforeSwap", (event) => {
  const region = event.target;
  if (!region.matches?.("[data-live]")) return;
  // A renewal that failed leaves what stands there; the next event tries again.
  if (event.detail.requestConfig.triggeringEvent?.type === "live" && event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = false;
    return;
  }
  const active = region.contains(document.activeElement) ? document.activeElement : null;
  kept.set(event.detail.xhr, {
    folded: [...region.querySelectorAll("details")].map((each) => each.open),
    focus: active && (active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") ? `[href="${CSS.escape(active.getAttribute("href"))}"]` : null),
  });
});
document.addEventListener("htmx:afterSwap", (event) => {
  const was = kept.get(event.detail.xhr);
  if (!was) return;
  const region = event.detail.elt;
  region.querySelectorAll("details").forEach((each, at) => (each.open = was.folded[at] ?? each.open));
  if (was.focus) region.querySelector(was.focus)?.focus({ preventScroll: true });
});

// A hidden page gives its connection back (browsers allow six to one server) and catches up when it is looked at again.
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
window.addEventListener("pagehide", stop);
window.addEventListener("pageshow", listen);
listen();
