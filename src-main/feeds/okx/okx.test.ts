// OKX: what a line sends, what replies mean to it, which rows are refused and why, symbol lists and candles.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import { okxPerp, okxSpot } from './okx.ts';
import { okxPair, okxSamples } from './samples.fixture.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

const ROW: Readonly<Record<string, unknown>> = {
  instId: 'BTC-USDT',
  tradeId: '130639474',
  px: '42219.90',
  sz: '0.12060306',
  side: 'buy',
  source: '0',
  ts: '1630048897897',
};

const pushed = (row: unknown, channel = 'trades-all', instId: unknown = 'BTC-USDT'): string =>
  JSON.stringify({ data: [row], arg: { instId, channel } });

function decoded(text: string) {
  const sink = collectingSink();
  const verdict = okxSpot.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

describe('decode', () => {
  it('reads a trade in any key order and keeps zeros', () => {
    const shuffled = { zz: [{}], ...Object.fromEntries(Object.entries(ROW).reverse()) };
    expect(decoded(pushed(shuffled)).rows).toEqual([
      {
        symbol: 'BTC-USDT',
        channel: 'trades-all',
        id: '130639474',
        price: '42219.90',
        qty: '0.12060306',
        side: 'buy',
        eventUs: 1630048897897000,
        firstIdNumber: 130639474,
      },
    ]);
  });

  it('a row of `trades` stands for count ids up to its own', () => {
    expect(decoded(okxSamples[4] ?? '').rows[0]).toMatchObject({ channel: 'trades', id: '1052', firstIdNumber: 1050 });
    expect(decoded(pushed({ ...ROW, count: '2' }, 'trades')).rows[0]?.firstIdNumber).toBe(130639473);
    expect(decoded(pushed({ ...ROW, count: '2' })).rows[0]?.firstIdNumber).toBe(130639474);
    for (const count of ['0', '-1', 'x', '130639476', 2, ''])
      expect(decoded(pushed({ ...ROW, count }, 'trades')).rejected[0]?.reason).toContain('count:');
  });

  it('keeps an id and a price that no double can hold', () => {
    expect(decoded(okxSamples[3] ?? '').rows[0]).toMatchObject({
      id: '9007199254740993',
      price: '90071992547.40993001',
      firstIdNumber: -1,
    });
  });

  it('judges several rows one by one', () => {
    const told = decoded(okxPair.replace('"px":"1.5"', '"px":"x"'));
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining('px:') }]);
    expect(told.rows.map((row) => row.id)).toEqual(['11']);
  });

  it.each([
    ['px', '0'],
    ['px', '-1'],
    ['px', '1e3'],
    ['px', '01'],
    ['px', 42219.9],
    ['px', null],
    ['sz', '0.000'],
    ['sz', {}],
    ['tradeId', 130639474],
    ['tradeId', '1x'],
    ['tradeId', ''],
    ['tradeId', '01'],
    ['ts', 1630048897897],
    ['ts', '1630048897'],
    ['ts', ''],
    ['side', 'Buy'],
    ['side', null],
    ['source', 0],
    ['seqId', '7'],
    ['instId', 'ETH-USDT'],
  ])('refuses the row when %s is %j, and says so', (name, value) => {
    const told = decoded(pushed({ ...ROW, [name]: value }));
    expect(told.rows).toEqual([]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining(`${name}:`) }]);
  });

  it.each(['instId', 'tradeId', 'px', 'sz', 'side', 'ts'])('refuses the row when %s is missing', (name) => {
    const told = decoded(pushed({ ...ROW, [name]: undefined }));
    expect([told.rows.length, told.rejected.length]).toEqual([0, 1]);
  });

  it.each([
    ['pong', 'control'],
    ['{"event":"subscribe","arg":{"channel":"trades-all","instId":"BTC-USDT"},"connId":"a4d3ae55"}', 'control'],
    ['{"event":"error","code":"60012","msg":"Invalid request","connId":"a4d3ae55"}', 'control'],
    ['{"event":"notice","code":"64008","msg":"The connection will soon be closed","connId":"a4d3ae55"}', 'control'],
    ['{"event":"x","data":[]}', 'quarantine'],
    ['{"event":7}', 'quarantine'],
    ['{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{}]}', 'other'],
    ['{"arg":{"channel":"","instId":"BTC-USDT"},"data":[{}]}', 'quarantine'],
    ['{"arg":{"channel":"trades-all","instId":"BTC-USDT"},"data":[]}', 'quarantine'],
    ['{"arg":{"channel":"trades-all","instId":"BTC-USDT"}}', 'quarantine'],
    ['{"arg":{"channel":"trades-all","instId":""},"data":[{}]}', 'quarantine'],
    ['{"table":"spot/trade","data":[{}]}', 'quarantine'],
  ])('%s is %s', (text, kind) => {
    expect(decoded(text).verdict.kind).toBe(kind);
  });

  it('names the format of API v3', () => {
    expect(decoded('{"table":"spot/trade","data":[{}]}').verdict.reason).toContain('legacy: ');
  });
});

