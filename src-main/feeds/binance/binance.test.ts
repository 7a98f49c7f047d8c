// Binance: what a line sends, what replies mean to it, which rows are refused and why, and the symbol lists.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import { recordedInstruments } from '../recorded-frames.fixture.ts';
import { binancePerp, binanceSpot } from './binance.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const keys = (from = 1): (() => number) => {
  let key = from;
  return () => key++;
};

const TRADE: Readonly<Record<string, unknown>> = {
  e: 'trade',
  E: 1723161255343,
  s: 'BTCUSDT',
  t: 3735683259,
  p: '61837.63000000',
  q: '0.02000000',
  T: 1723161255342,
  m: true,
  M: true,
};

function decoded(text: string) {
  const sink = collectingSink();
  const verdict = binanceSpot.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

describe('decode', () => {
  it('reads a trade in any key order, with more keys, in µs, and keeps zeros', () => {
    const shuffled = { zz: [{}], ...Object.fromEntries(Object.entries(TRADE).reverse()), T: 1723161255342123 };
    expect(decoded(JSON.stringify({ data: shuffled, stream: 'btcusdt@trade' })).rows).toEqual([
      {
        symbol: 'BTCUSDT',
        channel: 'trade',
        id: '3735683259',
        price: '61837.63000000',
        qty: '0.02000000',
        side: 'sell',
        eventUs: 1723161255342123,
        firstIdNumber: 3735683259,
      },
    ]);
  });

  it('m false: the taker bought', () => {
    expect(decoded(JSON.stringify({ ...TRADE, m: false })).rows[0]?.side).toBe('buy');
  });

  it('keeps an id and a price that no double can hold', () => {
    const text = JSON.stringify({ ...TRADE, p: '90071992547.40993001' }).replace('3735683259', '9007199254740993');
    expect(decoded(text).rows[0]).toMatchObject({
      id: '9007199254740993',
      price: '90071992547.40993001',
      firstIdNumber: -1,
    });
  });

  it.each([
    ['p', '0'],
    ['p', '0.00000000'],
    ['p', '-1'],
    ['p', '+1'],
    ['p', '1e3'],
    ['p', 'NaN'],
    ['p', 'Infinity'],
    ['p', ''],
    ['p', ' 1'],
    ['p', '1.'],
    ['p', '.5'],
    ['p', '01.5'],
    ['p', '1,5'],
    ['p', '9'.repeat(41)],
    ['p', 61837.63],
    ['p', null],
    ['q', '0.000'],
    ['q', {}],
    ['t', '3735683259'],
    ['t', -1],
    ['t', 1.5],
    ['t', null],
    ['T', 1723161255],
    ['T', 1723161255342123000],
    ['T', 0],
    ['T', '1723161255342'],
    ['T', 4102444800000],
    ['E', true],
    ['m', 'true'],
    ['m', 1],
    ['m', null],
    ['M', 'x'],
    ['X', 1],
    ['nq', 'x'],
    ['s', ''],
    ['s', 'btcusdt'],
    ['s', 'BTC USDT'],
    ['s', 'BTC\u202eUSDT'],
    ['s', 'A'.repeat(65)],
    ['s', 7],
  ])('refuses the row when %s is %j, and says so', (name, value) => {
    const told = decoded(JSON.stringify({ ...TRADE, [name]: value }));
    expect(told.verdict.kind).toBe('trades');
    expect(told.rows).toEqual([]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining(`${name}:`) }]);
  });

  it.each(['E', 's', 't', 'p', 'q', 'T', 'm'])('refuses the row when %s is missing', (name) => {
    const told = decoded(JSON.stringify({ ...TRADE, [name]: undefined }));
    expect([told.rows.length, told.rejected.length]).toEqual([0, 1]);
  });

  it('refuses an aggregate whose ids are no range', () => {
    const aggregate = { ...TRADE, e: 'aggTrade', a: 5, f: 10, l: 9 };
    expect(decoded(JSON.stringify(aggregate)).rejected[0]?.reason).toContain('not a range');
    expect(decoded(JSON.stringify({ ...aggregate, l: 10 })).rows[0]).toMatchObject({
      id: '5',
      firstIdNumber: 5,
      channel: 'aggTrade',
    });
  });

  it('refuses a trade under the name of another stream', () => {
    const wrapped = (stream: string) => decoded(JSON.stringify({ stream, data: TRADE }));
    expect(wrapped('ethusdt@trade').rejected[0]?.reason).toContain('does not belong to BTCUSDT trade');
    expect(wrapped('btcusdt@aggTrade').rejected).toHaveLength(1);
    expect(wrapped('btcusdt@trade').rows).toHaveLength(1);
  });

  it.each([
    ['{"result":null,"id":1}', 'control'],
    ['{"id":1,"result":["btcusdt@trade"]}', 'control'],
    ['{"code":2,"msg":"Invalid request","id":1}', 'control'],
    ['{"error":{"code":2,"msg":"Invalid request"},"id":1}', 'control'],
    ['{"e":"serverShutdown","E":1723161255343}', 'control'],
    ['{"stream":"","data":1}', 'quarantine'],
    ['{"stream":"!ticker@arr","data":[{"e":"24hrTicker"}]}', 'other'],
    ['[{"e":"24hrTicker","s":"X"}]', 'other'],
    ['[{"e":"trade"}]', 'quarantine'],
    ['{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"1","A":"1"}}', 'other'],
    ['{"stream":"btcusdt@trade","data":{"u":1}}', 'quarantine'],
    ['{"stream":"btcusdt@trade","data":{"e":"kline"}}', 'quarantine'],
    ['{"stream":"btcusdt@trade","data":[]}', 'quarantine'],
    ['{"stream":"btcusdt@trade"}', 'quarantine'],
    ['{"e":"","s":"BTCUSDT"}', 'quarantine'],
    ['{"e":"blockTrade","s":"BTCUSDT"}', 'other'],
  ])('%s is %s', (text, kind) => {
    expect(decoded(text).verdict.kind).toBe(kind);
  });
});

