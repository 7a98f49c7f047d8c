// Gate: what a line sends, what replies mean to it, which rows are refused and why, exact times and sizes, symbol lists and candles.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { Feed } from '../feed.ts';
import { gatePerp, gateSpot } from './gate.ts';
import { gateSamples, gateTriple } from './samples.fixture.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

const SPOT: Readonly<Record<string, unknown>> = {
  id: 217831625,
  id_market: 217831625,
  create_time: 1788336082,
  create_time_ms: '1788336082402.208000',
  side: 'sell',
  currency_pair: 'BTC_USDT',
  amount: '0.000021',
  price: '77474.0',
  range: '217831624-217831625',
};
const FUTURES: Readonly<Record<string, unknown>> = {
  id: 825348721,
  size: -2,
  create_time: 1788347173,
  create_time_ms: 1788347173767,
  price: '76520',
  contract: 'BTC_USDT',
};

const spot = (row: unknown): string => JSON.stringify({ result: row, event: 'update', channel: 'spot.trades' });
const futures = (...rows: readonly unknown[]): string =>
  JSON.stringify({ result: rows, event: 'update', channel: 'futures.trades' });

function decoded(text: string, feed: Feed = gateSpot) {
  const sink = collectingSink();
  const verdict = feed.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

describe('decode', () => {
  it('reads a spot trade in any key order: µs of the text, the ids that it stands for', () => {
    expect(decoded(spot(Object.fromEntries(Object.entries(SPOT).reverse()))).rows).toEqual([
      {
        symbol: 'BTC_USDT',
        channel: 'spot.trades',
        id: '217831625',
        price: '77474.0',
        qty: '0.000021',
        side: 'sell',
        eventUs: 1788336082402208,
        firstIdNumber: 217831624,
      },
    ]);
  });

  it('the sign of a futures size is the side, the rest the quantity', () => {
    const sizes = [-2, 2, '-0.30', '17', 0.5].map((size) => {
      const row = decoded(futures({ ...FUTURES, size }), gatePerp).rows[0];
      return [row?.side, row?.qty];
    });
    expect(sizes).toEqual([
      ['sell', '2'],
      ['buy', '2'],
      ['sell', '0.30'],
      ['buy', '17'],
      ['buy', '0.5'],
    ]);
  });

  it('reads all rows of a futures frame, and judges them one by one', () => {
    expect(decoded(gateTriple, gatePerp).rows.map((row) => [row.id, row.price, row.qty, row.side])).toEqual([
      ['10', '2.5', '1', 'buy'],
      ['11', '2.50', '12', 'sell'],
      ['12', '2.6', '3', 'buy'],
    ]);
    const told = decoded(gateTriple.replace('"size":-12', '"size":0'), gatePerp);
    expect(told.rows.map((row) => row.id)).toEqual(['10', '12']);
    expect(told.rejected).toEqual([{ index: 1, reason: expect.stringContaining('size:') }]);
  });

  it.each([
    ['1788336082402.208000', 1788336082402208],
    ['1788336082402.2089999', 1788336082402208],
    ['1788336082402.2', 1788336082402200],
    ['1788336082402', 1788336082402000],
    [1788336082402, 1788336082402000],
    [undefined, 1788336082000000],
  ])('create_time_ms %j is %i µs', (create_time_ms, us) => {
    expect(decoded(spot({ ...SPOT, create_time_ms })).rows[0]?.eventUs).toBe(us);
  });

  it('a row whose range does not end with its own id stands for itself', () => {
    expect(decoded(spot({ ...SPOT, range: '217831625-217831626' })).rows[0]?.firstIdNumber).toBe(217831625);
    expect(decoded(spot({ ...SPOT, range: undefined })).rows[0]?.firstIdNumber).toBe(217831625);
  });

  it.each([
    ['id', -1],
    ['id', 'x'],
    ['id', null],
    ['id_market', 'x'],
    ['create_time_ms', '1788336082402.'],
    ['create_time_ms', '178833608240'],
    ['create_time_ms', ''],
    ['create_time_ms', null],
    ['create_time', 'x'],
    ['side', 'SELL'],
    ['currency_pair', ''],
    ['currency_pair', 'BTC USDT'],
    ['amount', '-0.1'],
    ['amount', '0'],
    ['amount', 0.1],
    ['price', '1e3'],
    ['price', null],
    ['range', '5'],
    ['range', '9-5'],
    ['range', 5],
  ])('refuses the spot row when %s is %j, and says so', (name, value) => {
    const told = decoded(spot({ ...SPOT, [name]: value }));
    expect(told.rows).toEqual([]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining(`${name}:`) }]);
  });

  it.each([
    ['size', 0],
    ['size', '-0'],
    ['size', '--1'],
    ['size', '+1'],
    ['size', ''],
    ['size', null],
    ['contract', 7],
    ['price', '0'],
    ['is_internal', 'true'],
    ['create_time_ms', true],
  ])('refuses the futures row when %s is %j, and says so', (name, value) => {
    const told = decoded(futures({ ...FUTURES, [name]: value }), gatePerp);
    expect(told.rows).toEqual([]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining(`${name}:`) }]);
  });

  it.each([
    ['{"time":1,"channel":"spot.pong","event":"","result":null}', 'control'],
    ['{"time":1,"channel":"spot.trades","event":"subscribe","result":{"status":"success"}}', 'control'],
    ['{"channel":"spot.trades","event":"update","error":{"code":2,"message":"x"}}', 'control'],
    ['{"type":"upgrade","msg":"x"}', 'control'],
    ['{"channel":"futures.system","type":"upgrade"}', 'control'],
    ['{"channel":"spot.tickers","event":"update","result":{}}', 'other'],
    ['{"channel":"spot.trades","event":"update","result":[]}', 'quarantine'],
    ['{"channel":"spot.trades","event":"other","result":{}}', 'quarantine'],
    ['{"channel":"futures.trades","event":"update","result":{}}', 'quarantine'],
    ['{"channel":"futures.trades","event":"update","result":[]}', 'quarantine'],
    ['{"channel":""}', 'quarantine'],
  ])('%s is %s', (text, kind) => {
    expect(decoded(text).verdict.kind).toBe(kind);
  });

  it('names the format of API v3', () => {
    const told = decoded('{"method": "trades.update", "params": ["BTC_USDT", [{"id": 1}]], "id": null}');
    expect(told.verdict).toEqual({ kind: 'quarantine', reason: 'legacy: "trades.update" of API v3' });
  });
});