describe('the line', () => {
  it('connects to the business URL, below any prefix', () => {
    expect(okxSpot.connectUrl(okxSpot.defaults.ws)).toBe('wss://ws.okx.com:8443/ws/v5/business');
    expect(okxPerp.connectUrl('ws://127.0.0.1:9/okx-perp/')).toBe('ws://127.0.0.1:9/okx-perp/ws/v5/business');
  });

  it('subscribes to what is missing and leaves what is no longer wanted', () => {
    let key = 1;
    expect(okxSpot.subscribe(['ETH-USDT', 'BTC-USDT'], ['BTC-USDT', 'XRP-USDT'], () => key++)).toEqual([
      {
        text: '{"id":"1","op":"unsubscribe","args":[{"channel":"trades-all","instId":"XRP-USDT"}]}',
        key: '1',
        symbols: [],
      },
      {
        text: '{"id":"2","op":"subscribe","args":[{"channel":"trades-all","instId":"ETH-USDT"}]}',
        key: '2',
        symbols: ['ETH-USDT'],
      },
    ]);
  });

  it('asks for a full connection in few messages, and says no more than 480 things an hour', () => {
    let key = 1;
    const { streamsPerConnection, outgoing, argumentChars, heartbeat } = okxSpot.limits;
    const all = Array.from({ length: streamsPerConnection }, (_, i) => `COIN${i}-USDT-SWAP`);
    const sent = okxSpot.subscribe(all, [], () => key++);
    expect(sent.map((one) => one.symbols.length)).toEqual([200, 200]);
    expect((outgoing.count * 3_600_000) / outgoing.perMs).toBeLessThanOrEqual(480);
    expect(outgoing.count).toBeGreaterThan(sent.length + outgoing.perMs / (heartbeat?.everyMs ?? 0));
    const chars = all.reduce((sum, symbol) => sum + (argumentChars?.of(symbol) ?? 0), 0);
    expect(chars).toBeGreaterThanOrEqual(sent.reduce((sum, one) => sum + one.text.length, 0) - 100);
    expect(chars).toBeLessThan(argumentChars?.most ?? 0);
  });

  const refused = (symbol: string) => ({
    type: 'refused',
    key: null,
    symbols: [symbol],
    reason: expect.stringContaining("doesn't exist"),
  });
  it.each<readonly [text: string, meaning: object]>([
    ['pong', { type: 'pong' }],
    [
      '{"id":"7","event":"subscribe","arg":{"channel":"trades-all","instId":"BTC-USDT"},"connId":"a4d3ae55"}',
      { type: 'acknowledged', key: '7', symbols: ['BTC-USDT'] },
    ],
    [
      '{"arg":{"channel":"trades-all","instId":"BTC-USDT"},"event":"subscribe"}',
      { type: 'acknowledged', key: null, symbols: ['BTC-USDT'] },
    ],
    ['{"event":"subscribe","arg":{"channel":"tickers","instId":"BTC-USDT"}}', { type: 'other' }],
    [
      '{"id":"8","event":"unsubscribe","arg":{"channel":"trades-all","instId":"BTC-USDT"}}',
      { type: 'acknowledged', key: '8', symbols: [] },
    ],
    [
      '{"id":"7","event":"error","code":"60018","msg":"Wrong URL or channel:trades-all,instId:NOSUCH-USDT doesn\'t exist. Please use the correct URL, channel and parameters referring to API document.","connId":"a4d3ae55"}',
      refused('NOSUCH-USDT'),
    ],
    [
      '{"event":"error","code":"60018","msg":"Wrong URL or channel:trades-all,instId:币-USDT doesn\'t exist."}',
      refused('币-USDT'),
    ],
    [
      '{"id":"9","event":"error","code":"60012","msg":"Invalid request: {\\"op\\"}"}',
      { type: 'refused', key: '9', symbols: null, reason: '"60012" Invalid request: {"op"}' },
    ],
    ['{"event":"error","code":"60014","msg":"Requests too frequent"}', { type: 'error', reason: expect.any(String) }],
    [
      '{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"}',
      { type: 'ending', reason: expect.stringContaining('service upgrade') },
    ],
    ['{"event":"notice","code":"64000","msg":"x"}', { type: 'other' }],
    ['{"event":"channel-conn-count","channel":"trades-all","connCount":"2","connId":"a"}', { type: 'other' }],
    ...okxSamples.map((sample) => [sample, { type: 'data' }] as const),
  ])('%s', (text, meaning) => {
    expect(okxSpot.classify(bytes(text), false)).toEqual(meaning);
  });

  it('calls what it cannot read an error, and never throws', () => {
    expect(okxSpot.classify(bytes('{"arg":'), false).type).toBe('error');
    expect(okxSpot.classify(Buffer.alloc(0), true).type).toBe('error');
    expect(okxSpot.symbolOf(Buffer.alloc(0))).toBeNull();
    expect(okxSpot.symbolOf(bytes(okxSamples[2] ?? ''))).toBe('BTC-USDT-SWAP');
  });
});

