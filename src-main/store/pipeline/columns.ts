// Ticks of one batch as columns of typed arrays, the shape in which they go into the warehouse. Preallocated, reused, never cleared by value.
// Promises: 64-bit values are written from safe JS numbers as two 32-bit halves, so no digit is rounded and no object is made.

/** Texts of a column that is null nearly everywhere, in ascending row order. */
export interface SparseTexts {
  rows: number[];
  texts: string[];
}

/** Texts of a column as UTF-8 side by side, in ascending row order: one that is text nearly everywhere makes no string per row. */
export class PackedTexts {
  count = 0;
  rows = new Int32Array(64);
  /** Where a text ends; it begins where the one before ends. */
  ends = new Int32Array(64);
  bytes = new Uint8Array(2048);

  clear(): void {
    this.count = 0;
  }

  /** The text is the first `length` bytes. */
  put(row: number, text: Uint8Array, length: number): void {
    const { count } = this;
    if (count === this.rows.length) {
      this.rows = widened(this.rows);
      this.ends = widened(this.ends);
    }
    const from = this.beginOf(count);
    while (from + length > this.bytes.length) {
      const bytes = new Uint8Array(this.bytes.length * 2);
      bytes.set(this.bytes);
      this.bytes = bytes;
    }
    const { bytes } = this;
    for (let at = 0; at < length; at += 1) bytes[from + at] = text[at] as number;
    this.rows[count] = row;
    this.ends[count] = from + length;
    this.count = count + 1;
  }

  beginOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  /** The text of a row; undefined: it has none. */
  textOf(row: number): string | undefined {
    const index = this.rows.subarray(0, this.count).indexOf(row);
    if (index < 0) return undefined;
    return Buffer.from(this.bytes.buffer).toString('utf8', this.beginOf(index), this.ends[index]);
  }

  /** Rows get new numbers by `place`, in the same order; those below 0 go. */
  move(place: Int32Array): void {
    let kept = 0;
    let end = 0;
    for (let index = 0; index < this.count; index += 1) {
      const from = this.beginOf(index);
      const to = this.ends[index] as number;
      const row = place[this.rows[index] as number] as number;
      if (row < 0) continue;
      this.bytes.copyWithin(end, from, to);
      end += to - from;
      this.rows[kept] = row;
      this.ends[kept] = end;
      kept += 1;
    }
    this.count = kept;
  }
}

function widened(old: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(old.length * 2);
  wider.set(old);
  return wider;
}

const HIGH = 4_294_967_296;
const BILLION = 1_000_000_000;

export class TickColumns {
  capacity: number;
  rows = 0;
  stream: Int32Array<ArrayBuffer>;
  id: Int32Array<ArrayBuffer>;
  /** A bit per row: 1 = the id is a number. Given to the warehouse only when idTexts says that some are not. */
  idValidity: Uint32Array<ArrayBuffer>;
  price: Int32Array<ArrayBuffer>;
  priceScale: Uint8Array<ArrayBuffer>;
  qty: Int32Array<ArrayBuffer>;
  qtyScale: Uint8Array<ArrayBuffer>;
  side: Uint8Array<ArrayBuffer>;
  eventUs: Int32Array<ArrayBuffer>;
  recvUs: Int32Array<ArrayBuffer>;
  origin: Uint8Array<ArrayBuffer>;
  lines: Uint32Array<ArrayBuffer>;
  frame: Int32Array<ArrayBuffer>;
  flags: Uint32Array<ArrayBuffer>;
  readonly idTexts = new PackedTexts();
  priceTexts: SparseTexts = { rows: [], texts: [] };
  qtyTexts: SparseTexts = { rows: [], texts: [] };

  constructor(capacity = 65_536) {
    this.capacity = Math.ceil(capacity / 64) * 64;
    this.stream = new Int32Array(this.capacity);
    this.id = new Int32Array(this.capacity * 2);
    this.idValidity = new Uint32Array(this.capacity / 32).fill(0xffff_ffff);
    this.price = new Int32Array(this.capacity * 2);
    this.priceScale = new Uint8Array(this.capacity);
    this.qty = new Int32Array(this.capacity * 2);
    this.qtyScale = new Uint8Array(this.capacity);
    this.side = new Uint8Array(this.capacity);
    this.eventUs = new Int32Array(this.capacity * 2);
    this.recvUs = new Int32Array(this.capacity * 2);
    this.origin = new Uint8Array(this.capacity);
    this.lines = new Uint32Array(this.capacity);
    this.frame = new Int32Array(this.capacity * 2);
    this.flags = new Uint32Array(this.capacity);
  }

