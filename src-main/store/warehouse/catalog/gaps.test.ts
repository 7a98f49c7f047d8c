// The list of gaps in pages: each gap once, in one order, with and without a deadline, and by id.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openCatalog } from '../catalog.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-gap-pages-'));
const catalog = openCatalog(dir);
afterAll(() => {
  catalog.close();
  rmSync(dir, { recursive: true, force: true });
});

const key = { venue: 'upbit', market: 'spot', symbol: 'KRW-BTC', channel: 'trade' } as const;

test('pages follow each other without a hole and without a gap twice, with and without a deadline', () => {
  catalog.streams.put([{ no: 1, ...key }], 0);
  // Deadlines and begins that are equal now and then: only the id tells such gaps apart.
  const facts = Array.from({ length: 57 }, (_, n) => ({
    id: `gap-${String((n * 37) % 57)}`,
    stream: 1,
    key,
    state: null,
    cause: 'disconnect' as const,
    fromUs: 1_790_000_000_000_000 + (n % 5),
    toUs: 1_790_000_000_900_000,
    fromId: null,
    toId: null,
    deadlineUs: n % 3 === 0 ? null : 1_790_000_600_000_000 + (n % 4),
    evidence: null,
    openedUs: 1_790_000_000_900_000,
    closedUs: null,
    frame: n + 1,
  }));
  catalog.gaps.apply(facts);
  const whole = catalog.gaps.list().map(({ id }) => id);
  expect(new Set(whole).size).toBe(57);
  const paged: string[] = [];
  for (let page = catalog.gaps.list({ limit: 10 }); page.length > 0; ) {
    paged.push(...page.map(({ id }) => id));
    page = catalog.gaps.list({ limit: 10, after: page.at(-1) });
  }
  expect(paged).toEqual(whole);
});

test('the gaps of a window’s own streams are all there, however many of other streams end earlier', () => {
  const own = { venue: 'kucoin', market: 'perp', symbol: 'SOLUSDTM', channel: 'execution' } as const;
  const other = { venue: 'bybit', market: 'spot', symbol: 'SOLUSDT', channel: 'publicTrade' } as const;
  const at = 1_795_000_000_000_000;
  const fact = (
    id: string,
    key: typeof own | (Omit<typeof other, 'symbol'> & { symbol: string }),
    deadlineUs: number | null,
  ) => ({
    id,
    stream: 2,
    key,
    state: null,
    cause: 'disconnect' as const,
    fromUs: at,
    toUs: at + 1000,
    fromId: null,
    toId: null,
    deadlineUs,
    evidence: null,
    openedUs: at,
    closedUs: null,
    frame: 1000,
  });
  const busy = Array.from({ length: 1200 }, (_, n) => fact(`busy-${n}`, { ...other, symbol: `C${n}USDT` }, at + n));
  catalog.gaps.apply([...busy, fact('own', own, null), fact('other', other, at)]);
  const listed = (limit: number, states?: readonly ['repaired']) =>
    catalog.gaps.list({ fromUs: at, toUs: at + 1, streams: [own, other], limit, states }).map(({ id }) => id);
  expect(listed(10)).toEqual(['other', 'own']);
  expect(listed(10, ['repaired'])).toEqual([]);
  expect(listed(1)).toEqual(['other']);
});

test('by id a gap whose deadline moves between two pages is neither missed nor told twice', () => {
  const first = catalog.gaps.list({ order: 'id', limit: 30 });
  catalog.gaps.redate(1, 1);
  const rest = catalog.gaps.list({ order: 'id', after: first.at(-1) });
  const ids = [...first, ...rest].map(({ id }) => id);
  expect(ids).toEqual(catalog.gaps.list({ order: 'id' }).map(({ id }) => id));
  expect(ids.length).toBeGreaterThan(30);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a gap that is named is found, however many come before it', () => {
  const last = catalog.gaps.list().at(-1)?.id ?? '';
  expect(catalog.gaps.list({ limit: 5 }).map(({ id }) => id)).not.toContain(last);
  expect(catalog.gaps.list({ limit: 5, ids: [last, 'none'] }).map(({ id }) => id)).toEqual([last]);
});
