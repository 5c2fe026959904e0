// Promise clocks tick: words, bar and meaning. The rule is that of parts/clocks.py; lengths are said as formats.span says them.

import { now, say, icon } from "./shell.js";

const AT_RISK_FROM = 0.8;
const RANK = { "on-track": 0, "at-risk": 1, broken: 2 };
const ICON = { "on-track": "clock", "at-risk": "triangle-alert", broken: "octagon-x", waiting: "hourglass", none: "clock" };

export function span(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  if (minutes < 1) return say("under");
  if (minutes < 60) return say("min", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return say("h", { h: hours, m: String(minutes % 60).padStart(2, "0") });
  const days = Math.floor(hours / 24);
  return days === 1 ? say("day") : say("days", { n: days });
}

export function meaning(used, late, least) {
  if (!(least in RANK)) return least;
  const byTime = late ? "broken" : used >= AT_RISK_FROM ? "at-risk" : "on-track";
  return RANK[byTime] > RANK[least] ? byTime : least;
}

function tickClock(clock, at) {
  const by = Date.parse(clock.dataset.by);
  const began = Date.parse(clock.dataset.began);
  const used = by > began ? Math.min(1, Math.max(0, (at - began) / (by - began))) : 1;
  const mean = meaning(used, at > by, clock.dataset.least);
  const words = clock.querySelector("[data-left]");
  const edge = mean === "broken" && clock.dataset.before ? Date.parse(clock.dataset.before) : by;
  const text = say(mean === "at-risk" && clock.classList.contains("large") ? "on-track" : mean, { span: span(edge - at) });
  if (words && words.textContent !== text) words.textContent = text;
  if (clock.dataset.mean !== mean) turn(clock, mean);
  const bar = clock.querySelector(".bar");
  if (bar) {
    bar.style.setProperty("--used", used.toFixed(4));
    bar.setAttribute("aria-valuenow", Math.round(used * 100));
  }
}

// A clock that turns takes its card along, so that the whole card says the same.
function turn(clock, mean) {
  for (const each of [clock, clock.querySelector(".bar"), clock.closest(".work")]) if (each) each.dataset.mean = mean;
  clock.querySelector(".left .icon")?.replaceWith(icon(ICON[mean]));
  clock.dispatchEvent(new CustomEvent("clock-turned", { bubbles: true, detail: { mean } }));
}

function tickAgo(element, at) {
  const away = Date.parse(element.dateTime) - at;
  const text = say(away >= 0 ? "in" : "ago", { span: span(away) });
  if (element.textContent !== text) element.textContent = text;
}

export function tick() {
  const at = now();
  for (const clock of document.querySelectorAll("[data-clock]")) tickClock(clock, at);
  for (const each of document.querySelectorAll("[data-ago]")) tickAgo(each, at);
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSwap", tick);
