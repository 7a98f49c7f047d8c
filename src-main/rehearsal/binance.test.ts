// The simulated Binance keeps the venue's protocol: a client that only passes here because the venue is lenient would lose data live.
import { afterEach, describe, expect, it } from 'vitest';
import { connect, get, perpUrl, readLedger, scratchFile, spotUrl, tradeOf, until } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const base: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 200, venues: ['binance:spot', 'binance:perp'] },
    { base: 'ETH', price: 2681.62, ratePerSecond: 100, venues: ['binance:spot', 'binance:perp'] },
  ],
};

let running: Rehearsal | null = null;
afterEach(async () => {
  await running?.close();
  running = null;
});

async function start(more: Partial<RecipeInput> = {}, ledger: string | null = null): Promise<number> {
  running = await startRehearsal({ recipe: { ...base, ...more }, ledger });
  return running.port;
}

describe('Binance over WebSocket', () => {
  it('acknowledges before the first trade, lists, unsubscribes, and writes frames as the venue does', async () => {
    const port = await start();
    const spot = await connect(spotUrl(port));
    spot.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 1 });
    await until(() => spot.texts.length > 5);
    expect(spot.texts[0]).toBe('{"result":null,"id":1}');
    expect(spot.texts[1]).toMatch(
      /^\{"e":"trade","E":\d{13},"s":"BTCUSDT","t":\d+,"p":"\d+\.\d{8}","q":"\d+\.\d{8}","T":\d{13},"m":(true|false),"M":true\}$/,
    );
    expect(spot.binary.every((binary) => !binary)).toBe(true);
    spot.send('{"method":"LIST_SUBSCRIPTIONS","id":18446744073709551000}');
    await until(() => spot.texts.includes('{"result":["btcusdt@trade"],"id":18446744073709551000}'));
    spot.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@trade'], id: 'a-3' });
    await until(() => spot.texts.includes('{"result":null,"id":"a-3"}'));
    expect(spot.texts.at(-1)).toBe('{"result":null,"id":"a-3"}');
  });

  it('wraps on /stream, takes streams from the URL, and gives µs when asked', async () => {
    const port = await start();
    const combined = await connect(spotUrl(port, '/stream?streams=btcusdt@trade/ethusdt@trade&timeUnit=MICROSECOND'));
    await until(() => combined.texts.length > 5);
    for (const text of combined.texts) {
      expect(text).toMatch(/^\{"stream":"(btc|eth)usdt@trade","data":\{"e":"trade","E":\d{16},.*"T":\d{16},.*\}\}$/);
    }
    const raw = await connect(spotUrl(port, '/ws/ethusdt@trade'));
    await until(() => raw.texts.length > 2);
    expect(raw.texts[0]).toMatch(/^\{"e":"trade",.*"s":"ETHUSDT"/);
  });

  it('answers bad requests with its errors and stays open', async () => {
    const port = await start();
    const spot = await connect(spotUrl(port));
    spot.send('{nonsense');
    spot.send({ method: 'SUBSCRIBEE', params: [], id: 2 });
    spot.send({ method: 'SUBSCRIBE', params: [1], id: 3 });
    spot.send({ params: [], id: 4 });
    await until(() => spot.texts.length >= 4);
    expect(spot.texts[0]).toContain('"code":3');
    expect(spot.texts[1]).toMatch(/unknown variant `SUBSCRIBEE`, expected one of `SUBSCRIBE`.*"id":2/);
    expect(spot.texts[2]).toContain('"id":3');
    expect(spot.texts[3]).toContain('missing field `method`');
    expect(spot.closed).toBeNull();
  });

  it('acknowledges a symbol that does not exist and stays silent', async () => {
    const port = await start();
    const spot = await connect(spotUrl(port));
    spot.send({ method: 'SUBSCRIBE', params: ['nosuchusdt@trade', 'BTCUSDT@trade'], id: 1 });
    const other = await connect(spotUrl(port, '/ws/btcusdt@trade'));
    await until(() => other.texts.length > 20);
    expect(spot.texts).toEqual(['{"result":null,"id":1}']);
  });

  it('cuts who sends more than 5 messages a second, and USDⓈ-M at more than 10', async () => {
    const port = await start();
    const spot = await connect(spotUrl(port));
    for (let n = 0; n < 5; n += 1) spot.send({ method: 'LIST_SUBSCRIPTIONS', id: n });
    await until(() => spot.texts.length === 5);
    expect(spot.closed).toBeNull();
    spot.ws.ping();
    expect(await until(() => spot.closed)).toMatchObject({ code: 1008 });
    const perp = await connect(perpUrl(port));
    for (let n = 0; n < 10; n += 1) perp.send({ method: 'LIST_SUBSCRIPTIONS', id: n });
    await until(() => perp.texts.length === 10);
    perp.send({ method: 'LIST_SUBSCRIPTIONS', id: 11 });
    await until(() => perp.closed);
  });

  it('refuses the 1025th stream of a connection and too many connections', async () => {
    const port = await start({ limits: { connects: 2 } });
    const spot = await connect(spotUrl(port));
    const names = Array.from({ length: 1025 }, (_, n) => `x${n}usdt@trade`);
    spot.send({ method: 'SUBSCRIBE', params: names.slice(0, 1024), id: 1 });
    await until(() => spot.texts.length === 1);
    expect(spot.texts[0]).toBe('{"result":null,"id":1}');
    spot.send({ method: 'SUBSCRIBE', params: names.slice(1024), id: 2 });
    await until(() => spot.closed);
    expect(spot.texts[1]).toContain('"error"');
    await connect(spotUrl(port));
    await expect(connect(spotUrl(port))).rejects.toThrow('429');
  });

  it('pings, lives on pongs, cuts who does not answer, and ends every connection at its age', async () => {
    const port = await start({ limits: { pingSeconds: 0.3, pongSeconds: 0.8, ageSeconds: 3 } });
    const answering = await connect(spotUrl(port));
    const silent = await connect(spotUrl(port), { autoPong: false });
    await until(() => silent.closed);
    expect(silent.closed).toMatchObject({ code: 1008 });
    expect(answering.closed).toBeNull();
    expect(answering.pings.length).toBeGreaterThan(1);
    await until(() => answering.closed);
    expect(answering.closed).toMatchObject({ code: 1001 });
  });

  it('carries USDⓈ-M aggTrade on /market only: other URLs acknowledge and stay silent', async () => {
    const port = await start();
    const market = await connect(perpUrl(port, '/market/stream'));
    const old = await connect(perpUrl(port, '/ws'));
    const open = await connect(perpUrl(port, '/public/ws'));
    for (const one of [market, old, open]) one.send({ method: 'SUBSCRIBE', params: ['btcusdt@aggTrade'], id: 9 });
    await until(() => market.texts.length > 20);
    expect(market.texts[1]).toMatch(
      /^\{"stream":"btcusdt@aggTrade","data":\{"e":"aggTrade","E":\d{13},"a":\d+,"s":"BTCUSDT","p":"\d+\.\d","q":"\d+\.\d{3}","nq":"\d+\.\d{3}","f":\d+,"l":\d+,"T":\d{13},"m":(true|false)\}\}$/,
    );
    expect(old.texts).toEqual(['{"result":null,"id":9}']);
    expect(open.texts).toEqual(['{"result":null,"id":9}']);
    await expect(connect(perpUrl(port, '/nowhere'))).rejects.toThrow('404');
  });
});

