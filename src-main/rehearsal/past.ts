// What simulated venues printed into a data folder, kept there, so that venues that are started again on it know their past as real ones do.
// Promises: a trade is in a file before any client can learn of it; what was printed while these venues were away is nothing, as of a venue that
// halted; the files are bounded, and what they do not hold whole is forgotten, not denied.
import { closeSync, fdatasyncSync, readdirSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../../src-shared/base/result.ts';
import { makeFolderSync } from '../base/files.ts';
import { beginPastFile, closingRow, type PastHead, ROW_BYTES, readPastFile, writeAll } from './past-file.ts';
import type { SimulatedStream, Trade } from './stream.ts';
import type { MarketKey } from './venue.ts';
import { type KnownStreams, measureOf, type World } from './world.ts';

/** The trades that are kept lie in so many files, so that the oldest can go. */
const FILES = 8;
const BUFFER_ROWS = 4096;

type StreamHead = PastHead['streams'][number];

interface PastFile {
  readonly path: string;
  readonly head: PastHead;
  readonly rows: number;
  /** Rows of each stream of the head. */
  readonly counts: readonly number[];
}

/** How much of a stream's past is known: from `index` on, without a hole. */
interface Chain {
  readonly stream: SimulatedStream;
  index: number;
  extraSum: number;
  fromMs: number;
  broken: boolean;
  readonly files: Set<PastFile>;
}

export class Past implements KnownStreams {
  /** Since when all that was printed is known, wall clock ms. */
  sinceMs: number;
  /** Why nothing is kept any more; a later start begins without a past. */
  trouble: string | null = null;
  readonly #folder: string;
  readonly #keep: number;
  readonly #nowMs: () => number;
  /** Oldest first; the last one is written to once begin() was called. */
  readonly #files: PastFile[] = [];
  readonly #known = new Map<string, StreamHead>();
  readonly #places = new Map<SimulatedStream, number>();
  readonly #rows = Buffer.alloc(BUFFER_ROWS * ROW_BYTES);
  #next = 1;
  #fd = -1;
  #used = 0;
  #written = 0;

  /** Reads what the folder holds; keeps about so many trades in it. */
  constructor(folder: string, keepTrades: number, nowMs: () => number) {
    this.#folder = folder;
    this.#keep = keepTrades;
    this.#nowMs = nowMs;
    this.sinceMs = nowMs();
    try {
      makeFolderSync(folder, 0o700);
      this.#read();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  firstIdOf(market: MarketKey, symbol: string, measure: string): number | undefined {
    const known = this.#known.get(`${market} ${symbol}`);
    return known?.measure === measure ? known.firstId : undefined;
  }

  /** Gives the world's streams their past and begins to keep what is printed from now on. How many trades they know. */
  restore(world: World): number {
    for (const { market, symbol, base, quote, priceInQuote, ratePerSecond } of this.#known.values()) {
      // Opened by a listing of an earlier run: a venue keeps what it has opened.
      if (!world.stream(market, symbol) && world.coins.has(base))
        world.open(market, base, quote, priceInQuote, ratePerSecond, 0);
    }
    const chains = this.#chains(world);
    let restored = 0;
    for (const chain of chains) chain.stream.tape.continueFrom(chain.index, chain.extraSum);
    const used = this.#files.filter((file) => chains.some((chain) => chain.files.has(file)));
    for (const file of used) restored += this.#fill(file, chains);
    for (const { stream } of chains) stream.priceTicks = stream.tape.last()?.priceTicks ?? stream.priceTicks;
    const [oldest] = used;
    const isWhole = this.#files.every(({ head }) =>
      head.streams.every((one) => {
        const stream = world.stream(one.market, one.symbol);
        return stream === undefined || stream.firstId === one.firstId;
      }),
    );
    // A stream that began in a file printed nothing before; of one that had printed, the rest is not known.
    if (oldest && isWhole)
      this.sinceMs = chains.reduce(
        (since, chain) => (chain.index > 0 ? Math.max(since, chain.fromMs) : since),
        oldest.head.fromMs,
      );
    this.begin(world);
    return restored;
  }

  #chains(world: World): Chain[] {
    const newest = this.#files.at(-1);
    const chains = world.streams.flatMap((stream): Chain[] => {
      const known = this.#known.get(`${stream.market} ${stream.symbol}`);
      if (!newest || known?.firstId !== stream.firstId) return [];
      const count = newest.counts[newest.head.streams.indexOf(known)] ?? 0;
      const end = { index: known.index + count, extraSum: 0, fromMs: 0 };
      return [{ stream, ...end, broken: false, files: new Set() }];
    });
    let rows = 0;
    for (const file of this.#files.toReversed()) {
      if (rows >= this.#keep) break;
      rows += file.rows;
      const heads = new Map(file.head.streams.map((one, place) => [`${one.market} ${one.symbol}`, { one, place }]));
      for (const chain of chains) {
        if (chain.broken) continue;
        const found = heads.get(`${chain.stream.market} ${chain.stream.symbol}`);
        const count = found ? (file.counts[found.place] ?? 0) : 0;
        if (found?.one.firstId !== chain.stream.firstId || found.one.index + count !== chain.index) {
          chain.broken = true;
          continue;
        }
        chain.index = found.one.index;
        chain.extraSum = found.one.extraSum;
        chain.fromMs = file.head.fromMs;
        chain.files.add(file);
      }
    }
    return chains;
  }

  #fill(file: PastFile, chains: readonly Chain[]): number {
    const found = readPastFile(file.path);
    if (!found) return 0;
    const { rows } = found;
    const own = new Map(
      chains
        .filter((chain) => chain.files.has(file))
        .map(({ stream }) => [`${stream.market} ${stream.symbol}`, stream.tape]),
    );
    const tapes = file.head.streams.map((one) => own.get(`${one.market} ${one.symbol}`));
    let restored = 0;
    for (let at = 0; at < file.rows; at += 1) {
      const tape = tapes[rows.stream(at)];
      if (!tape) continue;
      tape.append(rows.ms(at), rows.priceTicks(at), rows.lots(at), rows.extra(at), rows.sell(at));
      restored += 1;
    }
    return restored;
  }

  /** Goes on in a further file: at the start, when a stream was opened, and when one is full. The oldest ones go. */
  begin(world: World): void {
    this.flush();
    if (this.trouble !== null) return;
    try {
      const head = { version: 1, fromMs: Math.floor(this.#nowMs()), streams: world.streams.map(headOf) } as const;
      const path = join(this.#folder, nameOf(this.#next));
      const fd = beginPastFile(path, head);
      this.#next += 1;
      this.#endFile();
      this.#fd = fd;
      this.#written = 0;
      this.#places.clear();
      world.streams.forEach((stream, place) => {
        this.#places.set(stream, place);
      });
      this.#files.push({ path, head, rows: 0, counts: [] });
      this.#prune();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** A trade was printed; its tape holds it. In a file by the next flush(). */
  note(stream: SimulatedStream, trade: Trade): void {
    const place = this.#places.get(stream);
    if (this.#fd < 0 || place === undefined) return;
    const at = this.#used;
    const rows = this.#rows;
    rows.writeDoubleLE(trade.ms, at);
    rows.writeUInt32LE(trade.priceTicks, at + 8);
    rows.writeUInt32LE(trade.lots, at + 12);
    rows.writeUInt16LE(trade.extra, at + 16);
    rows.writeUInt16LE(place, at + 18);
    rows[at + 20] = trade.sell ? 1 : 0;
    this.#used = at + ROW_BYTES;
    if (this.#used === rows.length) this.flush();
  }

  /** Writes what was noted. To be called before anybody is told of it. */
  readonly flush = (): void => {
    if (this.#used === 0) return;
    const rows = this.#rows.subarray(0, this.#used);
    this.#used = 0;
    if (this.#fd < 0) return;
    try {
      writeAll(this.#fd, rows);
      this.#written += rows.length / ROW_BYTES;
    } catch (error) {
      this.#giveUp(error);
    }
  };

  /** The file that is written to has its share of the trades: begin() a further one. */
  get isFull(): boolean {
    return this.#written >= this.#keep / FILES;
  }

  close(): void {
    this.flush();
    if (this.#fd < 0) return;
    try {
      writeAll(this.#fd, closingRow());
      fdatasyncSync(this.#fd);
    } catch (error) {
      this.#giveUp(error);
    }
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #read(): void {
    let endsClosed = false;
    let changedMs = 0;
    for (const name of readdirSync(this.#folder).sort()) {
      const number = Number(/^past-(\d{10})$/.exec(name)?.[1] ?? 0);
      if (number === 0) continue;
      this.#next = number + 1;
      const path = join(this.#folder, name);
      const found = readPastFile(path);
      if (!found) continue;
      const { head, rows } = found;
      const counts = head.streams.map(() => 0);
      for (let at = 0; at < rows.count; at += 1) counts[rows.stream(at)]! += 1;
      this.#files.push({ path, head, rows: rows.count, counts });
      endsClosed = rows.closed;
      changedMs = statSync(path).mtimeMs;
    }
    // The machine went down under them: what was sent last may never have reached the disk. What is not known whole is forgotten.
    if (!endsClosed && changedMs < Date.now() - uptime() * 1000) this.#forget();
    for (const one of this.#files.at(-1)?.head.streams ?? []) this.#known.set(`${one.market} ${one.symbol}`, one);
  }

  #prune(): void {
    let rows = 0;
    const kept = this.#files.findLastIndex((file) => {
      const isEnough = rows >= this.#keep;
      rows += file.rows;
      return isEnough;
    });
    for (const { path } of this.#files.splice(0, kept + 1)) rmSync(path, { force: true });
  }

  /** What the file that ends holds is known by its count alone from now on. */
  #endFile(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    const last = this.#files.pop();
    if (last) this.#files.push({ ...last, rows: this.#written });
  }

  #giveUp(error: unknown): void {
    this.trouble ??= `${this.#folder}: ${reasonOf(error)}`;
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    this.#used = 0;
    try {
      this.#forget();
    } catch (another) {
      this.trouble = `${this.trouble}; nor can it be removed: ${reasonOf(another)}`;
    }
  }

  /** A past that is not whole would deny trades that were printed. */
  #forget(): void {
    this.#files.length = 0;
    this.#known.clear();
    rmSync(this.#folder, { recursive: true, force: true });
    if (this.trouble === null) makeFolderSync(this.#folder, 0o700);
  }
}

function nameOf(number: number): string {
  return `past-${String(number).padStart(10, '0')}`;
}

function headOf(stream: SimulatedStream): StreamHead {
  const { market, symbol, base, quote, priceInQuote, ratePerSecond, firstId, tape } = stream;
  const measure = measureOf(stream);
  const told = { market, symbol, base, quote, priceInQuote, ratePerSecond, measure, firstId };
  return { ...told, index: tape.length, extraSum: tape.extraSum };
}
