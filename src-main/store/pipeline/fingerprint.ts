// A number that stands for a message's bytes: equal bytes give the same, others practically never do. Not for secrets.

/** Over 0 and within what a double holds: two 32-bit hashes (FNV-1a and a multiplicative one) joined to 52 bits. */
export function fingerprintOf(bytes: Uint8Array, start: number, end: number): number {
  let one = 0x811c9dc5;
  let two = end - start;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    one = Math.imul(one ^ byte, 0x01000193);
    two = Math.imul(two + byte, 0x85ebca6b) ^ (two >>> 15);
  }
  return (one >>> 0) * 0x10_0000 + (two >>> 12) + 1;
}

/** The fingerprint of the frame in hand, taken once however many rows it has. */
export class Fingerprint {
  #frame = -1;
  #print = 0;

  of(frame: number, { bytes, start, end }: { bytes: Uint8Array; start: number; end: number }): number {
    if (this.#frame !== frame) {
      this.#frame = frame;
      this.#print = fingerprintOf(bytes, start, end);
    }
    return this.#print;
  }
}
