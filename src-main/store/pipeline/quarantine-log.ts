// What could not be read, in detail: bounded per minute of receive time, so that a broken venue cannot fill the disk. All is counted elsewhere.
import type { QuarantinedItem } from './outcome.ts';

const DETAILS_PER_MINUTE = 300;
const EXCERPT = 300;
const TEXT = new TextDecoder('utf-8');

export class QuarantineLog {
  #items: QuarantinedItem[] = [];
  #minute = 0;
  #details = 0;

  /** payload: the bytes start..end of a buffer; an excerpt is copied. */
  add(
    item: Omit<QuarantinedItem, 'bytes' | 'excerpt'>,
    payload: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
  ): void {
    const minute = Math.floor(item.recvUs / 60_000_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#details = 0;
    }
    this.#details += 1;
    if (this.#details > DETAILS_PER_MINUTE) return;
    const { bytes, start, end } = payload;
    this.#items.push({
      ...item,
      reason: item.reason.slice(0, EXCERPT),
      bytes: end - start,
      excerpt: TEXT.decode(bytes.subarray(start, Math.min(end, start + EXCERPT))),
    });
  }

  take(): QuarantinedItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