describe('lists', () => {
  const spotRow = {
    instId: 'NEW-USDT',
    instType: 'SPOT',
    baseCcy: 'NEW',
    quoteCcy: 'USDT',
    state: 'preopen',
    listTime: '',
  };
  const list = (...rows: readonly unknown[]): Buffer => bytes(JSON.stringify({ code: '0', msg: '', data: rows }));

  it('asks for its own kind', () => {
    expect(okxSpot.instruments.request().path).toBe('/api/v5/public/instruments?instType=SPOT');
    expect(okxPerp.instruments.request().path).toBe('/api/v5/public/instruments?instType=SWAP');
  });

  it('knows what opens, what stands still and when it was listed', () => {
    const parsed = okxSpot.instruments.parse(
      list(spotRow, { ...spotRow, instId: 'OLD-USDT', state: 'suspend', listTime: '1548133413000' }),
    );
    expect(parsed.ok ? parsed.value.map(({ state, listedUs }) => [state, listedUs]) : []).toEqual([
      ['pre-launch', null],
      ['halted', 1548133413000000],
    ]);
  });

  it('a linear swap is ctVal x ctMult coins, an inverse one has no size', () => {
    const swap = {
      instId: 'A-USDT-SWAP',
      state: 'live',
      uly: 'A-USDT',
      ctType: 'linear',
      ctVal: '0.1',
      ctMult: '10',
      ctValCcy: 'A',
    };
    const inverse = { ...swap, instId: 'A-USD-SWAP', uly: '', instFamily: 'A-USD', ctType: 'inverse', ctValCcy: 'USD' };
    const odd = { ...swap, instId: 'B-USDT-SWAP', uly: 'B-USDT' };
    const parsed = okxPerp.instruments.parse(list(swap, inverse, odd));
    expect(parsed.ok ? parsed.value.map((one) => [one.base, one.quote, one.contractSize]) : []).toEqual([
      ['A', 'USDT', '1.0'],
      ['A', 'USD', null],
      ['B', 'USDT', null],
    ]);
  });

  it('refuses a list with a damaged entry rather than show delistings', () => {
    for (const bad of [
      list(spotRow, {}),
      list(spotRow, 7),
      bytes('{"code":"50011","msg":"Too Many Requests","data":[]}'),
      bytes('<html>'),
    ])
      expect(okxSpot.instruments.parse(bad).ok).toBe(false);
  });
});

describe('candles', () => {
  it('asks for closed bounds with exclusive ones', () => {
    expect(okxSpot.candles?.request('BTC-USDT', 1630048860000000, 1630048980000000).path).toBe(
      '/api/v5/market/history-candles?instId=BTC-USDT&bar=1m&after=1630048980000&before=1630048859999&limit=100',
    );
  });

  const reply = (...rows: readonly unknown[]): Buffer => bytes(JSON.stringify({ code: '0', msg: '', data: rows }));
  const row = (ts: string, vol: unknown, confirm: string) => [ts, '1', '2', '0.5', '1.5', vol, '7', '8', confirm];

  it('gives the volume in the unit of the trades, and says of the minute that runs that it is open', () => {
    const parsed = okxPerp.candles?.parse(
      'X',
      reply(row('1630048920000', '3', '0'), row('1630048860000', '12.50', '1')),
    );
    expect(parsed).toEqual({
      ok: true,
      value: [
        { minuteUs: 1630048920000000, volume: '3', count: null, open: true },
        { minuteUs: 1630048860000000, volume: '12.50', count: null },
      ],
    });
  });

  it.each([
    [['x']],
    [row('1630048861000', '3', '1')],
    [row('1630048860000', 3, '1')],
    [row('1630048860000', '3', '')],
    [7],
  ])('refuses %j', (bad) => {
    expect(okxSpot.candles?.parse('X', reply(bad)).ok).toBe(false);
  });
});

describe('trouble', () => {
  it('stays away after 429', () => {
    expect(okxSpot.restTrouble(429, {}, bytes('{"code":"50011","msg":"Too Many Requests"}'))).toMatchObject({
      waitMs: 2000,
      failure: { code: 'okx.limited', retry: true },
    });
  });
});
