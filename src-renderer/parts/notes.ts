// Small notes that this browser keeps for the next visit: layout, look, what was put away. A browser that keeps nothing still works, it only forgets.

const PREFIX = 'tapedeck.';
let refusals = 0;

/** Reads and writes that the browser refused since the page was opened. */
export function noteRefusals(): number {
  return refusals;
}

/** What was kept under this name, not yet checked; undefined: nothing that can be read. */
export function readNote(name: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    // A damaged or refused note is the same as none; the count tells.
    refusals += 1;
    return undefined;
  }
}

export function keepNote(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    refusals += 1;
  }
}

/** Forgets everything whose name begins so. */
export function forgetNotes(beginning: string): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX + beginning)) localStorage.removeItem(key);
  } catch {
    refusals += 1;
  }
}
