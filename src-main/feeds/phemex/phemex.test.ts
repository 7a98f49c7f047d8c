// Phemex: which rows are read and in what order, what a line sends and what replies mean to it, the product lists, history and candles.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import { recordedInstruments } from '../recorded-frames.fixture.ts';
import { phemexPerp, phemexSpot } from './phemex.ts';
import { phemexSnapshot } from './sample-frames.fixture.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const keys = (from = 1): (() => number) => {
  let key = from;
  return () => key++;
};

function decoded(text: string) {
  const sink = collectingSink();
  const verdict = phemexSpot.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

const ROW = '[1591268224163281134,"Buy",24025000000,10576000]';
const frame = (rows: string, symbol = 'sBTCUSDT', rest = ',"type":"incremental"'): string =>
  `{"sequence":1,"symbol":"${symbol}","trades":[${rows}]${rest}}`;

describe('decode', () => {
  it('spot: scaled whole numbers with all 8 decimals, time exact to the ns in the id', () => {
    expect(decoded(frame(ROW)).rows).toEqual([
      {
        symbol: 'sBTCUSDT',
        channel: 'trade',
        id: '1591268224163281134-b-24025000000-10576000',
        price: '240.25000000',
        qty: '0.10576000',
        side: 'buy',
        eventUs: 1591268224163281,
        firstIdNumber: -1,
      },
    ]);
  });

  it('perpetual: decimals as sent, with dts and mts and without a type', () => {
    const text =
      '{"dts":1788346442564928876,"mts":1788346442406331636,"sequence":67412126177,"symbol":"BTCUSDT","trades_p":[[1788346442396240233,"Sell","76426.70","0.091"]]}';
    expect(decoded(text).rows).toEqual([
      {
        symbol: 'BTCUSDT',
        channel: 'trade_p',
        id: '1788346442396240233-s-76426.70-0.091',
        price: '76426.70',
        qty: '0.091',
        side: 'sell',
        eventUs: 1788346442396240,
        firstIdNumber: -1,
      },
    ]);
  });

  it('contracts settled in coins: price by 10^4, quantity in contracts; case tells them from spot', () => {
    for (const symbol of ['SIRENPUSD', 'cETHUSD'])
      expect(decoded(frame('[1625342246173227295,"Buy",330005000,10]', symbol)).rows[0]).toMatchObject({
        symbol,
        price: '33000.5000',
        qty: '10',
      });
    expect(decoded(frame('[1625342246173227295,"Buy",330005000,10]', 'sIRENPUSD')).rows[0]?.price).toBe('3.30005000');
  });

  it('keeps numbers that no double can hold', () => {
    const { rows } = decoded(frame('[1591268224163281134,"Buy",1,9007199254740993]'));
    expect(rows[0]).toMatchObject({ price: '0.00000001', qty: '90071992.54740993' });
    expect(rows[0]?.id).toBe('1591268224163281134-b-1-9007199254740993');
  });

  it('gives the oldest first, of one ns the given order reversed, and never drops an equal row', () => {
    const row = (ns: number, price: number): string => `[15912682241632810${ns},"Buy",${price},1]`;
    const prices = (rows: string): number[] =>
      decoded(frame(rows)).rows.map(({ price }) => Number(price.replace('.', '')));
    expect(prices([row(30, 5), row(20, 4), row(20, 3), row(20, 3), row(10, 1)].join(','))).toEqual([1, 3, 3, 4, 5]);
    // The venue's order is U: were it otherwise, time decides.
    expect(prices([row(10, 1), row(30, 5), row(20, 4), row(20, 3)].join(','))).toEqual([1, 3, 4, 5]);
    // In any key order.
    const shuffled = `{"type":"snapshot","trades":[${row(20, 4)},${row(20, 3)},${row(10, 1)}],"symbol":"sBTCUSDT"}`;
    expect(decoded(shuffled).rows.map(({ price }) => price)).toEqual(['0.00000001', '0.00000003', '0.00000004']);
  });

  it('a snapshot of 1000 rows is read whole, oldest first', () => {
    for (const symbol of ['sBTCUSDT', 'BTCUSDT']) {
      const { rows, rejected } = decoded(phemexSnapshot(symbol, 1000));
      const times = rows.map(({ id }) => BigInt(id.split('-')[0] ?? '0'));
      expect([rows.length, rejected]).toEqual([1000, []]);
      expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0n))).toBe(true);
    }
  });

  it('a damaged row is refused by its place in the frame, the others stand', () => {
    const { verdict, rows, rejected } = decoded(
      frame(
        `${ROW},[1591268224163281,"Buy",1,1],[1591268224163281133,"Bid",1,1],[1591268224163281132,"Buy",0,1],${ROW}`,
      ),
    );
    expect([verdict.kind, rows.length, rejected.map(({ index }) => index)]).toEqual(['trades', 2, [1, 2, 3]]);
    expect(rejected.map(({ reason }) => reason.split(':')[0])).toEqual(['time', 'side', 'price']);
  });

  it('a damaged frame is quarantined whole', () => {
    const kinds = [
      frame(ROW).replace('"sBTCUSDT"', '""'),
      frame(ROW, 'sBTCUSDT', ',"type":"partial"'),
      frame(ROW).replace('"sequence":1', '"sequence":"1"'),
      frame(ROW, 'sBTCUSDT', ',"trades_p":[]'),
      '{"sequence":1,"symbol":"sBTCUSDT","trades":{}}',
    ].map((text) => decoded(text));
    expect(kinds.map(({ verdict, rows }) => [verdict.kind, rows.length])).toEqual(Array(5).fill(['quarantine', 0]));
  });

  it('tells replies, other channels and a snapshot without trades from trades', () => {
    const kinds = [
      '{"error":null,"id":1,"result":{"status":"success"}}',
      '{"error":{"code":6001,"message":"invalid argument"},"id":1,"result":null}',
      '{"book":{"asks":[],"bids":[]},"depth":30,"sequence":1,"symbol":"sBTCUSDT","timestamp":1,"type":"snapshot"}',
      '{"data":[],"fields":[],"method":"perp_market24h_pack_p.update","timestamp":1,"type":"snapshot"}',
      frame('', 'sNEWUSDT', ',"type":"snapshot"'),
    ].map((text) => decoded(text).verdict);
    expect(kinds.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual([
      'control reply',
      'control error',
      'other book',
      'other perp_market24h_pack_p.update',
      'control a snapshot without trades',
    ]);
  });

  it('names the symbol of a frame', () => {
    expect(phemexSpot.symbolOf(bytes(frame(ROW)))).toBe('sBTCUSDT');
    expect(phemexPerp.symbolOf(bytes(phemexSnapshot('BTCUSDT', 3)))).toBe('BTCUSDT');
    expect(phemexSpot.symbolOf(bytes('{"error":null,"id":1,"result":{"status":"success"}}'))).toBeNull();
  });
});

