// What this device keeps while the network is away: deeds in the order they were done, and the work that was loaded.
// Pages and the service worker share it. A deed stays until the server has answered it.

const NAME = "ambidex-pocket";
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("deeds", { keyPath: "no", autoIncrement: true }).createIndex("key", "key", { unique: true });
      asked.result.createObjectStore("kept", { keyPath: "name" });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function use(name, mode, act) {
  const store = (await open()).transaction(name, mode).objectStore(name);
  return new Promise((resolve, reject) => {
    const asked = act(store);
    store.transaction.oncomplete = () => resolve(asked?.result);
    store.transaction.onerror = () => reject(store.transaction.error);
    store.transaction.onabort = () => reject(store.transaction.error);
  });
}

// The same key twice is the same deed: the first one stays.
export async function store(deed) {
  try {
    await use("deeds", "readwrite", (deeds) => deeds.add(deed));
  } catch (problem) {
    if (problem?.name !== "ConstraintError") throw problem;
  }
  navigator.storage?.persist?.();
}

export const deeds = () => use("deeds", "readonly", (all) => all.getAll());

export async function forget(keys) {
  const gone = new Set(keys);
  const known = (await deeds()).filter((deed) => gone.has(deed.key));
  await use("deeds", "readwrite", (all) => {
    for (const deed of known) all.delete(deed.no);
  });
}

export async function change(deed) {
  await use("deeds", "readwrite", (all) => all.put(deed));
}

export const keep = (name, value) => use("kept", "readwrite", (kept) => kept.put({ name, value }));
export const kept = async (name) => (await use("kept", "readonly", (all) => all.get(name)))?.value;

export const newKey = () => crypto.randomUUID();
