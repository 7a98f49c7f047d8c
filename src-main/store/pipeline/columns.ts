// Ticks of one batch as columns of typed arrays, the shape in which they go into the warehouse. Preallocated, reused, never cleared by value.
// Promises: 64-bit values are written from safe JS numbers as two 32-bit halves, so no digit is rounded and no object is made.

/** Texts of a column that is null nearly everywhere, in ascending row order. */
export interface SparseTexts {
  rows: number[];
  texts: string[];
}

const HIGH = 4_294_967_296;

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
  idTexts: SparseTexts = { rows: [], texts: [] };
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
    if (this.idTexts.rows.length > 0) this.idValidity.fill(0xffff_ffff);
    for (const texts of [this.idTexts, this.priceTexts, this.qtyTexts]) {
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

  /** Marks that the row's id is a text. */
  putIdText(row: number, text: string): void {
    this.idTexts.rows.push(row);
    this.idTexts.texts.push(text);
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
    for (const texts of [this.idTexts, this.priceTexts, this.qtyTexts]) {
      const kept = texts.rows.flatMap((row, index) =>
        (place[row] as number) < 0 ? [] : [{ row: place[row] as number, text: texts.texts[index] as string }],
      );
      texts.rows = kept.map((entry) => entry.row);
      texts.texts = kept.map((entry) => entry.text);
    }
    this.idValidity.fill(0xffff_ffff);
    for (const row of this.idTexts.rows) {
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

/** The same for an integer beyond 2^53 that fits 64 bits. */
export function putBig(column: Int32Array, row: number, value: bigint): void {
  column[row * 2] = Number(BigInt.asIntN(32, value));
  column[row * 2 + 1] = Number(BigInt.asIntN(32, value >> 32n));
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