describe('the line', () => {
  it('subscribes one symbol a message by the method of its market, and leaves before it joins', () => {
    expect(phemexSpot.subscribe(['sBTCUSDT', 'sETHUSDT'], ['sXRPUSDT', 'sETHUSDT'], keys(7))).toEqual([
      { text: '{"id":7,"method":"trade.unsubscribe","params":["sXRPUSDT"]}', key: '7', symbols: [] },
      { text: '{"id":8,"method":"trade.subscribe","params":["sBTCUSDT"]}', key: '8', symbols: ['sBTCUSDT'] },
    ]);
    expect(phemexPerp.subscribe(['BTCUSDT'], [], keys())[0]?.text).toBe(
      '{"id":1,"method":"trade_p.subscribe","params":["BTCUSDT"]}',
    );
    expect(phemexPerp.subscribe(['BTCUSDT'], ['BTCUSDT'], keys())).toEqual([]);
  });

  it('understands replies by their key, and the pong of its ping', () => {
    const classes = [
      '{"error":null,"id":1,"result":{"status":"success"}}',
      '{"error":{"code":6001,"message":"invalid argument"},"id":2,"result":null}',
      '{"error":null,"id":0,"result":"pong"}',
      '{"error":{"code":6001,"message":"invalid argument"},"id":null,"result":null}',
      '{"error":{"code":1,"message":"x"},"id":0,"result":null}',
      frame(ROW),
      phemexSnapshot('BTCUSDT', 2),
      '{"dts":1788346442564928876,"mts":1788346442406331636,"sequence":67412126177,"symbol":"BTCUSDT","trades_p":[]}',
      'nonsense',
    ].map((text) => phemexSpot.classify(bytes(text), false));
    expect(classes.slice(0, 5)).toEqual([
      { type: 'acknowledged', key: '1', symbols: null },
      { type: 'refused', key: '2', symbols: null, reason: '6001 "invalid argument"' },
      { type: 'pong' },
      { type: 'error', reason: '6001 "invalid argument"' },
      { type: 'error', reason: '1 "x"' },
    ]);
    expect(classes.slice(5).map(({ type }) => type)).toEqual(['data', 'data', 'data', 'error']);
  });

  it('pings each 5 s, gives up after three, and stays within what a client may hold', () => {
    expect(phemexSpot.limits).toMatchObject({
      streamsPerConnection: 20,
      connectionsPerAddress: 5,
      deadAfterMs: 16_000,
    });
    expect(phemexSpot.limits.heartbeat).toEqual({
      text: '{"id":0,"method":"server.ping","params":[]}',
      everyMs: 5_000,
    });
    expect(phemexSpot.connectUrl('wss://ws.phemex.com')).toBe('wss://ws.phemex.com/');
  });

  it('stays away as long as the venue says per group, else a minute; a shut-out address 5 minutes', () => {
    const wait = (status: number, headers = {}): number =>
      phemexSpot.restTrouble(status, headers, new Uint8Array()).waitMs;
    expect(wait(429)).toBe(60_000);
    expect(wait(429, { 'X-RateLimit-Retry-After-OTHERS': '7' })).toBe(7_000);
    expect(wait(403)).toBe(300_000);
  });
});