describe('the line', () => {
  it('connects spot and futures to their own paths, and asks for whole sizes', () => {
    expect(gateSpot.connectUrl(gateSpot.defaults.ws)).toBe('wss://api.gateio.ws/ws/v4/');
    expect(gatePerp.connectUrl(gatePerp.defaults.ws)).toBe('wss://fx-ws.gateio.ws/v4/ws/usdt');
    expect(gatePerp.connectHeaders).toEqual({ 'X-Gate-Size-Decimal': '1' });
    expect(gatePerp.instruments.request().headers).toEqual({ 'X-Gate-Size-Decimal': '1' });
    expect(gateSpot.connectHeaders).toBeUndefined();
  });

  it('subscribes to what is missing in small requests, and leaves what is no longer wanted', () => {
    let key = 1;
    expect(gatePerp.subscribe(['ETH_USDT', 'BTC_USDT'], ['BTC_USDT', 'XRP_USDT'], () => key++)).toEqual([
      {
        text: '{"id":1,"channel":"futures.trades","event":"unsubscribe","payload":["XRP_USDT"]}',
        key: '1',
        symbols: [],
      },
      {
        text: '{"id":2,"channel":"futures.trades","event":"subscribe","payload":["ETH_USDT"]}',
        key: '2',
        symbols: ['ETH_USDT'],
      },
    ]);
    const many = Array.from({ length: 250 }, (_, i) => `C${i}_USDT`);
    expect(gateSpot.subscribe(many, [], () => key++).map((one) => one.symbols.length)).toEqual([100, 100, 50]);
  });

  it.each<readonly [text: string, meaning: object]>([
    [
      '{"time":1,"id":7,"channel":"spot.trades","event":"subscribe","error":null,"result":{"status":"success"}}',
      { type: 'acknowledged', key: '7', symbols: null },
    ],
    [
      '{"time":1,"id":9,"channel":"spot.trades","event":"subscribe","error":null,"result":{"status":"fail"}}',
      { type: 'refused', key: '9', symbols: null, reason: 'status "fail"' },
    ],
    [
      '{"time":1,"channel":"spot.trades","event":"subscribe","payload":["BTC_USDT"],"result":{"status":"success"}}',
      { type: 'acknowledged', key: null, symbols: ['BTC_USDT'] },
    ],
    [
      '{"time":1,"id":8,"channel":"spot.trades","event":"unsubscribe","result":{"status":"success"}}',
      { type: 'acknowledged', key: '8', symbols: [] },
    ],
    [
      '{"time":1,"id":7,"channel":"spot.trades","event":"subscribe","error":{"code":2,"message":"unknown currency pair: NO_USDT"},"result":null}',
      { type: 'refused', key: '7', symbols: null, reason: '2 unknown currency pair: NO_USDT' },
    ],
    [
      '{"channel":"spot.trades","event":"subscribe","error":{"code":1,"message":"x"}}',
      { type: 'error', reason: '1 x' },
    ],
    ['{"time":1,"channel":"spot.pong","event":"","result":null}', { type: 'pong' }],
    ['{"type":"upgrade","msg":"The connection will soon be closed"}', { type: 'ending', reason: expect.any(String) }],
    ['{"channel":"futures.system","type":"upgrade","msg":"x"}', { type: 'ending', reason: 'upgrade "x"' }],
    [
      '{"channel":"futures.system","event":"update","result":{"type":"upgrade"}}',
      { type: 'ending', reason: expect.any(String) },
    ],
    ['7', { type: 'other' }],
    ['{', { type: 'error', reason: expect.any(String) }],
    ...[...gateSamples, gateTriple].map((sample) => [sample, { type: 'data' }] as const),
  ])('%s', (text, meaning) => {
    const feed = text.includes('futures.') ? gatePerp : gateSpot;
    expect(feed.classify(bytes(text), false)).toEqual(meaning);
  });

  it('tells the symbol of a frame, and of none that is not trades', () => {
    expect(gateSpot.symbolOf(bytes(gateSamples[0] ?? ''))).toBe('BTC_USDT');
    expect(gatePerp.symbolOf(bytes(gateTriple))).toBe('AB_USDT');
    expect(gateSpot.symbolOf(bytes('{"channel":"spot.tickers","result":{"currency_pair":"A_B"}}'))).toBeNull();
    expect(gateSpot.symbolOf(Buffer.alloc(0))).toBeNull();
  });
});

