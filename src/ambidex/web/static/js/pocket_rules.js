// What the loaded work looks like after the deeds stored on this device, and whether a scan fits. Pure, but for hashing.

const CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/;
const LOOKALIKES = { O: "0", I: "1", L: "1" };
const ROUNDS = 20000;

export function worksNow(snapshot, deeds) {
  const works = new Map((snapshot?.works ?? []).map((work) => [work.id, structuredClone(work)]));
  for (const deed of deeds) if (works.has(deed.work)) apply(works.get(deed.work), deed);
  return [...works.values()];
}

function apply(work, deed) {
  work.stored = (work.stored ?? 0) + 1;
  if (deed.kind === "accept") work.state = "accepted";
  if (deed.kind === "refuse") refuse(work, deed.keeps ?? {});
  if (deed.kind === "cannot_find") {
    const line = work.lines.find((each) => each.line_no === deed.line);
    if (line) line.wanted -= deed.quantity;
    work.state = found(work);
  }
  if (deed.kind === "pick") {
    const line = lineOf(work, deed.barcode);
    if (line) line.picked += 1;
    work.state = found(work);
  }
  if (deed.kind === "stage") [work.state, work.place] = ["staged", deed.place];
  if (deed.kind === "ready") work.state = "ready_said";
  if (deed.kind === "hand_over") work.state = "given";
}

// The place keeps these units; without any it refuses all of it.
function refuse(work, keeps) {
  if (!Object.keys(keeps).length) work.state = "refused";
  else for (const line of work.lines) line.wanted = Math.min(line.wanted, keeps[line.line_no] ?? 0);
}

// Where picking stands when every unit was found or is known to be missing.
function found(work) {
  if (work.lines.some((each) => each.picked < each.wanted)) return "picking";
  return work.lines.some((each) => each.picked) ? "picked" : "short";
}

// What is sent goes into its box once it is picked, and that needs the network.
export const toPack = (work) => work.state === "picked" && work.method !== "pickup";
export const step = (work) => (toPack(work) ? "done" : STEPS[work.state] ?? "done");
const STEPS = { offered: "offer", accepted: "pick", picking: "pick", picked: "stage", staged: "ready", ready: "give" };

export const lineOf = (work, barcode) => work.lines.find((line) => line.barcodes.includes(barcode) && line.picked < line.wanted);
export const belongs = (work, barcode) => work.lines.some((line) => line.barcodes.includes(barcode));
export const placeOf = (snapshot, said) => snapshot.staging.find((place) => place.code.toLowerCase() === said.trim().toLowerCase());

export function counted(snapshot, deeds) {
  return new Set(deeds.filter((deed) => deed.kind === "count").map((deed) => deed.item));
}

// As the server reads codes: prefix, dashes, blanks and lookalike letters forgiven.
export function readCode(said) {
  const plain = said.trim().toUpperCase().replace(/^AMBIDEX-PICKUP:/, "").replace(/[-\s]/g, "").replace(/[OIL]/g, (letter) => LOOKALIKES[letter]);
  return CODE.test(plain) ? plain : null;
}

// The code itself is never stored: what is kept is a proof that only who has the code can compute.
export async function proofOf(said, work) {
  const code = readCode(said);
  if (!code || !work.verifier) return null;
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", text.encode(code), "PBKDF2", false, ["deriveBits"]);
  const salt = text.encode(`pickup-code:${work.id}:${work.code_no}`);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, key, 256);
  return hex(await crypto.subtle.digest("SHA-256", bits)) === work.verifier ? hex(bits) : null;
}

const hex = (bits) => [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function unitsKept(said) {
  const kept = Object.entries(said).filter(([name, count]) => name.startsWith("can_") && Number(count) > 0);
  return Object.fromEntries(kept.map(([name, count]) => [name.slice("can_".length), Number(count)]));
}

// What a post of a page means as a deed; null when it cannot be done without the network.
export function deedOf(path, said) {
  const [, work, verb] = /^\/work\/([^/]+)\/(accept|refuse|pick|cannot-find|stage|ready)$/.exec(path) ?? [];
  const typed = said.code_kind === "scan" ? "scan" : "typed";
  const code = (said.code ?? "").trim();
  if (verb === "accept") return { kind: "accept", work };
  if (verb === "refuse") return { kind: "refuse", work, reason: said.reason ?? "", keeps: unitsKept(said) };
  if (verb === "cannot-find" && said.then !== "look" && said.reason)
    return { kind: "cannot_find", work, line: Number(said.line), quantity: Number(said.quantity), reason: said.reason, key: said.key };
  if (verb === "pick" && code) return { kind: "pick", work, barcode: code, evidence: typed, reason: said.typed_reason ?? "", key: said.key };
  if (verb === "stage" && code) return { kind: "stage", work, place: code, evidence: typed, reason: said.typed_reason ?? "", key: said.key };
  if (verb === "ready") return { kind: "ready", work };
  const item = /^\/count\/item\/([^/]+)$/.exec(path)?.[1];
  if (item && /^\d{1,8}$/.test(said.counted ?? "") && said.location)
    return { kind: "count", location: said.location, item: decodeURIComponent(item), counted: Number(said.counted), count_kind: said.kind || "own", key: said.key };
  return null;
}

// Why a deed does not fit what this device knows; empty when it does. The server decides in the end.
export function refusal(snapshot, deeds, deed) {
  if (deed.kind === "count") return "";
  const work = worksNow(snapshot, deeds).find((each) => each.id === deed.work);
  if (!work) return "not-loaded";
  if (deed.kind === "refuse" && !deed.reason?.trim()) return "needs-why";
  if (deed.evidence === "typed" && !deed.reason.trim()) return "needs-reason";
  if (deed.kind === "accept" || deed.kind === "refuse") return step(work) === "offer" ? "" : "not-now";
  if (deed.kind === "cannot_find") return step(work) !== "pick" ? "not-now" : missing(work, deed) ? "" : "not-so-many";
  if (deed.kind === "pick") return step(work) !== "pick" ? "not-now" : lineOf(work, deed.barcode) ? "" : belongs(work, deed.barcode) ? "enough" : "wrong-item";
  if (deed.kind === "stage") return !["stage", "ready"].includes(step(work)) ? "not-now" : placeOf(snapshot, deed.place) ? "" : "wrong-place";
  return step(work) === "ready" ? "" : "not-now";
}

function missing(work, deed) {
  const line = work.lines.find((each) => each.line_no === deed.line);
  return Boolean(line) && deed.quantity >= 1 && deed.quantity <= line.wanted - line.picked;
}
