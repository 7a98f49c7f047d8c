// What happened lately, out of the facts that are in the catalog anyway: nothing is written twice to be shown once.
// Promises: bounded work, however many gaps there are; the same entries under the same ids each time.
import type Database from 'better-sqlite3';
import type { LineLogEntry } from '../../../../src-shared/contract/lines.ts';
import type { Happening } from '../../../../src-shared/contract/live.ts';

/** Rows of each source that are looked at. */
const LOOK = 5000;
const LINE_LOOK = 2000;

interface GapGroup {
  venue: string;
  market: string;
  word: string;
  second: number;
  n: number;
  at_us: number;
  id: string;
  symbol: string;
}

export interface Happened {
  list(kinds: ReadonlySet<Happening['kind']>, limit: number): Happening[];
}

export function openHappened(database: Database.Database, linesOf: (limit: number) => LineLogEntry[]): Happened {
  const group = (time: 'opened_us' | 'closed_us', word: 'cause' | 'state'): string =>
    `SELECT venue, market, ${word} AS word, ${time} / 1000000 AS second, count(*) AS n, max(${time}) AS at_us, min(id) AS id, min(symbol) AS symbol
     FROM (SELECT * FROM gap WHERE ${time} IS NOT NULL ORDER BY ${time} DESC LIMIT ${LOOK})
     GROUP BY venue, market, ${word}, second ORDER BY at_us DESC LIMIT ?`;
  const opened = database.prepare<[number], GapGroup>(group('opened_us', 'cause'));
  const closed = database.prepare<[number], GapGroup>(group('closed_us', 'state'));
  const listings = database.prepare<
    [number],
    { id: string; coin: string; source: string; venue: string | null; title: string; at_us: number }
  >('SELECT id, coin, source, venue, title, detected_us AS at_us FROM listing ORDER BY detected_us DESC LIMIT ?');
  const extracts = database.prepare<
    [number],
    { job_id: string; coin: string; state: string; listing_id: string | null; at_us: number; note: string | null }
  >(
    `SELECT job_id, coin, state, listing_id, updated_us AS at_us, json_extract(job, '$.note') AS note FROM extract_job
     WHERE state IN ('done', 'failed', 'cancelled') ORDER BY updated_us DESC LIMIT ?`,
  );
  const ledger = database.prepare<[number], { no: number; kind: string; note: string; at_us: number }>(
    "SELECT no, kind, note, at_us FROM ledger WHERE kind <> 'repair' ORDER BY no DESC LIMIT ?",
  );

  const gaps = (limit: number): Happening[] => [
    ...opened.all(limit).map((row) => gapEntry(row, 'gap-opened', row.word)),
    ...closed.all(limit).flatMap((row) => {
      const what = ends[row.word];
      return what ? [gapEntry(row, what, '')] : [];
    }),
  ];

  const sources: Record<Happening['kind'], (limit: number) => Happening[]> = {
    line: () => lineEntries(linesOf(LINE_LOOK)).filter((entry) => entry.kind === 'line'),
    process: (limit) => [
      ...lineEntries(linesOf(LINE_LOOK)).filter((entry) => entry.kind === 'process'),
      ...ledger
        .all(LOOK)
        .flatMap((row) => (row.kind === 'process' ? [ledgerEntry(row)] : []))
        .slice(0, limit),
    ],
    gap: gaps,
    listing: (limit) =>
      listings.all(limit).map((row) => ({
        ...plain('listing', 'listing-seen', `listing ${row.id}`, row.at_us),
        subject: row.coin,
        note: row.title,
        ref: row.id,
      })),
    extract: (limit) =>
      extracts.all(limit).map((row) => ({
        ...plain('extract', extractEnds[row.state] ?? 'extract-done', `extract ${row.job_id}`, row.at_us),
        subject: row.coin,
        note: row.note ?? '',
        ref: row.listing_id,
      })),
    disk: (limit) => ledger.all(limit * 4).flatMap((row) => (row.kind === 'disk' ? [ledgerEntry(row)] : [])),
    note: (limit) =>
      ledger.all(limit).flatMap((row) => (row.kind === 'disk' || row.kind === 'process' ? [] : [ledgerEntry(row)])),
  };

  return {
    list: (kinds, limit) =>
      [...kinds]
        .flatMap((kind) => sources[kind](limit))
        .sort((a, b) => b.atUs - a.atUs || (a.id < b.id ? 1 : -1))
        .slice(0, limit),
  };
}

