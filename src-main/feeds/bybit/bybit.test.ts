// Bybit: what a line sends, what replies mean to it, which rows are refused and why, lists, newest trades and candles.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import { bybitPerp, bybitSpot } from './bybit.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const keys = (from = 1): (() => number) => {
  let key = from;
  return () => key++;
};

const ROW: Readonly<Record<string, unknown>> = {
  T: 1758841135823,
  s: 'BTCUSDT',
  S: 'Buy',
  v: '0.020',
  p: '109378.90',
  L: 'ZeroPlusTick',
  i: '2a74ac78-1c5f-5b31-9112-a178eb6023af',
  BT: false,
  RPI: false,
  seq: 457514743450,
};

const frameOf = (...rows: unknown[]): string =>
  JSON.stringify({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1758841135824, data: rows });

function decoded(text: string, feed = bybitPerp) {
  const sink = collectingSink();
  const verdict = feed.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

describe('decode', () => {
  it('reads rows in any key order, with more keys, and keeps zeros', () => {
    const shuffled = { zz: [{}], ...Object.fromEntries(Object.entries(ROW).reverse()) };
    const expected = {
      symbol: 'BTCUSDT',
      channel: 'trade',
      id: '2a74ac78-1c5f-5b31-9112-a178eb6023af',
      price: '109378.90',
      qty: '0.020',
      side: 'buy',
      eventUs: 1758841135823000,
      firstIdNumber: -1,
    };
    expect(decoded(frameOf(ROW, shuffled)).rows).toEqual([expected, expected]);
    const { topic, ...rest } = JSON.parse(frameOf(shuffled));
    expect(decoded(JSON.stringify({ cs: 1, ...rest, topic })).rows).toEqual([expected]);
  });

  it('gives an id the number that it is, and keeps one that no double can hold', () => {
    const rows = decoded(
      frameOf({ ...ROW, i: '970262966' }, { ...ROW, i: '2240000000970262966' }, { ...ROW, i: '007' }),
    ).rows;
    expect(rows.map((row) => [row.id, row.firstIdNumber])).toEqual([
      ['970262966', 970262966],
      ['2240000000970262966', -1],
      ['007', -1],
    ]);
  });

  it('reads 1024 rows in one frame, each with its own cells', () => {
    const rows = Array.from({ length: 1024 }, (_, n) => ({
      ...ROW,
      i: String(5000 + n),
      p: `${n + 1}.5`,
      S: n % 2 ? 'Buy' : 'Sell',
    }));
    const told = decoded(frameOf(...rows));
    expect(told.rows.map((row) => [row.id, row.price, row.side])).toEqual(
      rows.map((row) => [row.i, row.p, row.S.toLowerCase()]),
    );
  });

  it('refuses one damaged row, the others stand', () => {
    const told = decoded(frameOf(ROW, { ...ROW, p: '0' }, { ...ROW, i: 'b' }));
    expect(told.verdict.kind).toBe('trades');
    expect(told.rows.map((row) => row.id)).toEqual([ROW.i, 'b']);
    expect(told.rejected).toEqual([{ index: 1, reason: expect.stringContaining('p:') }]);
  });

  it.each([
    ['p', '0.00'],
    ['p', '-1'],
    ['p', '1e3'],
    ['p', '01.5'],
    ['p', '1.'],
    ['p', 109378.9],
    ['p', null],
    ['v', '0.000'],
    ['v', 'NaN'],
    ['v', {}],
    ['i', ''],
    ['i', 12],
    ['i', 'a b'],
    ['i', 'x'.repeat(81)],
    ['T', '1758841135823'],
    ['T', 1758841135],
    ['T', 1758841135823.5],
    ['S', 'buy'],
    ['S', 'Both'],
    ['S', 1],
    ['s', 'ETHUSDT'],
    ['s', 'btcusdt'],
    ['s', ''],
    ['BT', 'false'],
    ['RPI', 0],
    ['seq', '457514743450'],
    ['seq', -1],
    ['L', 7],
  ])('refuses the row when %s is %j, and says so', (name, value) => {
    const told = decoded(frameOf({ ...ROW, [name]: value }));
    expect(told.rows).toEqual([]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining(`${name}:`) }]);
  });

  it.each(['T', 's', 'S', 'v', 'p', 'i'])('refuses the row when %s is missing', (name) => {
    const told = decoded(frameOf({ ...ROW, [name]: undefined }));
    expect([told.rows.length, told.rejected.length]).toEqual([0, 1]);
  });

  it('takes nothing from a frame that is damaged as a whole', () => {
    const whole = frameOf(ROW, ROW);
    const damaged = [
      whole.slice(0, -1),
      `${whole} x`,
      whole.replace('"snapshot"', '"delta"'),
      whole.replace('1758841135824', '"soon"'),
      whole.replace('"type":"snapshot",', ''),
      whole.replace('"s":"BTCUSDT"', '"s":"BTCUSDT","s":"BTCUSDT"'),
      whole.replace('publicTrade.BTCUSDT', 'publicTrade.'),
      frameOf(),
      JSON.stringify({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1758841135824, data: ROW }),
    ];
    for (const text of damaged) {
      const told = decoded(text);
      expect([text, told.verdict.kind, told.rows, told.rejected]).toEqual([text, 'quarantine', [], []]);
    }
  });

  it.each([
    'trade.BTCUSDT',
    'trade',
    'orderBookL2_25.BTCUSD',
    'instrument_info.100ms.BTCUSD',
    'klineV2.1.BTCUSD',
    'candle.1.BTCUSDT',
  ])('names the ended topic %s legacy', (topic) => {
    expect(decoded(JSON.stringify({ topic, data: [ROW] })).verdict).toEqual({
      kind: 'quarantine',
      reason: expect.stringContaining(`legacy: topic "${topic}"`),
    });
  });

  it.each(['orderbook.50.BTCUSDT', 'tickers.BTCUSDT', 'kline.1.BTCUSDT', 'allLiquidation.BTCUSDT'])(
    'knows topic %s as another channel',
    (topic) => expect(decoded(JSON.stringify({ topic, type: 'snapshot', data: {} })).verdict.kind).toBe('other'),
  );

  it('tells symbols without reading the rows', () => {
    expect(bybitSpot.symbolOf(bytes(frameOf(ROW)))).toBe('BTCUSDT');
    expect(bybitSpot.symbolOf(bytes('{"topic":"tickers.BTCUSDT"}'))).toBeNull();
    expect(bybitSpot.symbolOf(bytes('{"topic":"publicTrade.BTC'))).toBeNull();
  });
});