describe('Binance over REST', () => {
  it('gives any part of the history by id, the same as was printed', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    await until(() => (running?.printed() ?? 0) > 600);
    await running?.stopPrinting();
    const { trades } = readLedger(ledger);
    const spot = trades.filter((trade) => trade.market === 'spot' && trade.symbol === 'BTCUSDT');
    const from = spot[20]?.id ?? '';
    const history = await get(port, `/binance-spot/api/v3/historicalTrades?symbol=BTCUSDT&fromId=${from}&limit=50`);
    const rows: { id: number; price: string; qty: string; time: number; isBuyerMaker: boolean }[] = JSON.parse(
      history.text,
    );
    expect(
      rows.map((row) => [String(row.id), row.price, row.qty, row.isBuyerMaker ? 'sell' : 'buy', row.time * 1000]),
    ).toEqual(spot.slice(20, 70).map((trade) => [trade.id, trade.price, trade.qty, trade.side, trade.eventUs]));
    const perp = trades.filter((trade) => trade.market === 'perp' && trade.symbol === 'BTCUSDT');
    const aggregates = await get(port, `/binance-perp/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=${perp[5]?.id}&limit=30`);
    const live = JSON.parse(aggregates.text) as {
      a: number;
      p: string;
      q: string;
      f: number;
      l: number;
      T: number;
      m: boolean;
    }[];
    expect(live.map((row) => [String(row.a), row.p, row.q, row.T * 1000])).toEqual(
      perp.slice(5, 35).map((trade) => [trade.id, trade.price, trade.qty, trade.eventUs]),
    );
    for (let n = 1; n < live.length; n += 1) expect(live[n]?.f).toBe((live[n - 1]?.l ?? 0) + 1);
    const fromUs = spot[10]?.eventUs ?? 0;
    const byTime = await get(
      port,
      `/binance-spot/api/v3/aggTrades?symbol=BTCUSDT&startTime=${fromUs / 1000}&endTime=${fromUs / 1000 + 300}&limit=1000`,
    );
    const inside = spot.filter((trade) => trade.eventUs >= fromUs && trade.eventUs <= fromUs + 300_000);
    expect((JSON.parse(byTime.text) as { l: number }[]).map((row) => String(row.l))).toEqual(
      inside.map((trade) => trade.id),
    );
  });

  it('lists symbols with what a reader needs', async () => {
    const port = await start();
    const spot = JSON.parse((await get(port, '/binance-spot/api/v3/exchangeInfo')).text) as {
      symbols: Record<string, unknown>[];
    };
    expect(spot.symbols[0]).toMatchObject({
      symbol: 'BTCUSDT',
      status: 'TRADING',
      baseAsset: 'BTC',
      quoteAsset: 'USDT',
    });
    const perp = JSON.parse((await get(port, '/binance-perp/fapi/v1/exchangeInfo')).text) as {
      symbols: Record<string, unknown>[];
    };
    expect(perp.symbols[0]).toMatchObject({ symbol: 'BTCUSDT', contractType: 'PERPETUAL', status: 'TRADING' });
  });

  it('counts weight: 429 with Retry-After when it is used up, 418 for who pushes on', async () => {
    const port = await start({ limits: { weightPerMinute: 60, banSeconds: 7 } });
    const ask = (): Promise<{ status: number; headers: Headers; text: string }> =>
      get(port, '/binance-spot/api/v3/historicalTrades?symbol=BTCUSDT&limit=1');
    expect((await ask()).headers.get('x-mbx-used-weight-1m')).toBe('25');
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.text).toContain('-1003');
    let banned = refused;
    for (let n = 0; n < 40 && banned.status !== 418; n += 1) banned = await ask();
    expect(banned.status).toBe(418);
    expect(Number(banned.headers.get('retry-after'))).toBeLessThanOrEqual(7);
  });

  it('refuses as the venue refuses', async () => {
    const port = await start();
    expect((await get(port, '/binance-spot/api/v3/historicalTrades?symbol=NOPE')).text).toContain('-1121');
    expect((await get(port, '/binance-spot/api/v3/aggTrades')).text).toContain('-1102');
    expect((await get(port, '/binance-perp/fapi/v1/historicalTrades?symbol=BTCUSDT')).status).toBe(401);
    expect((await get(port, '/binance-perp/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1')).text).toContain(
      '-1128',
    );
    expect((await get(port, '/elsewhere')).status).toBe(404);
  });
});

describe('a venue whose clock is off', () => {
  it('stamps its trades with its own clock', async () => {
    const port = await start({
      faults: [{ atSeconds: 0, kind: 'skew', ms: 90_000, forSeconds: 60, venue: 'binance', market: 'spot' }],
    });
    const spot = await connect(spotUrl(port, '/ws/btcusdt@trade'));
    await until(() => spot.texts.length > 10);
    const ahead = (tradeOf(spot.texts[9] ?? '')?.eventUs ?? 0) / 1000 - Date.now();
    expect(ahead).toBeGreaterThan(85_000);
    expect(ahead).toBeLessThan(91_000);
  });
});
