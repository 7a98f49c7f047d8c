// A verdict that says too much sells a hole as proof; one that says too little hides a whole window. Both are tested here.
import { expect, test } from 'vitest';
import type { Coverage, Gap, GapState } from '../../../src-shared/market/gap.ts';
import { koreanReason } from '../../../src-shared/market/korean-reasons.ts';
import { coinOfSymbol, weakest } from './coin.ts';
import { type Evidence, type Judgement, judge as judgeOnly, noRows, uncovered } from './verdict.ts';

/** Every reason that is ever given can be read in Korean too. */
function judge(evidence: Evidence): Judgement {
  const judgement = judgeOnly(evidence);
  for (const reason of judgement.reasons) expect(koreanReason(reason)).not.toMatch(/[a-z]{3,}(?! UTC)/);
  return judgement;
}

const T = 1_763_600_400_000_000;
const S = 1_000_000;
const window = { fromUs: T, toUs: T + 40 * S };

function covers(line: number, from: number, to: number | null): Coverage {
  return {
    venue: 'binance',
    market: 'spot',
    symbol: 'ABCUSDT',
    line,
    fromUs: T + from * S,
    toUs: to === null ? null : T + to * S,
  };
}

function gap(state: GapState, from: number, to: number | null): Gap {
  return {
    id: `1-${from}`,
    venue: 'binance',
    market: 'spot',
    symbol: 'ABCUSDT',
    channel: 'trade',
    state,
    cause: 'disconnect',
    fromUs: T + from * S,
    toUs: to === null ? null : T + to * S,
    fromId: null,
    toId: null,
    deadlineUs: null,
    attempts: 0,
    evidence: [],
    openedUs: T,
    closedUs: null,
  };
}

/** Ids are known before the window, none after it. */
const edged = { ...noRows, rows: 5, before: 1, firstUs: T + 5 * S, lastUs: T + 30 * S, oneLine: 5 };

const seenByBoth = { ...noRows, rows: 9, firstUs: T, lastUs: T + 30 * S, twoLines: 8 };
const twoLines = { idRule: 'unique', coverage: [covers(0, -100, null), covers(1, -100, null)] } as const;

function evidence(more: Partial<Evidence>): Evidence {
  return {
    window,
    idRule: 'contiguous',
    count: { ...edged, before: 1, after: 1 },
    gaps: [],
    coverage: [covers(0, -100, null)],
    listedUs: null,
    readUntilUs: T + 100 * S,
    latenessUs: 2 * S,
    ...more,
  };
}

