// Shared devices: the person's name opens the switch sheet; after a while without a touch the page locks itself.

import { csrf, open } from "./shell.js";

const sheet = document.getElementById("person");
const after = Number(document.body.dataset.lockAfter || 0) * 1000;
let idle = 0;

document.addEventListener("click", (event) => {
  if (!sheet || !window.htmx || !event.target.closest("[data-pin]")) return;
  event.preventDefault();
  open(sheet);
  const place = sheet.querySelector("[data-load]");
  const next = encodeURIComponent(location.pathname + location.search);
  window.htmx.ajax("GET", `${place.dataset.load}?next=${next}`, { target: place, swap: "innerHTML" }).then(() => place.querySelector("input:not([type=hidden]), button, a")?.focus());
});

function touch() {
  clearTimeout(idle);
  if (after > 0) idle = setTimeout(lock, after);
}

async function lock() {
  document.documentElement.dataset.locked = "";
  const next = encodeURIComponent(location.pathname + location.search);
  await fetch("/lock", { method: "POST", headers: { "X-CSRF-Token": csrf() }, body: new URLSearchParams({ csrf: csrf() }) }).catch(() => null);
  location.assign(`/switch?next=${next}`);
}

for (const kind of ["pointerdown", "keydown", "scroll"]) document.addEventListener(kind, touch, { passive: true });
touch();
