// What just happened: a line at the bottom, with Undo where it can be undone; a sound and a shake after a scan.
// The server says it with the header HX-Trigger: {"outcome": {...}} or {"toast": {...}}.

import { csrf, icon, say } from "./shell.js";

const STAYS = 6000;
const ICON = { right: "check", wrong: "octagon-x", already: "repeat" };
const SHAKE = { right: [40], wrong: [120, 60, 120], already: [40, 60, 40] };
const TONES = { right: [[880, 0, 0.09]], wrong: [[196, 0, 0.16], [165, 0.18, 0.22]], already: [[520, 0, 0.07], [520, 0.12, 0.07]] };
let sound = null;

export function toast({ say: text, undo, outcome }) {
  if (!text) return;
  const line = document.createElement("div");
  line.className = "toast";
  line.setAttribute("role", outcome === "wrong" ? "alert" : "status");
  if (outcome) line.dataset.outcome = outcome;
  const words = document.createElement("span");
  words.textContent = text;
  line.append(icon(ICON[outcome] ?? "check"), words);
  if (undo) line.append(undoForm(undo));
  const list = document.getElementById("toasts");
  list.replaceChildren(...[...list.children].slice(-2), line);
  setTimeout(() => line.remove(), undo ? STAYS * 2 : STAYS);
}

export function signal(told) {
  navigator.vibrate?.(SHAKE[told.outcome] ?? []);
  play(TONES[told.outcome] ?? []);
  toast(told);
}

function undoForm(address) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const token = Object.assign(document.createElement("input"), { type: "hidden", name: "csrf", value: csrf() });
  const button = Object.assign(document.createElement("button"), { className: "btn", textContent: say("undo") });
  form.append(token, button);
  return form;
}

function play(tones) {
  try {
    sound ??= new AudioContext();
    for (const [pitch, after, length] of tones) beep(pitch, sound.currentTime + after, length);
  } catch {
    // No sound on this device: the words and the shake remain.
  }
}

function beep(pitch, at, length) {
  const voice = sound.createOscillator();
  const volume = sound.createGain();
  voice.frequency.value = pitch;
  volume.gain.setValueAtTime(0.12, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length);
  voice.connect(volume).connect(sound.destination);
  voice.start(at);
  voice.stop(at + length);
}

document.body.addEventListener("toast", (event) => toast(event.detail));
document.body.addEventListener("outcome", (event) => {
  signal(event.detail);
  for (const form of document.querySelectorAll("[data-scan-into]")) form.dataset.outcome = event.detail.outcome;
});
document.body.addEventListener("htmx:sendError", () => signal({ outcome: "wrong", say: say("failed") }));
