/** What this browser remembers between visits. Storage may be full, blocked or absent: then nothing is remembered. */

const prefix = "youli.";

export function recall(name, otherwise) {
  try {
    const kept = localStorage.getItem(prefix + name);
    return kept === null ? otherwise : JSON.parse(kept);
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Chatting goes on; only a reload would forget.
  }
}
