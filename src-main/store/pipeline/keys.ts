// Trade ids that are keys only, remembered by the thousand per stream: as bytes side by side, found by a hash and told by every byte.
// Promises: two ids are one key exactly when they are the same number or the same text; no object lives on for a key.

/** Most ids are at most this long; longer ones make room for themselves. */
const USUAL_BYTES = 128;
const FIRST_ROOM = 16;
const FIRST_BYTES_EACH = 24;

const utf8 = new TextEncoder();

/** The id in hand as the bytes of a key. One is enough for a pipeline: what is put away is copied. */
export class Key {
  bytes = new Uint8Array(USUAL_BYTES);
  length = 0;
  hash = 0;

  /** A whole number up to 2^53-1: 8 bytes, the last one such as no text has, so that 7 and '7' are two keys. */
  ofNumber(id: number): void {
    const high = Math.floor(id / 2 ** 32);
    const low = id - high * 2 ** 32;
    const { bytes } = this;
    bytes[0] = low;
    bytes[1] = low >>> 8;
    bytes[2] = low >>> 16;
    bytes[3] = low >>> 24;
    bytes[4] = high;
    bytes[5] = high >>> 8;
    bytes[6] = high >>> 16;
    bytes[7] = 0xff;
    this.length = 8;
    this.hash = mixed(Math.imul(low, 0x9e3779b1) ^ Math.imul(high + 1, 0x85ebca6b));
  }

  ofText(id: string): void {
    const { length } = id;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length * 2);
    const { bytes } = this;
    let hash = 0x811c9dc5;
    for (let at = 0; at < length; at += 1) {
      const code = id.charCodeAt(at);
      if (code > 0x7f) {
        const encoded = utf8.encode(id);
        this.ofBytes(encoded, 0, encoded.length);
        return;
      }
      bytes[at] = code;
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    this.length = length;
    this.hash = mixed(hash);
  }

  /** The text whose UTF-8 lies at [from, to). */
  ofBytes(text: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length * 2);
    const { bytes } = this;
    let hash = 0x811c9dc5;
    for (let at = 0; at < length; at += 1) {
      const byte = text[from + at] as number;
      bytes[at] = byte;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    this.length = length;
    this.hash = mixed(hash);
  }
}

/** The last byte of an id changes only the lowest bits of its hash by much: spread them. */
function mixed(hash: number): number {
  const spread = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return spread ^ (spread >>> 15);
}

/** What all streams of a pipeline may remember together: some 110 bytes a key. Beyond it they forget sooner, and the warehouse is asked. */
export class KeyBudget {
  held = 0;
  readonly most: number;

  constructor(most = 750_000) {
    this.most = most;
  }
}

/** A generation of keys, each with the running number of its row. Grows; forgets only as a whole. */
export class KeyTable {
  size = 0;
  /** The highest running number of any row here. */
  newest = -1;
  /** Entry + 1 and its hash side by side, at the place of the hash or the next free one; twice as many places as entries, a power of two. */
  #places = new Int32Array(FIRST_ROOM * 4);
  #running = new Float64Array(FIRST_ROOM);
  /** Where an entry's bytes end; they begin where those of the entry before end. */
  #ends = new Int32Array(FIRST_ROOM);
  #bytes = new Uint8Array(FIRST_ROOM * FIRST_BYTES_EACH);

  /** Running number of the row of this key; undefined: not known. */
  get(key: Key): number | undefined {
    if (this.size === 0) return undefined;
    const entry = this.#find(key);
    return entry < 0 ? undefined : this.#running[entry];
  }

  /** Forgets all; the room stays for the next ones, unless it was hardly needed. */
  clear(): void {
    if (this.size * 8 < this.#ends.length) {
      this.#places = new Int32Array(FIRST_ROOM * 4);
      this.#running = new Float64Array(FIRST_ROOM);
      this.#ends = new Int32Array(FIRST_ROOM);
      this.#bytes = new Uint8Array(FIRST_ROOM * FIRST_BYTES_EACH);
    } else this.#places.fill(0);
    this.size = 0;
    this.newest = -1;
  }

  /** Remembers the key; a known one gets the new number. */
  set(key: Key, running: number): void {
    const known = this.#find(key);
    if (known >= 0) {
      this.#running[known] = running;
      this.newest = Math.max(this.newest, running);
      return;
    }
    this.add(key, running);
  }

  /** Remembers a key that is not there: get() has just said so. */
  add(key: Key, running: number): void {
    const entry = this.size;
    if (entry === this.#ends.length) this.#grow();
    const from = entry === 0 ? 0 : (this.#ends[entry - 1] as number);
    const { length, bytes } = key;
    if (from + length > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(this.#bytes.length * 2, from + length));
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    const own = this.#bytes;
    for (let at = 0; at < length; at += 1) own[from + at] = bytes[at] as number;
    this.#ends[entry] = from + length;
    this.#running[entry] = running;
    if (running > this.newest) this.newest = running;
    this.size = entry + 1;
    place(this.#places, entry, key.hash);
  }

  #find(key: Key): number {
    const places = this.#places;
    const last = places.length - 1;
    const { hash } = key;
    for (let at = (hash << 1) & last; ; at = (at + 2) & last) {
      const entry = (places[at] as number) - 1;
      if (entry < 0) return -1;
      if (places[at + 1] === hash && this.#isAt(entry, key)) return entry;
    }
  }

  #isAt(entry: number, { bytes, length }: Key): boolean {
    const from = entry === 0 ? 0 : (this.#ends[entry - 1] as number);
    if ((this.#ends[entry] as number) - from !== length) return false;
    const own = this.#bytes;
    for (let at = 0; at < length; at += 1) if (own[from + at] !== bytes[at]) return false;
    return true;
  }

  #grow(): void {
    const room = this.#ends.length * 2;
    const running = new Float64Array(room);
    running.set(this.#running);
    this.#running = running;
    const ends = new Int32Array(room);
    ends.set(this.#ends);
    this.#ends = ends;
    const before = this.#places;
    this.#places = new Int32Array(room * 4);
    for (let at = 0; at < before.length; at += 2) {
      const entry = (before[at] as number) - 1;
      if (entry >= 0) place(this.#places, entry, before[at + 1] as number);
    }
  }
}

function place(places: Int32Array, entry: number, hash: number): void {
  const last = places.length - 1;
  let at = (hash << 1) & last;
  while (places[at] !== 0) at = (at + 2) & last;
  places[at] = entry + 1;
  places[at + 1] = hash;
}