describe('the line', () => {
  it('connects to the combined stream, futures on the routed path, below any prefix', () => {
    expect(binanceSpot.connectUrl(binanceSpot.defaults.ws)).toBe('wss://stream.binance.com:9443/stream');
    expect(binancePerp.connectUrl(binancePerp.defaults.ws)).toBe('wss://fstream.binance.com/market/stream');
    expect(binanceSpot.connectUrl('ws://127.0.0.1:9001/binance-spot/')).toBe('ws://127.0.0.1:9001/binance-spot/stream');
  });

  it('subscribes to what is missing and leaves what is no longer wanted', () => {
    const sent = binanceSpot.subscribe(['ETHUSDT', 'BTCUSDT', '币安人生USDT'], ['BTCUSDT', 'XRPUSDT'], keys());
    expect(sent).toEqual([
      { text: '{"method":"UNSUBSCRIBE","params":["xrpusdt@trade"],"id":1}', key: '1', symbols: [] },
      {
        text: '{"method":"SUBSCRIBE","params":["ethusdt@trade","币安人生usdt@trade"],"id":2}',
        key: '2',
        symbols: ['ETHUSDT', '币安人生USDT'],
      },
    ]);
    expect(binanceSpot.subscribe(['BTCUSDT'], ['BTCUSDT'], keys())).toEqual([]);
  });

  it('asks for many symbols in several messages, each with its key', () => {
    const many = Array.from({ length: 250 }, (_, i) => `S${i}USDT`);
    const sent = binancePerp.subscribe(many, [], keys(7));
    expect(sent.map((message) => [message.key, message.symbols.length])).toEqual([
      ['7', 100],
      ['8', 100],
      ['9', 50],
    ]);
    expect(sent.flatMap((message) => message.symbols)).toEqual(many);
    expect(sent[0]?.text).toContain('"s0usdt@aggTrade"');
  });

  it.each([
    ['{"result":null,"id":12}', { type: 'acknowledged', key: '12', symbols: null }],
    ['{"result":null,"id":"12"}', { type: 'acknowledged', key: '12', symbols: null }],
    [
      '{"code":2,"msg":"Invalid request: bad stream","id":3}',
      { type: 'refused', key: '3', symbols: null, reason: '2 Invalid request: bad stream' },
    ],
    ['{"error":{"code":2,"msg":"no"},"id":4}', { type: 'refused', key: '4', symbols: null, reason: '2 no' }],
    ['{"error":{"code":3,"msg":"no"}}', { type: 'error', reason: '3 no' }],
    ['{"e":"serverShutdown","E":1723161255343}', { type: 'ending', reason: 'serverShutdown' }],
    ['{"stream":"","data":{"e":"serverShutdown","E":1}}', { type: 'ending', reason: 'serverShutdown' }],
    ['{"event":{"e":"serverShutdown","E":1}}', { type: 'ending', reason: 'serverShutdown' }],
    [JSON.stringify({ stream: 'btcusdt@trade', data: TRADE }), { type: 'data' }],
    [JSON.stringify(TRADE), { type: 'data' }],
    ['17', { type: 'other' }],
  ])('%s', (text, meaning) => {
    expect(binanceSpot.classify(bytes(text), false)).toEqual(meaning);
  });

  it('calls what it cannot read an error, and never throws', () => {
    expect(binanceSpot.classify(bytes('not json'), false).type).toBe('error');
    expect(binanceSpot.classify(Buffer.alloc(0), true).type).toBe('error');
    expect(binanceSpot.symbolOf(Buffer.alloc(0))).toBeNull();
    expect(binanceSpot.symbolOf(bytes('{"stream":"btcusdt'))).toBeNull();
    expect(binanceSpot.symbolOf(bytes('{"stream":"币安人生usdt@trade","data":{}}'))).toBe('币安人生USDT');
  });

  it('stays away as long as it is told', () => {
    const none = Buffer.alloc(0);
    expect(binanceSpot.restTrouble(429, { 'Retry-After': '7' }, none)).toMatchObject({
      waitMs: 7000,
      failure: { code: 'binance.limited', retry: true },
    });
    expect(binanceSpot.restTrouble(418, { 'retry-after': '300' }, none)).toMatchObject({
      waitMs: 300_000,
      failure: { code: 'binance.banned' },
    });
    expect(binanceSpot.restTrouble(418, { 'retry-after': 'soon' }, none).waitMs).toBe(120_000);
    expect(binanceSpot.restTrouble(503, {}, none).failure.retry).toBe(true);
    expect(binanceSpot.restTrouble(400, {}, bytes('{"code":-1121,"msg":"Invalid symbol."}'))).toMatchObject({
      waitMs: 0,
      failure: { code: 'binance.refused', retry: false, message: expect.stringContaining('Invalid symbol') },
    });
  });
});

