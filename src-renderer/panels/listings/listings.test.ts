// The pure parts of the panel: moments with zones, the picture on one clock, which job belongs to which listing.
import { describe, expect, it } from 'vitest';
import { parseIso } from '../../../src-shared/base/time.ts';
import { contract } from '../../../src-shared/contract/index.ts';
import type { ExtractJob, WindowPicture } from '../../../src-shared/contract/listings.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import type { Manifest } from '../../../src-shared/market/listing.ts';
import { windowOf } from './extract-form.ts';
import { countVerdicts, jobOf, type ListedListing, worstVerdict } from './jobs.ts';
import { parseMoment, tidyCoin } from './moment.ts';
import { alignPicture, gapsOf, holesOf, instrumentParts, largestMove, priceGroup, referencePrice } from './picture.ts';
import { verdictRows } from './verdict-rows.ts';

describe('a moment as written', () => {
  const utc = parseIso('2026-11-20T09:00:00Z');

  it('takes the zone beside the field unless the text names one', () => {
    expect(parseMoment('2026-11-20 18:00', 'KST')).toBe(utc);
    expect(parseMoment('2026-11-20 09:00:00', 'UTC')).toBe(utc);
    expect(parseMoment('2026-11-20T09:00:00Z', 'KST')).toBe(utc);
    expect(parseMoment('2026-11-20 18:00 KST', 'UTC')).toBe(utc);
    expect(parseMoment('2026-11-20 09:00 UTC', 'KST')).toBe(utc);
    expect(parseMoment('2026/11/20 18:00:00+09:00', 'UTC')).toBe(utc);
    expect(parseMoment(' 2026-11-20 18:00:00.000250 ', 'KST')).toBe((utc ?? 0) + 250);
  });

  it('does not guess', () => {
    for (const text of ['', '2026-11-20', '18:00', '2026-13-01 10:00', '2026-02-30 10:00', 'yesterday 10:00'])
      expect(parseMoment(text, 'UTC')).toBeUndefined();
  });

  it('tidies coins', () => {
    expect(tidyCoin(' sol ')).toBe('SOL');
  });
});

describe('the window', () => {
  it('is in bounds or nothing', () => {
    expect(windowOf({ before: 20, after: 0.5 })).toEqual({ beforeUs: 20_000_000, afterUs: 500_000 });
    for (const [before, after] of [
      [null, 20],
      [0, 0],
      [-1, 20],
      [20, 3601],
    ] as const)
      expect(windowOf({ before, after })).toBeNull();
  });
});

const bucket = (us: number, price: number, ticks = 1) => ({
  us,
  open: price,
  high: price * 1.1,
  low: price * 0.95,
  close: price,
  volume: 1,
  ticks,
});
const stream = (instrument: string, buckets: ReturnType<typeof bucket>[]): WindowPicture['streams'][number] => ({
  instrument,
  venue: 'upbit',
  market: 'spot',
  symbol: 'KRW-X',
  channel: 'trade',
  quote: 'KRW',
  rows: 1,
  verdict: 'covered',
  reasons: [],
  buckets,
});
const picture: WindowPicture = {
  coin: 'X',
  atUs: 10_000_000,
  window: { fromUs: 0, toUs: 20_000_000 },
  streams: [
    stream('a', [bucket(9_000_000, 100), bucket(11_000_000, 150, 4)]),
    stream('b', [bucket(11_000_000, 2), bucket(12_000_000, 3)]),
    stream('c', []),
  ],
};

describe('the picture', () => {
  it('puts all streams on one clock from t0', () => {
    const aligned = alignPicture(picture, 'percent');
    expect(aligned.seconds).toEqual([-1, 1, 2]);
    expect(aligned.columns).toEqual([
      [0, 50, null],
      [null, 0, 50],
      [null, null, null],
    ]);
    expect(aligned.trades).toEqual([1, 5, 1]);
    expect(alignPicture(picture, 'price').columns[0]).toEqual([100, 150, null]);
    expect(alignPicture(picture, 'price', new Set(['a'])).trades).toEqual([0, 1, 1]);
  });

  it('measures from the first price of the window', () => {
    const [a, , c] = picture.streams;
    if (!a || !c) throw new Error('the picture has three streams');
    expect(referencePrice(a)).toBe(100);
    expect(largestMove(a)).toBeCloseTo(65);
    expect(referencePrice(c)).toBeNull();
    expect(largestMove(c)).toBeNull();
  });

  it('tells the first trade as it was, not where its bucket begins', () => {
    const [a] = picture.streams;
    if (!a) throw new Error('the picture has a stream');
    const firstUs = (firstTradeUs: number | null) =>
      verdictRows(null, { ...picture, streams: [{ ...a, firstTradeUs }] })[0]?.firstUs;
    expect(firstUs(10_150_000)).toBe(10_150_000);
    expect(firstUs(null)).toBeNull();
    expect(verdictRows(null, undefined)).toEqual([]);
  });

  it('reads instruments and kinds of money', () => {
    expect(instrumentParts('binance:perp:SOL-USDT')).toEqual({ market: 'perp', pair: 'SOL-USDT' });
    expect(instrumentParts('odd')).toEqual({ market: '', pair: '' });
    expect(priceGroup('USDT')).toBe('USD');
    expect(priceGroup('KRW')).toBe('KRW');
  });
});