const cases: [string, Partial<Evidence>, string, RegExp][] = [
  ['contiguous ids, known on both sides', {}, 'proven', /5 trades follow each other/],
  [
    'contiguous ids and none after the window: the next one may show that some are missing',
    { count: edged },
    'unproved',
    /5 trades follow each other.*; no id beyond .*; there line 0 alone covered the stream/,
  ],
  [
    'none after the window, on two lines',
    { count: edged, coverage: [covers(0, -100, null), covers(1, 20, null)] },
    'covered',
    /no id beyond .*lines 0 and 1 both covered the stream/,
  ],
  [
    'none after the window, on two lines that left each other alone there',
    { count: edged, coverage: [covers(0, -100, 35), covers(1, 32, null)] },
    'unproved',
    /no single line covered the stream/,
  ],
  [
    'none after the window, and its minutes equal those of the venue',
    { count: edged, reconciled: [{ fromUs: T - 60 * S, toUs: T + 120 * S }] },
    'covered',
    /its minutes equal/,
  ],
  [
    'none after the window, and a candle that says that there was more',
    { count: edged, gaps: [{ ...gap('open', 0, 40), cause: 'volume' }] },
    'incomplete',
    /volume, open/,
  ],
  [
    'ids on both sides, and a candle that says something else',
    { gaps: [{ ...gap('open', 0, 40), cause: 'volume' }] },
    'proven',
    /differs from the venue's candle/,
  ],
  [
    'known ids on both sides, no line at all',
    { coverage: [], count: { ...noRows, rows: 2, before: 1, after: 1 } },
    'proven',
    /follow/,
  ],
  [
    'no trade, and ids that go on across it',
    { count: { ...noRows, before: 1, after: 1 } },
    'proven',
    /no trade was printed/,
  ],
  ['no trade, but the line covered it', { count: noRows }, 'unproved', /no trade came.*line 0 alone/],
  [
    'no trade, but two lines covered it',
    { count: noRows, coverage: [covers(0, -100, null), covers(1, -100, null)] },
    'covered',
    /no trade came.*lines 0 and 1/,
  ],
  [
    'the line began late and no earlier id is known',
    { coverage: [covers(0, 10, null)], count: { ...edged, before: 0, after: 1, firstUs: T + 12 * S } },
    'incomplete',
    /no line covered/,
  ],
  [
    'the line began late, but the first id of the instrument is held',
    { coverage: [covers(0, 10, null)], count: { ...noRows, rows: 1, fromFirstId: true, after: 1 } },
    'proven',
    /1 trade/,
  ],
  [
    'listed inside the window, covered since',
    { coverage: [covers(0, 9, null)], listedUs: T + 9 * S, count: noRows },
    'unproved',
    /no trade.*line 0 alone/,
  ],
  [
    'a list of before the window’s middle did not hold it, covered since',
    { coverage: [covers(0, 9, null), covers(1, 9, null)], absentUs: T + 9 * S, count: noRows },
    'covered',
    /no trade.*lines 0 and 1/,
  ],
  [
    'not in the list until after the window, and never recorded near it',
    { coverage: [], count: noRows, absentUs: T + 90 * S },
    'proven',
    /was not traded in this window/,
  ],
  [
    'over before the window',
    { coverage: [], count: noRows, endedUs: T - S, idRule: 'unique' },
    'proven',
    /was not traded in this window; the venue's list no longer holds it/,
  ],
  [
    'over within the window, covered until then',
    {
      coverage: [covers(0, -9, 20), covers(1, -9, 20)],
      endedUs: T + 20 * S,
      idRule: 'unique',
      count: { ...noRows, rows: 1, twoLines: 1 },
    },
    'covered',
    /lines 0 and 1/,
  ],
  [
    'said to open later, and yet a trade is held: the list is not believed',
    {
      coverage: [],
      count: { ...noRows, rows: 1, firstUs: T + S, lastUs: T + S },
      absentUs: T + 90 * S,
      idRule: 'unique',
    },
    'incomplete',
    /no line covered/,
  ],
  ['an open gap inside', { gaps: [gap('open', 10, 12)] }, 'incomplete', /gap 1-10 \(disconnect, open\)/],
  ['a gap that still grows', { gaps: [gap('open', -5, null)] }, 'incomplete', /still growing/],
  ['an unrecoverable gap at the edge', { gaps: [gap('unrecoverable', -5, 0)] }, 'incomplete', /unrecoverable/],
  ['a gap that ends before the window', { gaps: [gap('unrecoverable', -5, -1)] }, 'proven', /follow/],
  ['a repaired gap', { gaps: [gap('repaired', 10, 12)] }, 'proven', /follow/],
  [
    "ids that the venue's own hole explains",
    {
      gaps: [{ ...gap('venue-hole', 10, 12), fromId: '10', toId: '12' }],
      count: { ...noRows, rows: 5, before: 1, after: 1, missingIds: 1 },
    },
    'proven',
    /no trades with these ids/,
  ],
  [
    "more ids than the venue's own hole explains",
    {
      gaps: [{ ...gap('venue-hole', 10, 12), fromId: '10', toId: '12' }],
      count: { ...noRows, rows: 5, before: 1, after: 1, missingIds: 50 },
    },
    'incomplete',
    /49 ids between/,
  ],
  [
    'a trade of the history alone, where a break explains it',
    {
      ...twoLines,
      gaps: [gap('repaired', -10, 1)],
      count: { ...seenByBoth, unseen: 1, unseenFromUs: T, unseenToUs: T + S },
    },
    'covered',
    /both covered/,
  ],
  [
    'a trade of the history alone, and one that lies outside of the break',
    {
      ...twoLines,
      gaps: [gap('repaired', -10, 1)],
      count: { ...seenByBoth, unseen: 2, unseenFromUs: T, unseenToUs: T + 21 * S },
    },
    'unproved',
    /2 trades of the venue's history reached no line/,
  ],
  ['a window that is not read yet', { readUntilUs: T + 41 * S }, 'incomplete', /not over yet.*1 s/],
  ['nothing ever', { coverage: [], count: noRows }, 'incomplete', /never recorded/],
  [
    'two lines that agree',
    {
      idRule: 'unique',
      coverage: [covers(0, -9, null), covers(1, -9, 99)],
      count: { ...noRows, rows: 5, twoLines: 5 },
    },
    'covered',
    /lines 0 and 1/,
  ],
  [
    'two lines that differ',
    {
      idRule: 'unique',
      coverage: [covers(0, -9, null), covers(1, -9, 99)],
      count: { ...noRows, rows: 5, twoLines: 4, oneLine: 1 },
    },
    'unproved',
    /1 trade of 5 reached one line only/,
  ],
  [
    'two lines that agree, and a trade of the history that both lost',
    {
      idRule: 'unique',
      coverage: [covers(0, -9, null), covers(1, -9, 99)],
      count: { ...noRows, rows: 6, twoLines: 5, unseen: 1 },
    },
    'unproved',
    /1 trade of the venue's history reached no line/,
  ],
  [
    'two lines that agree, and a trade of the history out of a break whose margin reaches into the window',
    {
      idRule: 'unique',
      coverage: [covers(0, -9, null), covers(1, -9, 99)],
      count: { ...noRows, rows: 6, twoLines: 5, unseen: 1 },
      gaps: [gap('repaired', -9, 1)],
    },
    'covered',
    /lines 0 and 1/,
  ],
  [
    'two lines that agree, a break whose margin reaches into the window, and a trade of the history that both lines lost while they were open',
    {
      idRule: 'unique',
      coverage: [covers(0, -9, null), covers(1, -9, 99)],
      count: { ...noRows, rows: 7, twoLines: 5, unseen: 2 },
      gaps: [gap('repaired', -9, 1), { ...gap('repaired', 5, 5), cause: 'history' }],
    },
    'unproved',
    /2 trades of the venue's history reached no line/,
  ],
  ['one line, unbroken', { idRule: 'unique' }, 'unproved', /line 0 covered the whole window/],
  [
    'two lines in turn',
    { idRule: 'unique', coverage: [covers(0, -9, 20), covers(1, 19, 99)] },
    'unproved',
    /together they left no hole/,
  ],
  [
    'a hole between two lines',
    { idRule: 'unique', coverage: [covers(0, -9, 20), covers(1, 21, 99)] },
    'incomplete',
    /no line covered/,
  ],
  [
    "a hole that the venue's history filled",
    { idRule: 'unique', coverage: [covers(0, -9, 20), covers(0, 21, 99)], gaps: [gap('repaired', 19, 22)] },
    'unproved',
    /together/,
  ],
  [
    'two lines and an open gap',
    { idRule: 'unique', coverage: [covers(0, -9, null), covers(1, -9, null)], gaps: [gap('partial', 1, 2)] },
    'incomplete',
    /partial/,
  ],
];

