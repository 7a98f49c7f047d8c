// What the venues list and announce, over time and replays: an instrument that ends in silence, or one event told as three, misleads an operator.
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOUR_US } from '../../../../src-shared/base/time.ts';
import type { Instrument } from '../../../../src-shared/market/instrument.ts';
import type { Listing } from '../../../../src-shared/market/listing.ts';
import { type Catalog, catalogFile, openCatalog } from '../catalog.ts';
import type { ListPlace } from './instruments.ts';
import { migrate, migrationsFolder } from './migrate.ts';

const T0 = 1_790_000_000_000_000;
let folder = '';
let catalog: Catalog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-facts-'));
  catalog = openCatalog(folder);
});

afterEach(() => {
  catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

function instrument(symbol: string, more: Partial<Instrument> = {}): Instrument {
  return {
    venue: 'okx',
    market: 'spot',
    symbol,
    base: symbol.slice(0, 3),
    quote: 'USDT',
    contractSize: '1',
    state: 'trading',
    listedUs: null,
    ...more,
  };
}

describe('instruments', () => {
  const [A, B, C] = ['AAA', 'BBB', 'CCC'].map((symbol) => instrument(symbol)) as [Instrument, Instrument, Instrument];
  const whole = (frame: number, list: readonly Instrument[], beforeUs: number | null): ListPlace => ({
    frame,
    whole: list.map((one) => one.symbol),
    beforeUs,
  });
  const states = () => Object.fromEntries(catalog.instruments.list().map((one) => [one.symbol, one.state]));

  test('the first list brings nothing new; later ones do, once, and what they lack has ended', () => {
    expect(catalog.instruments.put([A, B], T0, whole(1, [A, B], null))).toEqual([]);
    const next = [B, C];
    expect(catalog.instruments.put(next, T0 + 60, whole(2, next, T0 + 30))).toEqual([C]);
    expect(states()).toEqual({ AAA: 'ended', BBB: 'trading', CCC: 'trading' });
    expect(catalog.instruments.list({ symbol: 'CCC' })[0]).toMatchObject({ firstSeenUs: T0 + 60, absentUs: T0 + 30 });
    // A replay of either changes nothing.
    expect(catalog.instruments.put([A, B], T0, whole(1, [A, B], null))).toEqual([]);
    expect(catalog.instruments.put(next, T0 + 60, whole(2, next, T0 + 30))).toEqual([]);
    expect(states()).toEqual({ AAA: 'ended', BBB: 'trading', CCC: 'trading' });
    // It comes back: not new, and its story tells both.
    expect(catalog.instruments.put([A, B, C], T0 + 90, whole(3, [A, B, C], T0 + 60))).toEqual([]);
    expect(catalog.instruments.history({ symbol: 'AAA' }).map((one) => [one.seenUs, one.state])).toEqual([
      [T0, 'trading'],
      [T0 + 60, 'ended'],
      [T0 + 90, 'trading'],
    ]);
    expect(catalog.instruments.wholeUs('okx', 'spot')).toBe(T0 + 90);
  });

  test('a page is no whole list: nothing ends by it, and the first list’s later pages are not new', () => {
    catalog.instruments.put([A], T0, { frame: 1, whole: null, beforeUs: null });
    expect(catalog.instruments.put([B], T0 + 1, { frame: 2, whole: ['AAA', 'BBB'], beforeUs: null })).toEqual([]);
    catalog.instruments.put([C], T0 + 60, { frame: 3, whole: null, beforeUs: T0 + 1 });
    expect(states()).toEqual({ AAA: 'trading', BBB: 'trading', CCC: 'trading' });
    catalog.instruments.put([A], T0 + 61, { frame: 4, whole: ['CCC', 'AAA'], beforeUs: T0 + 1 });
    expect(states()).toEqual({ AAA: 'trading', BBB: 'ended', CCC: 'trading' });
  });

  test('changes of state and size are kept; a market that is announced opens when it trades', () => {
    const pre = instrument('NEW', { state: 'pre-launch', contractSize: '1' });
    catalog.instruments.put([A], T0, whole(1, [A], null));
    catalog.instruments.put([A, pre], T0 + 10, whole(2, [A, pre], T0 + 5));
    const open = { ...pre, state: 'trading' as const };
    catalog.instruments.put([A, open], T0 + 100, whole(3, [A, open], T0 + 95));
    const halted = { ...open, state: 'halted' as const };
    catalog.instruments.put([A, halted], T0 + 200, whole(4, [A, halted], T0 + 195));
    const bigger = { ...open, contractSize: '10' };
    catalog.instruments.put([A, bigger], T0 + 300, whole(5, [A, bigger], T0 + 295));
    expect(catalog.instruments.history({ symbol: 'NEW' }).map((one) => [one.state, one.contractSize])).toEqual([
      ['pre-launch', '1'],
      ['trading', '1'],
      ['halted', '1'],
      ['trading', '10'],
    ]);
    expect(catalog.instruments.list({ symbol: 'NEW' })[0]?.absentUs).toBe(T0 + 95);
    expect(catalog.instruments.resized()).toMatchObject([{ symbol: 'NEW', seenUs: T0 + 300 }]);
    // A size that was not told for a while is no other one.
    const untold = { ...A, contractSize: null };
    catalog.instruments.put([untold, bigger], T0 + 400, whole(6, [untold, bigger], T0 + 395));
    catalog.instruments.put([A, bigger], T0 + 500, whole(7, [A, bigger], T0 + 495));
    expect(catalog.instruments.resized()).toHaveLength(1);
  });
});

describe('listings', () => {
  const notice = (id: string, publishedUs: number, more: Partial<Listing> = {}): Listing => ({
    id,
    coin: 'POD',
    source: 'notice',
    venue: 'upbit',
    title: `notice ${id}`,
    url: null,
    publishedUs,
    detectedUs: publishedUs + 2_000_000,
    quotes: ['KRW'],
    ...more,
  });
  const sight = (venue: Listing['venue'], detectedUs: number, more: Partial<Listing> = {}): Listing => ({
    ...notice(`instrument:${venue}:spot:POD`, detectedUs),
    source: 'instrument',
    venue,
    market: 'spot',
    detectedUs,
    quotes: ['USDT'],
    ...more,
  });

  test('a notice and the markets that open after it, on several venues, are one event under one name', () => {
    expect(catalog.listings.put(notice('n1', T0))).toEqual({ id: 'n1', fresh: true, moved: false });
    expect(catalog.listings.put(sight('okx', T0 + HOUR_US))).toEqual({ id: 'n1', fresh: false, moved: false });
    expect(catalog.listings.put(sight('upbit', T0 + 90 * HOUR_US))).toEqual({ id: 'n1', fresh: false, moved: false });
    expect(catalog.listings.put(sight('bybit', T0 + 200 * HOUR_US))).toMatchObject({ fresh: true });
    expect(catalog.listings.list(10).map((one) => [one.id, one.sources?.length])).toEqual([
      ['instrument:bybit:spot:POD', 1],
      ['n1', 3],
    ]);
    const event = catalog.listings.get('instrument:okx:spot:POD');
    expect(event).toMatchObject({ id: 'n1', source: 'notice', publishedUs: T0, title: 'notice n1' });
    expect(event?.sources?.map((one) => [one.venue, one.market, one.detectedUs])).toEqual([
      ['upbit', null, T0 + 2_000_000],
      ['okx', 'spot', T0 + HOUR_US],
      ['upbit', 'spot', T0 + 90 * HOUR_US],
    ]);
  });

  test('a market that is seen before its notice keeps its name, and shows the notice’s time', () => {
    const first = sight('upbit', T0 + 60_000_000);
    expect(catalog.listings.put(first)).toMatchObject({ id: first.id, fresh: true });
    expect(catalog.listings.put(notice('n1', T0))).toEqual({ id: first.id, fresh: false, moved: true });
    expect(catalog.listings.put(notice('n1', T0))).toEqual({ id: first.id, fresh: false, moved: false });
    expect(catalog.listings.get(first.id)).toMatchObject({ source: 'notice', publishedUs: T0, quotes: ['KRW'] });
  });

  test('two notices of one venue are two events, and an operator’s time is nobody else’s', () => {
    catalog.listings.put(notice('n1', T0));
    catalog.listings.put(notice('n2', T0 + 6 * HOUR_US));
    catalog.listings.put(notice('operator:POD:1', T0 + HOUR_US, { source: 'operator', venue: null }));
    catalog.listings.put(sight('okx', T0 + 7 * HOUR_US));
    expect(catalog.listings.list(10).map((one) => [one.id, one.sources?.length])).toEqual([
      ['n2', 2],
      ['operator:POD:1', 1],
      ['n1', 1],
    ]);
  });

  test('a change or cancellation joins the event that it speaks of, and begins none', () => {
    expect(catalog.listings.put(notice('x', T0, { kind: 'cancelled' }))).toBeNull();
    catalog.listings.put(notice('n1', T0));
    expect(catalog.listings.put(notice('n5', T0 + 3 * HOUR_US, { kind: 'changed' }))).toMatchObject({ id: 'n1' });
    expect(catalog.listings.put(notice('n1', T0, { kind: 'cancelled', title: 'n1 cancelled' }))).toMatchObject({
      id: 'n1',
    });
    expect(catalog.listings.list(10)).toHaveLength(1);
    expect(catalog.listings.get('n1')?.sources?.map((one) => [one.kind, one.title])).toEqual([
      ['listing', 'notice n1'],
      ['cancelled', 'n1 cancelled'],
      ['changed', 'notice n5'],
    ]);
    expect(catalog.listings.get('n1')).toMatchObject({ title: 'notice n1', publishedUs: T0 });
  });

  test('coins that nobody names are never one event', () => {
    catalog.listings.put(sight('okx', T0, { coin: '', id: 'a' }));
    catalog.listings.put(sight('gate', T0, { coin: '', id: 'b' }));
    expect(catalog.listings.list(10)).toHaveLength(2);
  });
});

test('migration 4 keeps what is known: each listing of before is an event with itself as its source', () => {
  catalog.close();
  rmSync(join(folder, catalogFile));
  const before = mkdtempSync(join(tmpdir(), 'tapedeck-sql-'));
  for (const name of readdirSync(migrationsFolder())) {
    if (Number.parseInt(name, 10) < 4) copyFileSync(join(migrationsFolder(), name), join(before, name));
  }
  const database = new Database(join(folder, catalogFile));
  migrate(database, before);
  rmSync(before, { recursive: true });
  database.exec(
    `INSERT INTO listing VALUES ('old', 'POD', 'notice', 'upbit', 'old title', NULL, ${T0}, ${T0 + 1}, '["KRW"]')`,
  );
  database.close();
  catalog = openCatalog(folder);
  expect(catalog.listings.get('old')?.sources).toMatchObject([
    {
      id: 'old',
      kind: 'listing',
      source: 'notice',
      market: null,
      publishedUs: T0,
      detectedUs: T0 + 1,
      quotes: ['KRW'],
    },
  ]);
});