  clear(): void {
    this.rows = 0;
    if (this.idTexts.count > 0) this.idValidity.fill(0xffff_ffff);
    this.idTexts.clear();
    for (const texts of [this.priceTexts, this.qtyTexts]) {
      texts.rows.length = 0;
      texts.texts.length = 0;
    }
  }

  /** Room for one more row; a frame may hold more rows than any batch was planned for. */
  grow(): void {
    const bigger = new TickColumns(this.capacity * 2);
    for (const name of NUMBERS) bigger[name].set(this[name] as never);
    bigger.idValidity.set(this.idValidity);
    for (const name of NUMBERS) (this[name] as Numbers) = bigger[name];
    this.idValidity = bigger.idValidity;
    this.capacity = bigger.capacity;
  }

  /** The row's id is a text: the first `length` bytes. */
  putIdText(row: number, text: Uint8Array, length: number): void {
    this.idTexts.put(row, text, length);
    this.idValidity[row >>> 5] = (this.idValidity[row >>> 5] as number) & ~(1 << (row & 31));
  }

  /** Takes rows out (ascending numbers); the others keep their order. */
  remove(gone: readonly number[]): void {
    if (gone.length === 0) return;
    const left = new Set(gone);
    const place = new Int32Array(this.rows);
    let rows = 0;
    for (let row = 0; row < this.rows; row += 1) {
      place[row] = left.has(row) ? -1 : rows++;
      const to = place[row] as number;
      if (to < 0 || to === row) continue;
      for (const name of NUMBERS) {
        const column = this[name];
        if (WIDE.has(name)) {
          column[to * 2] = column[row * 2] as number;
          column[to * 2 + 1] = column[row * 2 + 1] as number;
        } else column[to] = column[row] as number;
      }
    }
    this.rows = rows;
    this.idTexts.move(place);
    for (const texts of [this.priceTexts, this.qtyTexts]) {
      const kept = texts.rows.flatMap((row, index) =>
        (place[row] as number) < 0 ? [] : [{ row: place[row] as number, text: texts.texts[index] as string }],
      );
      texts.rows = kept.map((entry) => entry.row);
      texts.texts = kept.map((entry) => entry.text);
    }
    this.idValidity.fill(0xffff_ffff);
    for (const row of this.idTexts.rows.subarray(0, this.idTexts.count)) {
      this.idValidity[row >>> 5] = (this.idValidity[row >>> 5] as number) & ~(1 << (row & 31));
    }
  }
}

type Numbers = Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
type Name =
  | 'stream'
  | 'id'
  | 'price'
  | 'priceScale'
  | 'qty'
  | 'qtyScale'
  | 'side'
  | 'eventUs'
  | 'recvUs'
  | 'origin'
  | 'lines'
  | 'frame'
  | 'flags';

const WIDE: ReadonlySet<string> = new Set(['id', 'price', 'qty', 'eventUs', 'recvUs', 'frame']);
const NUMBERS: readonly Name[] = [
  'stream',
  'id',
  'price',
  'priceScale',
  'qty',
  'qtyScale',
  'side',
  'eventUs',
  'recvUs',
  'origin',
  'lines',
  'frame',
  'flags',
];

/** Writes a safe whole number as a little-endian 64-bit integer. */
export function putWide(column: Int32Array, row: number, value: number): void {
  const high = Math.floor(value / HIGH);
  column[row * 2] = value - high * HIGH;
  column[row * 2 + 1] = high;
}

/** The same for an integer of at most 18 digits, given as what lies above and below a billion. */
export function putBillions(column: Int32Array, row: number, billions: number, below: number): void {
  // 16 bits of the billions at a time: no product exceeds 2^53.
  const upper = Math.floor(billions / 0x1_0000) * BILLION;
  const lower = (billions & 0xffff) * BILLION + below;
  const low = (upper % 0x1_0000) * 0x1_0000 + lower;
  const carry = Math.floor(low / HIGH);
  column[row * 2] = low - carry * HIGH;
  column[row * 2 + 1] = Math.floor(upper / 0x1_0000) + carry;
}

export function getWide(column: Int32Array, row: number): number {
  return (column[row * 2 + 1] as number) * HIGH + ((column[row * 2] as number) >>> 0);
}

export function getBig(column: Int32Array, row: number): bigint {
  return (BigInt(column[row * 2 + 1] as number) << 32n) | BigInt((column[row * 2] as number) >>> 0);
}

/** Lines that saw a tick after its batch was committed. */
export class SightingColumns {
  readonly ids: { stream: number; id: bigint | null; idText: string | null; lines: number }[] = [];

  clear(): void {
    this.ids.length = 0;
  }
}