const ends: Readonly<Record<string, Happening['what']>> = {
  repaired: 'gap-repaired',
  partial: 'gap-partial',
  unrecoverable: 'gap-unrecoverable',
  'venue-hole': 'gap-venue-hole',
};

const extractEnds: Readonly<Record<string, Happening['what']>> = {
  done: 'extract-done',
  failed: 'extract-failed',
  cancelled: 'extract-cancelled',
};

function plain(kind: Happening['kind'], what: Happening['what'], id: string, atUs: number): Happening {
  return { id, atUs, kind, what, subject: '', count: 1, note: '', awayMs: null, ref: null };
}

function gapEntry(row: GapGroup, what: Happening['what'], note: string): Happening {
  const market = `${row.venue}:${row.market}`;
  return {
    ...plain('gap', what, `${what} ${market} ${row.word} ${row.second}`, row.at_us),
    subject: row.n === 1 ? `${market}:${row.symbol}` : market,
    count: row.n,
    note,
    ref: row.id,
  };
}

function ledgerEntry(row: { no: number; kind: string; note: string; at_us: number }): Happening {
  const kind = row.kind === 'disk' ? 'disk' : row.kind === 'process' ? 'process' : 'note';
  const what = kind === 'disk' ? 'disk' : kind === 'process' ? 'store-started' : 'note';
  return { ...plain(kind, what, `ledger ${row.no}`, row.at_us), note: row.note };
}

const recorderWords: Readonly<Partial<Record<LineLogEntry['kind'], Happening['what']>>> = {
  start: 'recorder-started',
  stop: 'recorder-stopped',
  halt: 'recorder-halted',
  resume: 'recorder-resumed',
  suspend: 'computer-slept',
  wake: 'computer-woke',
};

const lineWords: Readonly<Partial<Record<LineLogEntry['kind'], Happening['what']>>> = {
  'line-stopped': 'line-stopped',
  'line-started': 'line-started',
  behind: 'line-behind',
  refused: 'line-refused',
  lost: 'frames-lost',
};

/** What of the lives of lines is worth telling to somebody who watches the whole; newest first in, any order out. */
export function lineEntries(log: readonly LineLogEntry[]): Happening[] {
  const entries: Happening[] = [];
  const lostUs = new Map<string, number>();
  for (const entry of log.toReversed()) {
    const { line, kind, atUs, frame } = entry;
    if (line === null) {
      const what = recorderWords[kind];
      if (what) entries.push({ ...plain('process', what, `line ${frame}`, atUs), note: entry.note });
      // Their connections are not closed one by one: what follows is a beginning, not a recovery.
      if (kind === 'start') lostUs.clear();
      continue;
    }
    const own = (what: Happening['what']): Happening => ({
      ...plain('line', what, `line ${frame}`, atUs),
      subject: line,
      note: entry.note,
      count: Math.max(1, entry.count),
      ref: line,
    });
    if (kind === 'close') {
      if (entry.planned) {
        if (entry.note.startsWith('renewed')) entries.push(own('line-renewed'));
        continue;
      }
      // Tried again and again it was lost but once.
      if (!lostUs.has(line)) entries.push(own('line-lost'));
      lostUs.set(line, lostUs.get(line) ?? atUs);
      continue;
    }
    if (kind === 'acknowledged') {
      const since = lostUs.get(line);
      if (since === undefined) continue;
      lostUs.delete(line);
      entries.push({ ...own('line-back'), awayMs: (atUs - since) / 1000 });
      continue;
    }
    const what = lineWords[kind];
    if (what) entries.push(own(what));
  }
  return entries;
}