describe('what replies mean', () => {
  const means = (text: string) => bybitPerp.classify(bytes(text), false);

  it.each([
    [
      '{"success":true,"ret_msg":"subscribe","conn_id":"x","req_id":"3","op":"subscribe"}',
      { type: 'acknowledged', key: '3', symbols: null },
    ],
    [
      '{"success":true,"ret_msg":"","conn_id":"x","req_id":"4","op":"unsubscribe"}',
      { type: 'acknowledged', key: '4', symbols: null },
    ],
    [
      '{"success":true,"ret_msg":"","conn_id":"x","req_id":"","op":"subscribe"}',
      { type: 'acknowledged', key: null, symbols: null },
    ],
    ['{"success":true,"ret_msg":"pong","conn_id":"x","op":"ping"}', { type: 'pong' }],
    ['{"success":true,"ret_msg":"pong","conn_id":"x","req_id":"","op":"ping"}', { type: 'pong' }],
    ['{"req_id":"a","op":"pong","args":["1675418560633"],"conn_id":"x"}', { type: 'pong' }],
    [frameOf(ROW), { type: 'data' }],
    [`{"type":"snapshot","topic":"publicTrade.BTCUSDT"}`, { type: 'data' }],
    [
      '{"success":false,"ret_msg":"Failed to decode incoming data","conn_id":"x","req_id":"","op":""}',
      { type: 'error', reason: 'Failed to decode incoming data' },
    ],
    ['nonsense', { type: 'error', reason: expect.stringContaining('not JSON') }],
    ['[]', { type: 'other' }],
  ])('%s', (text, meaning) => {
    expect(means(text)).toEqual(meaning);
  });

  it.each([
    ['error:handler not found,topic:publicTrade.XYZUSDT', ['XYZUSDT']],
    ['Invalid symbol :[publicTrade.XYZUSDT]', ['XYZUSDT']],
    ['Invalid symbol :[publicTrade.XYZUSDT,publicTrade.BTC-26DEC25]', ['XYZUSDT', 'BTC-26DEC25']],
    ['args size >10', null],
  ])('a refusal "%s" names its symbols', (reason, symbols) => {
    const text = JSON.stringify({ success: false, ret_msg: reason, conn_id: 'x', req_id: '7', op: 'subscribe' });
    expect(means(text)).toEqual({ type: 'refused', key: '7', symbols, reason });
  });

  it('what is subscribed already is acknowledged, not refused', () => {
    const reason = 'error:already subscribed,topic:publicTrade.BTCUSDT';
    const text = JSON.stringify({ success: false, ret_msg: reason, conn_id: 'x', req_id: '7', op: 'subscribe' });
    expect(means(text)).toEqual({ type: 'acknowledged', key: '7', symbols: ['BTCUSDT'] });
  });

  it('a refusal that names neither request nor symbol is an error of the connection', () => {
    expect(means('{"success":false,"ret_msg":"limit","op":"subscribe"}')).toEqual({ type: 'error', reason: 'limit' });
  });
});

describe('subscribe', () => {
  it('asks for what is missing and leaves what is there, spot at most ten a request', () => {
    const wanted = Array.from({ length: 23 }, (_, n) => `C${n}USDT`);
    const messages = bybitSpot.subscribe(wanted, ['C0USDT', 'OLDUSDT'], keys());
    expect(messages.map(({ key, symbols }) => [key, symbols.length])).toEqual([
      ['1', 0],
      ['2', 10],
      ['3', 10],
      ['4', 2],
    ]);
    expect(messages[0]?.text).toBe('{"req_id":"1","op":"unsubscribe","args":["publicTrade.OLDUSDT"]}');
    expect(JSON.parse(messages[3]?.text ?? '')).toEqual({
      req_id: '4',
      op: 'subscribe',
      args: ['publicTrade.C21USDT', 'publicTrade.C22USDT'],
    });
    expect(bybitPerp.subscribe(wanted, [], keys()).length).toBe(1);
    expect(bybitPerp.subscribe(wanted, wanted, keys())).toEqual([]);
  });

  it('counts the characters of its args as the request writes them', () => {
    const [message] = bybitPerp.subscribe(['BTCUSDT', 'ETHUSDT'], [], keys());
    const args = JSON.stringify(JSON.parse(message?.text ?? '').args);
    const { argumentChars } = bybitPerp.limits;
    const counted = (argumentChars?.of('BTCUSDT') ?? 0) + (argumentChars?.of('ETHUSDT') ?? 0);
    expect(counted).toBeGreaterThanOrEqual(args.length - 1);
  });

  it('connects to the category of its market', () => {
    expect(bybitSpot.connectUrl('wss://stream.bybit.com/')).toBe('wss://stream.bybit.com/v5/public/spot');
    expect(bybitPerp.connectUrl('wss://stream.bybit.com')).toBe('wss://stream.bybit.com/v5/public/linear');
  });
});