const PRODUCTS = {
  code: 0,
  msg: '',
  data: {
    currencies: [
      { currency: 'BTC', valueScale: 8 },
      { currency: 'SHIB', valueScale: 2 },
      { currency: 'WEI', valueScale: 10 },
    ],
    products: [
      { symbol: 'BTCUSD', type: 'Perpetual', settleCurrency: 'BTC', quoteCurrency: 'USD', status: 'Listed' },
      ...['BTC', 'SHIB', 'WEI', 'NONE'].map((coin) => ({
        symbol: `s${coin}USDT`,
        type: 'Spot',
        baseCurrency: coin,
        quoteCurrency: 'USDT',
        priceScale: 8,
        status: coin === 'WEI' ? 'Delisted' : 'Listed',
        listTime: coin === 'BTC' ? 1589338800000 : 0,
      })),
      { symbol: 'sODDUSDT', type: 'Spot', baseCurrency: 'BTC', quoteCurrency: 'USDT', priceScale: 6, status: 'Listed' },
    ],
    perpProductsV2: [
      {
        symbol: 'BTCUSDT',
        type: 'PerpetualV2',
        baseCurrency: 'BTC',
        quoteCurrency: 'USDT',
        settleCurrency: 'USDT',
        status: 'Listed',
        listTime: 1668225600000,
      },
      {
        symbol: 'BTCUSDC',
        type: 'PerpetualV2',
        baseCurrency: 'BTC',
        quoteCurrency: 'USDC',
        settleCurrency: 'USDC',
        status: 'Listed',
      },
    ],
  },
};

