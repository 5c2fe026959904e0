// What all pages share: sentences, the system's clock, dialogs, folding, steppers, the two-step sheet, the theme.

const body = document.body;
const words = JSON.parse(body.dataset.words || "{}");
const started = { server: Date.parse(body.dataset.now || "") || Date.now(), here: Date.now() };
const pace = Number(body.dataset.pace || 1);

export const assets = JSON.parse(body.dataset.assets || "{}");
export const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

// The clock of the system, not of this device; a demo may run it faster.
export const now = () => started.server + (Date.now() - started.here) * pace;

export function say(name, facts = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => facts[key] ?? "");
}

export function isField(element) {
  return element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
}

export function icon(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${assets.icons}#${name}`);
  drawing.append(use);
  return drawing;
}

export function open(dialog) {
  if (!dialog || dialog.matches(":modal")) return;
  if (dialog.open) dialog.close();
  dialog.showModal();
}

// A group of choices says itself that nothing is chosen: once, in the language of the page, where the finger is.
const untold = (event) => event.target.closest?.(".choice")?.querySelector("[data-missing]");
document.addEventListener(
  "invalid",
  (event) => {
    const told = untold(event);
    if (!told) return;
    event.preventDefault();
    told.hidden = false;
    event.target.closest(".choice").querySelector("input").focus();
  },
  true,
);
document.addEventListener("change", (event) => {
  const told = untold(event);
  if (told) told.hidden = true;
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    open(document.querySelector(opener.dataset.open));
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  }
  // A click on the backdrop is a click on the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && event.target.matches(":modal") && outside(event, event.target)) event.target.close();
  const stepper = event.target.closest("[data-stepper] [data-by]");
  if (stepper) step(stepper);
  const chosen = event.target.closest("[data-theme-set]");
  if (chosen) setTheme(chosen.dataset.themeSet);
  turnSteps(event);
});

function outside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

function step(button) {
  const field = button.closest("[data-stepper]").querySelector("input");
  Number(button.dataset.by) > 0 ? field.stepUp() : field.stepDown();
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function setTheme(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax`;
  for (const each of document.querySelectorAll("[data-theme-set]")) each.setAttribute("aria-pressed", String(each.dataset.themeSet === theme));
}

// Two-step forms show one step at a time; without script both stand under each other.
function showStep(form, index) {
  const steps = [...form.querySelectorAll("[data-step]")];
  form.dataset.at = index;
  steps.forEach((each, at) => each.toggleAttribute("data-shown", at === index));
  steps[index].querySelector("input:checked, input, button")?.focus();
}

function turnSteps(event) {
  const button = event.target.closest("[data-next], [data-back]");
  if (!button) return;
  const form = button.closest("[data-steps]");
  const at = Number(form.dataset.at || 0);
  const asked = [...form.querySelectorAll("[data-step]")[at].querySelectorAll("input")];
  if ("next" in button.dataset && !asked.every((field) => field.reportValidity())) return;
  showStep(form, "next" in button.dataset ? at + 1 : at - 1);
}

export function prepare(root = document) {
  for (const form of root.querySelectorAll("[data-steps]:not([data-at])")) {
    form.dataset.at = 0;
    form.querySelectorAll("[data-step]").forEach((each, at) => each.toggleAttribute("data-shown", at === 0));
  }
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 900px)").matches)
    for (const each of root.querySelectorAll("[data-open-wide]")) each.open = true;
  const linked = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let each = linked && linked.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
}

prepare();
document.addEventListener("htmx:afterSwap", (event) => prepare(event.target.parentElement ?? document));
