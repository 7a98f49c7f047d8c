// The value of a field wherever it stands near the beginning of a message. For symbolOf where a message does not begin as it always did: a
// field that a venue adds in front must not leave its two lines uncompared.

/** Fields that name a symbol stand before the trades. */
const NEAR_BYTES = 512;
const LONGEST = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The text from behind `marker`, which ends inside of an opened string (`"code":"`), to the string's end; null: not there, too long, or with escapes. */
export function textBehind(frame: Uint8Array, marker: Buffer): string | null {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.byteLength, NEAR_BYTES));
  const at = bytes.indexOf(marker);
  if (at < 0) return null;
  const from = at + marker.length;
  const to = bytes.indexOf(QUOTE, from);
  if (to < 0 || to - from > LONGEST || bytes.subarray(from, to).includes(BACKSLASH)) return null;
  return bytes.toString('utf8', from, to);
}

/** Whether any of these stands near the beginning. */
export function hasNear(frame: Uint8Array, texts: readonly Buffer[]): boolean {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.byteLength, NEAR_BYTES));
  return texts.some((text) => bytes.includes(text));
}
