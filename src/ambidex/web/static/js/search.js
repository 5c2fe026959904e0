// One search on every page: "/" or Ctrl/Cmd+K opens it, hits come while typing, Enter opens; it is the command menu too.

import { isField, icon, open } from "./shell.js";
import { afterAMoment } from "./keys.js";

const PAUSE = 90;
const dialog = document.getElementById("command");
const box = dialog?.querySelector("input");
const hits = document.getElementById("hits");
let asking = null;
let timer = 0;
let shown = "";
let chosen = -1;
let hurried = false;

document.addEventListener("keydown", (event) => {
  if (!dialog) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    start("");
  } else if (event.key === "/" && !isField(event.target) && !document.querySelector("dialog:modal")) {
    afterAMoment(event, () => start(""));
  }
});
document.addEventListener("click", (event) => {
  const opener = dialog && event.target.closest("[data-command]");
  if (!opener) return;
  event.preventDefault();
  start(opener.querySelector("input")?.value ?? "");
});

function start(text) {
  open(dialog);
  box.value = text;
  box.focus();
  ask();
}

box?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});

async function ask() {
  clearTimeout(timer);
  asking?.abort();
  asking = new AbortController();
  const query = box.value.trim();
  try {
    const answer = await fetch(`/find?part=options&q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    hits.innerHTML = await answer.text();
  } catch (cause) {
    if (cause.name === "AbortError") return;
    hits.replaceChildren();
  }
  shown = query;
  hits.append(...ownKeys(query));
  choose(options().length ? 0 : -1);
  if (hurried) enter();
}

// What this page can do itself, with its keys.
function ownKeys(query) {
  const wanted = query.toLowerCase();
  const found = [...document.querySelectorAll("main [data-key], .bottom-action [data-key]")].filter((each) => each.checkVisibility() && label(each).toLowerCase().includes(wanted));
  if (!found.length) return [];
  const list = document.createElement("ul");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", document.title);
  list.append(...found.map((each, at) => row(each, at)));
  return [list];
}

function row(element, at) {
  const item = document.createElement("li");
  item.id = `own-${at}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const words = document.createElement("span");
  words.textContent = label(element);
  const key = document.createElement("kbd");
  key.textContent = element.dataset.key.toUpperCase();
  item.append(icon("zap"), words, key);
  item.addEventListener("click", () => {
    dialog.close();
    element.click();
  });
  return item;
}

const label = (element) => (element.querySelector("span") ?? element).textContent.trim();
const options = () => [...hits.querySelectorAll('[role="option"]')];

function choose(at) {
  const all = options();
  chosen = all.length ? (at + all.length) % all.length : -1;
  all.forEach((each, index) => each.setAttribute("aria-selected", String(index === chosen)));
  if (chosen < 0) return box.removeAttribute("aria-activedescendant");
  all[chosen].id ||= `hit-${chosen}`;
  box.setAttribute("aria-activedescendant", all[chosen].id);
  all[chosen].scrollIntoView({ block: "nearest" });
}

box?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter") enter();
  else return;
  event.preventDefault();
});
hits?.addEventListener("click", (event) => go(event.target.closest("[data-href]")));

// Enter before the answer is there waits for it; an exact match opens whatever was chosen.
function enter() {
  hurried = shown !== box.value.trim();
  if (hurried) return ask();
  const exact = hits.querySelectorAll("[data-exact]");
  const taken = exact.length === 1 && chosen === 0 ? exact[0] : options()[chosen];
  if (!taken) return location.assign(`/find?q=${encodeURIComponent(box.value.trim())}`);
  taken.dataset.href ? go(taken) : taken.click();
}

function go(hit) {
  if (hit?.dataset.href) location.assign(hit.dataset.href);
}