describe('lists', () => {
  const list = (...rows: readonly unknown[]): Buffer => bytes(JSON.stringify(rows));
  const pair = { id: 'NEW_USDT', base: 'NEW', quote: 'USDT', trade_status: 'untradable', buy_start: 0 };
  const contract = { name: 'NEW_USDT', type: 'direct', quanto_multiplier: '0.01', in_delisting: false, create_time: 0 };

  it('knows which pair trades, opens, or stands still', () => {
    const rows = [
      { ...pair, trade_status: 'tradable', buy_start: 1600000000 },
      { ...pair, buy_start: 1788336000 },
      pair,
      { ...pair, trade_status: 'sellable' },
    ];
    const parsed = gateSpot.instruments.parse(list(...rows));
    expect(parsed.ok ? parsed.value.map(({ state, listedUs }) => [state, listedUs]) : []).toEqual([
      ['trading', 1600000000000000],
      ['pre-launch', 1788336000000000],
      ['halted', null],
      ['trading', null],
    ]);
  });

  it('knows what a contract is worth, and which one is leaving', () => {
    const rows = [
      contract,
      { ...contract, in_delisting: true },
      { ...contract, quanto_multiplier: '0', type: 'inverse' },
      { ...contract, status: 'prelaunch', create_time: 1679491956 },
    ];
    const parsed = gatePerp.instruments.parse(list(...rows));
    expect(parsed.ok ? parsed.value.map((one) => [one.state, one.contractSize, one.listedUs]) : []).toEqual([
      ['trading', '0.01', null],
      ['ended', '0.01', null],
      ['trading', null, null],
      ['pre-launch', '0.01', 1679491956000000],
    ]);
  });

  it('refuses a list with a damaged entry rather than show delistings', () => {
    for (const bad of [list(pair, {}), list(pair, 7), bytes('{"label":"SERVER_ERROR","message":"x"}'), bytes('<html>')])
      expect(gateSpot.instruments.parse(bad).ok).toBe(false);
    expect(gatePerp.instruments.parse(list(contract, { ...contract, in_delisting: 0 })).ok).toBe(false);
  });
});

describe('candles', () => {
  const MINUTE = 1788336060;

  it('ask for whole minutes, both bounds included', () => {
    expect(gateSpot.candles?.request('BTC_USDT', MINUTE * 1e6, (MINUTE + 120) * 1e6).path).toBe(
      `/api/v4/spot/candlesticks?currency_pair=BTC_USDT&interval=1m&from=${MINUTE}&to=${MINUTE + 60}`,
    );
    expect(gatePerp.candles?.request('BTC_USDT', MINUTE * 1e6, (MINUTE + 60) * 1e6)).toMatchObject({
      path: `/api/v4/futures/usdt/candlesticks?contract=BTC_USDT&interval=1m&from=${MINUTE}&to=${MINUTE}`,
      headers: { 'X-Gate-Size-Decimal': '1' },
    });
  });

  it('spot: the base volume is the seventh column, and the minute that runs says that it is open', () => {
    const row = (at: number, closed: string) => [String(at), '971519.677', '1.1', '2', '0.5', '1', '12.50', closed];
    const body = bytes(JSON.stringify([row(MINUTE, 'true'), row(MINUTE + 60, 'false')]));
    expect(gateSpot.candles?.parse('X', body)).toEqual({
      ok: true,
      value: [
        { minuteUs: MINUTE * 1e6, volume: '12.50', count: null },
        { minuteUs: (MINUTE + 60) * 1e6, volume: '12.50', count: null, open: true },
      ],
    });
    for (const bad of ['[[1]]', '[7]', `[["${MINUTE}","1","1","1","1","1","x","true"]]`, '{"label":"X"}'])
      expect(gateSpot.candles?.parse('X', bytes(bad)).ok).toBe(false);
  });

  it('futures: the volume is in contracts, as number or text', () => {
    const rows = [MINUTE, MINUTE + 60].map((t, i) => ({
      t,
      v: i === 0 ? 97151 : '3.5',
      c: '1',
      h: '1',
      l: '1',
      o: '1',
    }));
    const parsed = gatePerp.candles?.parse('X', bytes(JSON.stringify(rows)));
    expect(parsed?.ok ? parsed.value.map((one) => one.volume) : []).toEqual(['97151', '3.5']);
    expect(gatePerp.candles?.parse('X', bytes(`[{"t":${MINUTE + 1},"v":1}]`)).ok).toBe(false);
  });
});
