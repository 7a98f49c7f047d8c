// Symbols as strings that exist once: bytes go in, the same string comes out, without an allocation for a known one.

export interface SymbolName {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The name in lower case, as stream names spell it. */
  readonly lower: Uint8Array;
}

/** More names than any venue has; a flood of invented ones empties the table instead of growing it. */
const MOST_NAMES = 8192;
const SLOTS = 4 * MOST_NAMES;

export class SymbolTable {
  readonly #isSymbol: (text: string) => boolean;
  #slots: (SymbolName | undefined)[] = new Array(SLOTS);
  #count = 0;

  constructor(isSymbol: (text: string) => boolean) {
    this.#isSymbol = isSymbol;
  }

  /** The name at [from, to); null when it is not a symbol of this venue. The hash only finds the slot, the bytes decide. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): SymbolName | null {
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (;;) {
      const name = this.#slots[slot];
      if (name === undefined) return this.#add(bytes, from, to, slot);
      if (isAt(bytes, from, to, name.bytes)) return name;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  #add(bytes: Uint8Array, from: number, to: number, slot: number): SymbolName | null {
    const own = Buffer.from(bytes.subarray(from, to));
    const text = decoded(own);
    if (text === undefined || !this.#isSymbol(text)) return null;
    const name: SymbolName = { text, bytes: own, lower: Buffer.from(text.toLowerCase()) };
    if (this.#count >= MOST_NAMES) {
      this.#slots = new Array(SLOTS);
      this.#count = 0;
    }
    this.#slots[slot] = name;
    this.#count++;
    return name;
  }
}

function isAt(bytes: Uint8Array, from: number, to: number, name: Uint8Array): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
  return true;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    // Not UTF-8: the caller declines, and the exact reading says so with its reason.
    return undefined;
  }
}