describe('instruments', () => {
  it('spot: contractSize makes up for a valueScale that is not 8; what would be misread is not called known', () => {
    const list = phemexSpot.instruments.parse(bytes(JSON.stringify(PRODUCTS)));
    expect(
      list.ok && list.value.map(({ symbol, base, contractSize, state }) => [symbol, base, contractSize, state]),
    ).toEqual([
      ['sBTCUSDT', 'BTC', '1', 'trading'],
      ['sSHIBUSDT', 'SHIB', '1000000', 'trading'],
      ['sWEIUSDT', 'WEI', '0.01', 'ended'],
      ['sNONEUSDT', 'NONE', null, 'trading'],
      ['sODDUSDT', 'BTC', null, 'unknown'],
    ]);
    expect(list.ok && list.value.slice(0, 2).map(({ listedUs }) => listedUs)).toEqual([1589338800000000, null]);
  });

  it('perpetuals: those settled in USDT, their quantity in coins', () => {
    const list = phemexPerp.instruments.parse(bytes(JSON.stringify(PRODUCTS)));
    expect(list).toEqual({
      ok: true,
      value: [
        {
          venue: 'phemex',
          market: 'perp',
          symbol: 'BTCUSDT',
          base: 'BTC',
          quote: 'USDT',
          contractSize: '1',
          state: 'trading',
          listedUs: 1668225600000000,
        },
      ],
    });
  });

  it('refuses a list that is an error, no list, or has a damaged entry', () => {
    const broken = { ...PRODUCTS, data: { ...PRODUCTS.data, products: [{ type: 'Spot', symbol: 'sBTCUSDT' }] } };
    for (const body of ['{"code":1,"msg":"x"}', '{"code":0,"data":{}}', '[]', 'x', JSON.stringify(broken)])
      expect([body, phemexSpot.instruments.parse(bytes(body)).ok]).toEqual([body, false]);
  });

  it('reads what was turned over in 24 h, in the quote coin', () => {
    const spot = phemexSpot.instruments.turnover?.parse(
      bytes('{"error":null,"id":0,"result":[{"symbol":"sBTCUSDT","turnoverEv":104718804814499,"volumeEv":1}]}'),
    );
    expect(spot?.ok && spot.value.get('sBTCUSDT')).toBe(1047188.04814499);
    const perp = phemexPerp.instruments.turnover?.parse(
      bytes(
        '{"error":null,"id":0,"result":[{"symbol":"BTCUSDT","turnoverRv":"139029311.7517","volumeRq":"6747.727"}]}',
      ),
    );
    expect(perp?.ok && perp.value.get('BTCUSDT')).toBe(139029311.7517);
    expect(phemexSpot.instruments.turnover?.parse(bytes('{"error":{"code":1},"result":null}')).ok).toBe(false);
  });

  const recorded = recordedInstruments('PHEMEX.0.32');
  it.skipIf(recorded === undefined)('reads the recorded list, which knows no perpetuals of USDT yet', () => {
    const spot = phemexSpot.instruments.parse(recorded ?? bytes(''));
    expect(spot.ok && spot.value.length).toBe(30);
    expect(spot.ok && spot.value.every(({ contractSize, state }) => contractSize === '1' && state === 'trading')).toBe(
      true,
    );
    expect(phemexPerp.instruments.parse(recorded ?? bytes(''))).toEqual({ ok: true, value: [] });
  });
});

