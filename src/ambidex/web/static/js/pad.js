// The pad of a count: big steps, a number pad, and each scanned unit counts one up. The last number survives a reload.

import { signal } from "./toast.js";

const LONGEST = 8;

export function usePad(root, { right, wrong }) {
  const pad = root.querySelector("[data-pad]");
  if (!pad) return () => {};
  const field = pad.querySelector("[data-pad-field]");
  const codes = new Set((pad.dataset.barcodes || "").split(" ").filter(Boolean));
  const set = (number) => (field.value = String(Math.min(10 ** LONGEST - 1, Math.max(0, number))));
  pad.addEventListener("click", (event) => {
    const by = event.target.closest("[data-pad-by]");
    if (by) set(Number(field.value || 0) + Number(by.dataset.padBy));
    const key = event.target.closest("[data-pad-key]")?.dataset.padKey;
    if (key === "clear") field.value = "";
    else if (key === "back") field.value = field.value.slice(0, -1);
    else if (key) set(`${field.value}${key}`.replace(/^0+(?=\d)/, "").slice(0, LONGEST));
  });
  const heard = (event) => {
    event.preventDefault();
    if (!codes.has(event.detail.code)) return signal({ outcome: "wrong", say: wrong });
    set(Number(field.value || 0) + 1);
    signal({ outcome: "right", say: right.replace("{n}", field.value) });
  };
  document.addEventListener("scan", heard);
  return () => document.removeEventListener("scan", heard);
}

const words = document.querySelector("[data-pad-words]")?.dataset;
if (words) usePad(document, { right: words.right, wrong: words.wrong });
