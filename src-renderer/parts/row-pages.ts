// Rows that lie elsewhere, kept in pages: those in sight are fetched, the least lately seen are let go, so that memory has a bound whatever the table holds.
import type { Failure, Result } from '../../src-shared/base/result.ts';

export interface RowPages<Row> {
  /** The row, or undefined while its page is not here. */
  row(index: number): Row | undefined;
  /** Says what is in sight, and how many rows there are by now; fetches what is missing of it. */
  want(from: number, to: number, rows: number): void;
  /** Rows of any range, fetched where they are not here, in order; for copying. */
  read(from: number, to: number, rows: number): Promise<Result<Row[]>>;
  /** Why the last page that was asked for did not come; null: it did. */
  failure(): Failure | null;
  /** Asks again for what failed. */
  retry(): void;
  /** Grows by one with every page that came or went. */
  version(): number;
  subscribe(changed: () => void): () => void;
  close(): void;
}

export interface RowPagesOptions<Row> {
  readonly pageRows: number;
  /** Most pages that are kept. */
  readonly keep: number;
  fetch(offset: number, limit: number, signal: AbortSignal): Promise<Result<readonly Row[]>>;
}

/** At most so many pages are asked for at a time: a fling over the whole table must not queue thousands. */
const AT_ONCE = 3;
/** A page that comes short of the rows that are told of is asked for so often for one count of rows; after that only when more is wanted. */
const SHORT_TRIES = 3;

export function createRowPages<Row>(options: RowPagesOptions<Row>): RowPages<Row> {
  const { pageRows, keep } = options;
  /** By page; the order of the map is the order of use. */
  const pages = new Map<number, readonly Row[]>();
  const asked = new Map<number, AbortController>();
  /** Pages that came short: for which count of rows, and how often. */
  const shorts = new Map<number, { readonly rows: number; readonly times: number }>();
  const listeners = new Set<() => void>();
  let wanted = { from: 0, to: 0, rows: 0 };
  let failure: Failure | null = null;
  let version = 0;
  let closed = false;

  const tell = (): void => {
    version += 1;
    for (const listener of listeners) listener();
  };

  const pageOf = (row: number): number => Math.floor(row / pageRows);
  const rowsOf = (page: number, rows: number): number => Math.min(pageRows, rows - page * pageRows);
  /** A page that was read while the rest still came is whole only as far as it went. */
  const isWhole = (page: number, rows: number): boolean => {
    const have = pages.get(page);
    return have !== undefined && have.length >= rowsOf(page, rows);
  };

  const isSpent = (page: number): boolean => {
    const short = shorts.get(page);
    return short !== undefined && short.rows === wanted.rows && short.times >= SHORT_TRIES;
  };
  /** Counted against the rows that are told of now: a page that was asked for before they came is asked for anew. */
  const countShort = (page: number): void => {
    const { rows } = wanted;
    const old = shorts.get(page);
    shorts.set(page, { rows, times: old?.rows === rows ? old.times + 1 : 1 });
  };

  const touch = (page: number): void => {
    const rows = pages.get(page);
    if (!rows) return;
    pages.delete(page);
    pages.set(page, rows);
  };

  const trim = (): void => {
    for (const page of pages.keys()) {
      if (pages.size <= keep) break;
      pages.delete(page);
    }
  };

  const pump = (): void => {
    if (closed || failure || wanted.to <= wanted.from) return;
    const first = pageOf(wanted.from);
    const last = pageOf(wanted.to - 1);
    for (const [page, control] of asked) {
      if (page >= first && page <= last) continue;
      asked.delete(page);
      control.abort();
    }
    for (let page = first; page <= last; page += 1) {
      touch(page);
      if (asked.size >= AT_ONCE) return;
      if (!asked.has(page) && !isWhole(page, wanted.rows) && !isSpent(page)) ask(page);
    }
  };

  const ask = (page: number): void => {
    const control = new AbortController();
    asked.set(page, control);
    void options.fetch(page * pageRows, pageRows, control.signal).then((result) => {
      if (closed || asked.get(page) !== control) return;
      asked.delete(page);
      if (result.ok) {
        pages.delete(page);
        pages.set(page, result.value);
        if (isWhole(page, wanted.rows)) shorts.delete(page);
        else countShort(page);
        trim();
      } else failure = result.failure;
      tell();
      pump();
    });
  };

  return {
    row: (index) => pages.get(pageOf(index))?.[index % pageRows],
    want: (from, to, rows) => {
      wanted = { from, to: Math.min(to, rows), rows };
      shorts.clear();
      pump();
    },
    read: async (from, to, rows) => {
      const found: Row[] = [];
      const control = new AbortController();
      for (let page = pageOf(from); page <= pageOf(Math.max(from, to - 1)); page += 1) {
        let have = isWhole(page, rows) ? pages.get(page) : undefined;
        if (!have) {
          const result = await options.fetch(page * pageRows, pageRows, control.signal);
          if (!result.ok) return result;
          have = result.value;
        }
        const start = page * pageRows;
        for (const row of have.slice(Math.max(0, from - start), Math.max(0, to - start))) found.push(row);
      }
      return { ok: true, value: found };
    },
    failure: () => failure,
    retry: () => {
      failure = null;
      tell();
      pump();
    },
    version: () => version,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    close: () => {
      closed = true;
      for (const control of asked.values()) control.abort();
      asked.clear();
      shorts.clear();
      pages.clear();
    },
  };
}