describe('history', () => {
  const hole = {
    symbol: 'sBTCUSDT',
    channel: 'trade',
    fromId: null,
    toId: null,
    fromUs: 1591268224163281,
    toUs: 1591268225000000,
  };
  const page = (...rows: string[]): Buffer => bytes(`{"error":null,"id":0,"result":${frame(rows.join(','))}}`);
  const older = '[1591268224163280999,"Sell",24025000000,10576000]';

  it('asks one page of the newest trades, by the path of the channel', () => {
    const asked = (channel: string, symbol: string): string | false | undefined => {
      const first = phemexSpot.history?.first({ ...hole, channel, symbol }, 0);
      return first?.ok && first.value.path;
    };
    expect(asked('trade', 'sBTCUSDT')).toBe('/md/trade?symbol=sBTCUSDT');
    expect(asked('trade_p', 'BTCUSDT')).toBe('/md/v2/trade?symbol=BTCUSDT');
    expect(asked('book', 'BTCUSDT')).toBe(false);
    expect(phemexSpot.history?.reachTrades).toBe(1000);
  });

  it('has reached over the hole only when its oldest trade is strictly older', () => {
    const asked = { method: 'GET', path: '', headers: {}, weight: 1 } as const;
    const reached = (body: Buffer) => {
      const next = phemexSpot.history?.next(hole, asked, body);
      const { rows, next: more, reached: is, oldestUs, newestUs } = next?.ok ? next.value : {};
      return [rows, more, is, oldestUs, newestUs];
    };
    const newestUs = decoded(frame(ROW)).rows[0]?.eventUs;
    expect(reached(page(ROW, older))).toEqual([2, null, true, 1_591_268_224_163_280, newestUs]);
    expect(reached(page(ROW, ROW))).toEqual([2, null, false, newestUs, newestUs]);
    expect(reached(page())).toEqual([0, null, false, null, null]);
    const refused = phemexSpot.history?.next(
      hole,
      asked,
      bytes('{"error":{"code":6001,"message":"invalid argument"},"id":0,"result":null}'),
    );
    expect(refused).toMatchObject({ ok: false, failure: { code: 'history.refused', retry: false } });
    expect(phemexSpot.history?.next(hole, asked, bytes('<html>'))).toMatchObject({ failure: { retry: true } });
  });

  it('gives a trade the id that its live frame has, oldest first, also from rows with a sequence', () => {
    const sink = collectingSink();
    phemexSpot.history?.decode(hole, page(ROW, older.replace('999,', '999,13156448570000,')), sink);
    expect(sink.rejected).toEqual([]);
    expect(sink.rows.map(({ id }) => id)).toEqual([
      '1591268224163280999-s-24025000000-10576000',
      decoded(frame(ROW)).rows[0]?.id,
    ]);
  });

  it('takes no other symbol for the one that was asked, and an error for an error', () => {
    const sink = collectingSink();
    expect(phemexSpot.history?.decode({ ...hole, symbol: 'sETHUSDT' }, page(ROW), sink).kind).toBe('quarantine');
    expect(phemexSpot.history?.decode({ ...hole, channel: 'trade_p' }, page(ROW), sink).kind).toBe('quarantine');
    expect(phemexSpot.history?.decode(hole, bytes('{"error":{"code":6001},"id":0,"result":null}'), sink).kind).toBe(
      'control',
    );
    expect(sink.rows).toEqual([]);
  });
});

describe('candles', () => {
  it('asks for minutes in seconds, the end not included', () => {
    expect(phemexPerp.candles?.request('BTCUSDT', 1591268220000000, 1591268340000000).path).toBe(
      '/exchange/public/md/v2/kline/list?symbol=BTCUSDT&resolution=60&from=1591268220&to=1591268340',
    );
  });

  it('reads the volume in coins, bare or in quotes, exponents written out', () => {
    const row = (minute: number, volume: string): string =>
      `[${minute},60,"1","1","1","1","1",${volume},"9","BTCUSDT"]`;
    const body = `{"code":0,"msg":"OK","data":{"total":-1,"rows":[${row(1591268280, '"12.340"')},${row(1591268220, '0')},${row(1591268340, '1.5E-3')},${row(1591268400, '1.25E2')},${row(1591268460, '2E-8')},${row(1591268520, '12E1')}]}}`;
    expect(phemexPerp.candles?.parse('BTCUSDT', bytes(body))).toEqual({
      ok: true,
      value: [
        { minuteUs: 1591268280000000, volume: '12.340', count: null },
        { minuteUs: 1591268220000000, volume: '0', count: null },
        { minuteUs: 1591268340000000, volume: '0.0015', count: null },
        { minuteUs: 1591268400000000, volume: '125', count: null },
        { minuteUs: 1591268460000000, volume: '0.00000002', count: null },
        { minuteUs: 1591268520000000, volume: '120', count: null },
      ],
    });
    expect(phemexSpot.candles).toBeNull();
  });

  it('refuses an error and a damaged candle', () => {
    const bodies = [
      '{"code":30000,"msg":"Please double check input arguments","data":null}',
      '{"code":0,"data":{"rows":[[1591268281,60,1,1,1,1,1,1,1]]}}',
      '{"code":0,"data":{"rows":[[1591268280,60,1,1,1,1,1,-1,1]]}}',
      '{"code":0,"data":{"rows":{}}}',
    ];
    expect(bodies.map((body) => phemexPerp.candles?.parse('BTCUSDT', bytes(body)).ok)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