test.each(cases)('%s', (_name, more, verdict, reason) => {
  const found = judge(evidence(more));
  expect(found.verdict).toBe(verdict);
  expect(found.reasons.join('; ')).toMatch(reason);
});

test('times of a window on one day are times of day; across midnight they carry their dates', () => {
  const hour = 3600 * S;
  const midnight = Date.parse('2026-11-21T00:00:00Z') * 1000;
  const bare = { idRule: 'unique', coverage: [], readUntilUs: midnight + 100 * hour } as const;
  const said = (from: number, to: number, more: Partial<Evidence> = {}): string => {
    const fromUs = midnight + from * hour;
    const count = { ...noRows, rows: 1, firstUs: fromUs, lastUs: fromUs };
    return judge(evidence({ ...bare, window: { fromUs, toUs: midnight + to * hour }, count, ...more })).reasons.join();
  };
  expect(said(1, 2)).toBe('no line covered 01:00:00.000 to 02:00:00.000 UTC');
  // A day of Korea, and a whole day of UTC, whose end is the next one.
  expect(said(-9, 15)).toBe('no line covered 2026-11-20 15:00:00.000 to 2026-11-21 15:00:00.000 UTC');
  expect(said(0, 24)).toBe('no line covered 2026-11-21 00:00:00.000 to 2026-11-22 00:00:00.000 UTC');
  const over = { ...gap('open', 0, null), fromUs: midnight - S, toUs: midnight + S };
  expect(said(0, 1, { gaps: [over], coverage: [{ ...covers(0, 0, null), fromUs: 0 }] })).toContain(
    'from 2026-11-20 23:59:59.000 to 2026-11-21 00:00:01.000 UTC lies inside the window',
  );
});

test('a summary of several streams can be read in Korean too', () => {
  const { reasons } = weakest([], 'ABC');
  expect(reasons.map(koreanReason).join()).toContain('수집된 적 없음');
});

test('what no interval spans', () => {
  expect(
    uncovered({ fromUs: 0, toUs: 10 }, [
      { fromUs: 8, toUs: null },
      { fromUs: 2, toUs: 4 },
      { fromUs: 3, toUs: 5 },
    ]),
  ).toEqual([
    { fromUs: 0, toUs: 2 },
    { fromUs: 5, toUs: 8 },
  ]);
});

test.each([
  ['KRW-ABC', 'ABC'],
  ['KRW-BTC', 'BTC'],
  ['BTC-ETH', 'ETH'],
  ['ETHBTC', 'ETH'],
  ['BTC-USDT-SWAP', 'BTC'],
  ['ABC_USDT', 'ABC'],
  ['ABCUSDT', 'ABC'],
  ['1000PEPEUSDC', '1000PEPE'],
  ['sABCUSDT', 'ABC'],
  ['币安人生USDT', '币安人生'],
  ['USDT', undefined],
  ['ABC-XYZ', undefined],
  ['BTCUSDT-260327', undefined],
  ['', undefined],
])('the coin of %s is %s', (symbol, coin) => {
  expect(coinOfSymbol(symbol)).toBe(coin);
});
