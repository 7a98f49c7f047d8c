// The life of lines must be the same after any crash, and what is told of it must not be a flood.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lineEntries } from './warehouse/catalog/happened.ts';
import type { LineLogFact } from './warehouse/catalog/line-log.ts';
import { type Catalog, openCatalog } from './warehouse/catalog.ts';

const T0 = 1_790_000_000_000_000;
let dir: string;
let catalog: Catalog;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'line-log-'));
  catalog = openCatalog(dir);
});
afterEach(() => {
  catalog.close();
  rmSync(dir, { recursive: true, force: true });
});

function fact(frame: number, seconds: number, kind: LineLogFact['kind'], more: Partial<LineLogFact> = {}): LineLogFact {
  return {
    frame,
    atUs: T0 + seconds * 1_000_000,
    line: 'upbit:spot:0',
    venue: 'upbit',
    market: 'spot',
    kind,
    connection: 1,
    count: 0,
    planned: false,
    note: '',
    ...more,
  };
}

const life: readonly LineLogFact[] = [
  fact(1, 0, 'start', { line: null, venue: null, market: null, connection: null, planned: true }),
  fact(2, 0, 'wanted', { count: 3, connection: null }),
  fact(3, 0.1, 'open', { note: 'wss://venue' }),
  fact(4, 0.2, 'acknowledged', { count: 2 }),
  fact(5, 0.3, 'acknowledged', { count: 1 }),
  fact(9, 1, 'refused', { count: 1, note: 'KRW-X: unknown' }),
  fact(12, 61, 'refused', { count: 1, note: 'KRW-X: unknown' }),
  fact(20, 70, 'close', { note: 'no frame for 15000 ms' }),
  fact(21, 71, 'open', { connection: 2, note: 'wss://venue' }),
  fact(22, 72, 'acknowledged', { connection: 2, count: 3 }),
];

describe('the line log', () => {
  test.each([1, 2, 3, 10])(
    'is the same whatever the batches and however often they are repeated (%i at a time)',
    (size) => {
      for (let at = 0; at < life.length; at += size) catalog.lineLog.put(life.slice(at, at + size));
      // A crash: some batches come again, cut elsewhere.
      for (let from = 0; from < life.length; from += 1) catalog.lineLog.put(life.slice(from));
      const log = catalog.lineLog.of('upbit:spot:0', undefined, 100);
      expect(log.map(({ kind, count }) => `${kind} ${count}`)).toEqual([
        'acknowledged 3',
        'open 0',
        'close 0',
        'refused 1',
        'acknowledged 3',
        'open 0',
        'wanted 3',
        'start 0',
      ]);
      expect(log[3]).toMatchObject({ atUs: T0 + 1_000_000, lastUs: T0 + 61_000_000 });
      expect(catalog.lineLog.of('upbit:spot:0', 9, 2).map(({ kind }) => kind)).toEqual(['acknowledged', 'open']);
      expect(catalog.lineLog.of('upbit:spot:1', undefined, 10).map(({ kind }) => kind)).toEqual(['start']);
    },
  );

  test('what happened names the loss once and the way back with how long it took', () => {
    const log = [
      ...life.slice(0, 8),
      fact(23, 70.5, 'close', { connection: 2, note: 'refused' }),
      fact(24, 72, 'acknowledged', { connection: 3, count: 3 }),
      fact(30, 80, 'close', { connection: 3, planned: true, note: 'renewed: age' }),
    ].map(({ venue: _, market: __, ...entry }) => ({ ...entry, lastUs: entry.atUs }));
    const told = lineEntries(log.toReversed());
    expect(told.map(({ what }) => what)).toEqual([
      'recorder-started',
      'line-refused',
      'line-refused',
      'line-lost',
      'line-back',
      'line-renewed',
    ]);
    expect(told.find(({ what }) => what === 'line-back')?.awayMs).toBe(2000);
  });
});

describe('what happened', () => {
  test('gaps of one market, cause and second are one entry, and the catalog gives them newest first', () => {
    catalog.streams.put(
      [1, 2, 3].map((no) => ({ no, venue: 'upbit', market: 'spot', symbol: `KRW-${no}`, channel: 'trade' })),
      T0,
    );
    catalog.gaps.apply(
      [1, 2, 3].map((no) => ({
        id: `${no}-gap`,
        stream: no,
        key: { venue: 'upbit', market: 'spot', symbol: `KRW-${no}`, channel: 'trade' },
        state: 'open' as const,
        cause: 'disconnect' as const,
        fromUs: T0,
        toUs: T0 + 5,
        fromId: null,
        toId: null,
        deadlineUs: null,
        evidence: null,
        openedUs: T0 + (no === 3 ? 5_000_000 : 0),
        closedUs: null,
        frame: no,
      })),
    );
    catalog.lineLog.put(life);
    const gaps = catalog.happened.list(new Set(['gap']), 10);
    expect(gaps.map(({ subject, count, note }) => ({ subject, count, note }))).toEqual([
      { subject: 'upbit:spot:KRW-3', count: 1, note: 'disconnect' },
      { subject: 'upbit:spot', count: 2, note: 'disconnect' },
    ]);
    const all = catalog.happened.list(new Set(['gap', 'line', 'process']), 3);
    expect(all.map(({ what }) => what)).toEqual(['line-back', 'line-lost', 'gap-opened']);
  });
});
