// CRC-32 of a record, salted. Small records are summed here, eight bytes a step, because a native call costs more than the
// sum itself and needs a view object per record; long ones go to zlib. Both give the same number.
import { crc32 } from 'node:zlib';

const TABLES = ((): Int32Array => {
  const tables = new Int32Array(256 * 8);
  for (let n = 0; n < 256; n += 1) {
    let value = n;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    tables[n] = value;
  }
  for (let n = 0; n < 256; n += 1) {
    let value = tables[n] ?? 0;
    for (let step = 1; step < 8; step += 1) {
      value = (tables[value & 255] ?? 0) ^ (value >>> 8);
      tables[step * 256 + n] = value;
    }
  }
  return tables;
})();

/** Measured: at this length the native sum overtakes. */
const NATIVE_FROM = 448;

/** CRC-32 of bytes[start, end), continued from salt. view must be over the same bytes. */
export function checksum(bytes: Uint8Array, view: DataView, start: number, end: number, salt: number): number {
  if (end - start >= NATIVE_FROM) return crc32(bytes.subarray(start, end), salt);
  const t = TABLES;
  let c = ~salt;
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    const a = view.getInt32(i, true) ^ c;
    const b = view.getInt32(i + 4, true);
    c =
      (t[1792 + (a & 255)] as number) ^
      (t[1536 + ((a >>> 8) & 255)] as number) ^
      (t[1280 + ((a >>> 16) & 255)] as number) ^
      (t[1024 + (a >>> 24)] as number) ^
      (t[768 + (b & 255)] as number) ^
      (t[512 + ((b >>> 8) & 255)] as number) ^
      (t[256 + ((b >>> 16) & 255)] as number) ^
      (t[b >>> 24] as number);
  }
  for (; i < end; i += 1) c = (t[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  return ~c >>> 0;
}