describe('instruments', () => {
  const spot = recordedInstruments('BINANCE.0.01');
  const futures = recordedInstruments('BINANCE_FUTURES.0.02');

  it.skipIf(spot === undefined)('reads the recorded spot list', () => {
    const list = binanceSpot.instruments.parse(spot ?? Buffer.alloc(0));
    const found = list.ok ? list.value : [];
    expect(found).toHaveLength(1695);
    expect(found.filter((one) => one.state === 'trading')).toHaveLength(1262);
    expect(found.find((one) => one.symbol === 'BTCUSDT')).toEqual({
      venue: 'binance',
      market: 'spot',
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      contractSize: '1',
      state: 'trading',
      listedUs: null,
    });
  });

  it.skipIf(futures === undefined)('reads the perpetuals of the recorded futures list', () => {
    const list = binancePerp.instruments.parse(futures ?? Buffer.alloc(0));
    const found = list.ok ? list.value : [];
    expect(found).toHaveLength(119);
    expect(found.some((one) => one.symbol.includes('_'))).toBe(false);
    expect(found.find((one) => one.symbol === 'BTCUSDT')?.listedUs).toBe(1569398400000000);
  });

  it('refuses a list with a damaged entry rather than show delistings', () => {
    const good = '{"symbol":"AUSDT","status":"TRADING","baseAsset":"A","quoteAsset":"USDT"}';
    expect(binanceSpot.instruments.parse(bytes(`{"symbols":[${good}]}`)).ok).toBe(true);
    for (const bad of [
      '{"symbols":[{"symbol":1}]}',
      `{"symbols":[${good},{}]}`,
      '{"symbols":{}}',
      '[]',
      '<html>',
      '{"code":-1003,"msg":"x"}',
    ])
      expect(binanceSpot.instruments.parse(bytes(bad)).ok).toBe(false);
  });
});
