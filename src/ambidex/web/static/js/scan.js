// Scan from any page without choosing a field. A wedge scanner is recognised by its typing speed; a camera by one tap.
// A code first runs through `document` as a cancelable "scan" event, then goes into the page's own scan form, else to POST /scan.

import { forget } from "./keys.js";
import { assets, csrf, isField, open, say } from "./shell.js";
import { signal } from "./toast.js";

const FASTEST_HAND = 45; // milliseconds between keys; people need about twice that
const SHORTEST = 4;
const LOOK_EVERY = 150;
let burst = [];
let field = null;
let before = "";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const gap = burst.length ? event.timeStamp - burst.at(-1).at : Infinity;
  if (event.key === "Enter" || event.key === "Tab") return finish(event, gap);
  if (event.key.length !== 1) return;
  if (gap > FASTEST_HAND) begin(event);
  burst.push({ key: event.key, at: event.timeStamp });
}, true);

function begin(event) {
  burst = [];
  field = isField(event.target) ? event.target : null;
  before = field?.value ?? "";
}

function finish(event, gap) {
  const code = burst.map((each) => each.key).join("");
  burst = [];
  if (code.length < SHORTEST || gap > FASTEST_HAND * 3) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  forget();
  if (field) field.value = before; // the scanner typed into whatever had the focus
  deliver(code, "wedge");
}

export function deliver(code, from) {
  const asked = new CustomEvent("scan", { detail: { code, from }, cancelable: true, bubbles: true });
  if (!document.dispatchEvent(asked)) return;
  const form = [...document.querySelectorAll("form[data-scan-into]")].find((each) => each.checkVisibility());
  if (form) fill(form, code);
  else resolve(code);
}

// A scan that comes while the one before is on its way waits for its answer, so that none is lost.
const waiting = [];
document.addEventListener("htmx:afterSettle", () => waiting.length && deliver(waiting.shift(), "wedge"));
document.addEventListener("htmx:sendError", () => (waiting.length = 0));

function fill(form, code) {
  if (form.matches(".htmx-request")) return waiting.push(code);
  window.htmx?.process(form); // a form that came a moment ago may not be htmx's own yet: it would leave the page
  form.querySelector("input:not([type=hidden])").value = code;
  const kind = form.querySelector("[data-scan-kind]");
  if (kind) kind.value = "scan";
  // Each scan is a deed of its own, also when the page has not answered the one before.
  const key = form.elements.namedItem("key");
  if (key) key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  form.noValidate = true;
  form.requestSubmit();
  if (kind) kind.value = "typed";
  form.noValidate = false;
}

async function resolve(code) {
  try {
    const answer = await fetch("/scan", {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": csrf() },
      body: new URLSearchParams({ code, csrf: csrf() }),
    });
    const told = await answer.json();
    signal({ outcome: answer.ok ? (told.outcome ?? "right") : "wrong", say: told.say ?? told.detail ?? say("unknown", { code }) });
    if (answer.ok && told.go) location.assign(told.go);
  } catch {
    signal({ outcome: "wrong", say: say("failed") });
  }
}

// ---- the camera ----
const dialog = document.getElementById("camera");
const video = dialog?.querySelector("video");
let looking = 0;

document.addEventListener("click", (event) => {
  if (!dialog || !event.target.closest("[data-camera]")) return;
  event.preventDefault();
  open(dialog);
  look();
});
dialog?.addEventListener("close", stop);
dialog?.querySelector("[data-typed]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = event.target.elements.code;
  dialog.close();
  typeInto(typed.value.trim());
  typed.value = "";
});

function typeInto(code) {
  if (code) deliver(code, "typed");
}

async function look() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    await video.play();
    const read = await reader();
    looking = setInterval(async () => {
      const code = await read();
      if (!code || !looking) return;
      dialog.close();
      deliver(code, "camera");
    }, LOOK_EVERY);
  } catch {
    dialog.querySelector("[data-said]").textContent = say("no-camera");
  }
}

function stop() {
  clearInterval(looking);
  looking = 0;
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

// The browser's own reader where there is one, else zxing from our server.
async function reader() {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).length) {
    const detector = new BarcodeDetector();
    return async () => (await detector.detect(video))[0]?.rawValue;
  }
  const read = await zxing();
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  return async () => {
    if (!video.videoWidth) return undefined;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    paper.drawImage(video, 0, 0);
    return read(paper.getImageData(0, 0, canvas.width, canvas.height));
  };
}

export async function zxing() {
  const library = await import(assets.zxing);
  library.prepareZXingModule({ overrides: { locateFile: () => assets.wasm } });
  return async (picture) => (await library.readBarcodes(picture, { tryHarder: true, maxNumberOfSymbols: 1 }))[0]?.text;
}
