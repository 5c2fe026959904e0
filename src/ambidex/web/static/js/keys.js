// Keyboard for all: J and K move in lists, Enter opens, Esc goes up; data-key is an element's own key.
// A key acts a moment later, so that the first letter of a wedge scan never does.

import { isField } from "./shell.js";

const MOMENT = 60;
let waiting = 0;

export function afterAMoment(event, act) {
  clearTimeout(waiting);
  if (event.repeat) act();
  else waiting = setTimeout(act, MOMENT);
}

// A scan ends with a key that never comes here: its last letter must not act either.
export const forget = () => clearTimeout(waiting);

document.addEventListener("keydown", (event) => {
  clearTimeout(waiting);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isField(event.target) || document.querySelector("dialog:modal")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return afterAMoment(event, () => move(key === "j" ? 1 : -1));
  if (key === "escape") return afterAMoment(event, () => document.querySelector("[data-up]")?.click());
  const own = key.length === 1 && [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((each) => each.checkVisibility());
  if (own) afterAMoment(event, () => own.click());
});

function move(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility() && target(row));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  target(next).focus();
  next.scrollIntoView({ block: "nearest" });
}

const target = (row) => (row.matches("a, button") ? row : row.querySelector("a, button"));