describe('holes', () => {
  const gap = (more: Partial<Gap>): Gap => ({
    id: '1',
    venue: 'upbit',
    market: 'spot',
    symbol: 'KRW-X',
    channel: 'trade',
    state: 'open',
    cause: 'disconnect',
    fromUs: 5_000_000,
    toUs: 12_000_000,
    fromId: null,
    toId: null,
    deadlineUs: null,
    attempts: 0,
    evidence: [],
    openedUs: 0,
    closedUs: null,
    ...more,
  });
  const one: WindowPicture = { ...picture, streams: [stream('upbit:spot:X-KRW', [])] };

  it('are the gaps of the stream that are not repaired, cut to the window', () => {
    expect(holesOf(one, [gap({})])).toEqual([{ instrument: 'upbit:spot:X-KRW', from: -5, to: 2 }]);
    expect(holesOf(one, [gap({ fromUs: -5_000_000, toUs: null })])).toEqual([
      { instrument: 'upbit:spot:X-KRW', from: -10, to: 10 },
    ]);
    expect(holesOf(one, [gap({ state: 'unrecoverable' })])).toHaveLength(1);
    const others = [
      gap({ state: 'repaired' }),
      gap({ state: 'venue-hole' }),
      gap({ channel: 'candle' }),
      gap({ venue: 'binance' }),
      gap({ symbol: 'KRW-XY' }),
      gap({ market: 'perp' }),
    ];
    expect(holesOf(one, others)).toEqual([]);
    expect(holesOf(one, [gap({ fromUs: 30_000_000, toUs: 40_000_000 })])).toEqual([]);
  });

  it('are asked for by the streams that are shown', () => {
    const input = gapsOf(one.streams, one.window);
    expect(input).toMatchObject({ streams: [{ venue: 'upbit', market: 'spot', symbol: 'KRW-X' }], fromUs: 0 });
    expect(contract['gaps.list'].input.safeParse(input).success).toBe(true);
    expect(contract['gaps.list'].input.safeParse({ ...input, streams: [] }).success).toBe(false);
  });

  it.each([
    ['okx', 'perp', 'SOL-USDT-SWAP'],
    ['kucoin', 'perp', 'SOLUSDTM'],
    ['phemex', 'spot', 'sSOLUSDT'],
    ['gate', 'perp', 'SOL_USDT'],
  ] as const)('are found by the name that %s itself gives: %s %s', (venue, market, symbol) => {
    const instrument = `${venue}:${market}:SOL-USDT`;
    const of: WindowPicture = {
      ...one,
      streams: [{ ...stream(instrument, []), venue, market, symbol, quote: 'USDT' }],
    };
    expect(holesOf(of, [gap({ venue, market, symbol })])).toHaveLength(1);
  });
});

describe('jobs', () => {
  const manifest: Manifest = {
    version: 1,
    coin: 'SOL',
    window: { fromUs: 0, toUs: 20 },
    clocks: { publishedUs: 5, detectedUs: 6, atUs: 5, firstTradeUs: {} },
    streams: [],
    files: [],
    createdUs: 0,
  };
  const fileOf = (format: string) => ({ path: `ticks.${format}`, format, rows: 1, sha256: '' });
  const listing: ListedListing = {
    id: 'n1',
    coin: 'SOL',
    source: 'notice',
    venue: 'upbit',
    title: '',
    url: null,
    publishedUs: 5,
    detectedUs: 6,
    quotes: [],
    extract: null,
  };
  const job = (jobId: string, state: ExtractJob['state'], more: Partial<ExtractJob> = {}): ExtractJob => ({
    jobId,
    coin: 'SOL',
    atUs: 5,
    listingId: 'n1',
    state,
    progress: 0,
    note: '',
    folder: null,
    manifest: null,
    ...more,
  });

  it('shows the one started here, else a running one, else the newest', () => {
    const jobs = [
      job('1', 'done'),
      job('2', 'writing'),
      job('3', 'failed'),
      job('4', 'done', { listingId: 'other', atUs: 9 }),
    ];
    expect(jobOf(listing, jobs, '1')?.jobId).toBe('1');
    expect(jobOf(listing, jobs, undefined)?.jobId).toBe('2');
    expect(jobOf(listing, [job('1', 'done'), job('3', 'failed')], 'gone')?.jobId).toBe('3');
    expect(jobOf(listing, [], undefined)).toBeNull();
    expect(jobOf(listing, [job('9', 'done', { listingId: null })], undefined)?.jobId).toBe('9');
  });

  it('shows the version that a repair wrote of the one started here, and nobody else’s', () => {
    const written = (jobId: string, createdUs: number, toUs = 20, format = 'csv'): ExtractJob =>
      job(jobId, 'done', {
        manifest: { ...manifest, window: { fromUs: 0, toUs }, files: [fileOf(format)], createdUs },
      });
    const first = written('1', 1);
    const others = [written('3', 3, 60), written('4', 4, 20, 'parquet')];
    expect(jobOf(listing, [...others, written('2', 2), first], '1')?.jobId).toBe('2');
    expect(jobOf(listing, [first, written('2', 2), ...others], '1')?.jobId).toBe('2');
    expect(jobOf(listing, [...others, first], '1')?.jobId).toBe('1');
    expect(jobOf(listing, [written('2', 2), job('1', 'failed')], '1')?.jobId).toBe('1');
    expect(jobOf(listing, [written('2', 2), job('1', 'writing')], '1')?.jobId).toBe('1');
  });

  it('the worst verdict decides', () => {
    const streams = [
      { verdict: 'proven' },
      { verdict: 'incomplete' },
      { verdict: 'covered' },
      { verdict: 'proven' },
    ] as const;
    expect(worstVerdict(streams)).toBe('incomplete');
    expect(worstVerdict([])).toBeNull();
    expect(countVerdicts(streams)).toEqual([
      { verdict: 'proven', count: 2 },
      { verdict: 'covered', count: 1 },
      { verdict: 'incomplete', count: 1 },
    ]);
  });
});
