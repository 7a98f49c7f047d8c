// The simulated Phemex keeps the venue's protocol, its traps and its limits; what a client reads of it is what its ledger says.
import { afterEach, describe, expect, it } from 'vitest';
import { multiplyDecimals } from '../../src-shared/base/decimal.ts';
import { unwrap } from '../../src-shared/base/result.ts';
import { idTextOf, newTickCells, priceTextOf, qtyTextOf } from '../feeds/cells.ts';
import type { Feed } from '../feeds/feed.ts';
import { phemexPerp, phemexSpot } from '../feeds/phemex/phemex.ts';
import { connect, get, type LedgerRow, type Listener, readLedger, scratchFile, until } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const venues = ['phemex:spot', 'phemex:perp'] as const;
const base: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 2000, venues: [...venues] },
    { base: 'ETH', price: 2681.5, ratePerSecond: 200, venues: [...venues] },
    { base: 'PEPE', price: 0.0000091, ratePerSecond: 300, venues: [...venues] },
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

const url = (port: number, market: 'spot' | 'perp'): string => `ws://127.0.0.1:${port}/phemex-${market}/`;
const subscribeTo = (symbol: string, id = 1): object => ({
  id,
  method: symbol.startsWith('s') ? 'trade.subscribe' : 'trade_p.subscribe',
  params: [symbol],
});
const isTrades = (text: string): boolean => text.includes('"trades');

/** Rows of messages as the feed reads them; equal ones numbered as one connection sees them. seen: of earlier messages of this connection. */
function read(feed: Feed, texts: readonly string[], seen = new Map<string, number>()): LedgerRow[] {
  const rows: LedgerRow[] = [];
  const cells = newTickCells();
  const accept = (): void => {
    const key = idTextOf(cells);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    rows.push({
      venue: 'phemex',
      market: feed.market,
      symbol: cells.symbol,
      channel: cells.channel,
      id: count === 1 ? key : `${key}-${count}`,
      price: priceTextOf(cells),
      qty: qtyTextOf(cells),
      side: cells.side === 1 ? 'buy' : 'sell',
      eventUs: cells.eventUs,
    });
  };
  const reject = (_index: number, reason: string): void => expect.fail(reason);
  // Where nothing was printed yet the snapshot is empty.
  for (const text of texts)
    expect(feed.decode(Buffer.from(text), { cells, accept, reject }).kind).toBe(
      text.includes(':[]') ? 'control' : 'trades',
    );
  return rows;
}

async function listen(port: number, symbol: string): Promise<Listener> {
  const client = await connect(url(port, symbol.startsWith('s') ? 'spot' : 'perp'));
  client.send(subscribeTo(symbol));
  return client;
}

const rowTimes = (text: string): string[] => [...text.matchAll(/\[(\d{19}),/g)].map((found) => found[1] ?? '');

describe('Phemex over WebSocket', () => {
  it('acknowledges, sends up to 1000 trades that were, newest first, then batches, newest first inside', async () => {
    const port = await start();
    await until(() => (running?.printed() ?? 0) > 3000, 30_000);
    for (const symbol of ['sBTCUSDT', 'BTCUSDT']) {
      const client = await listen(port, symbol);
      await until(() => client.texts.filter((text) => rowTimes(text).length > 1).length > 3);
      expect(client.texts[0]).toBe('{"error":null,"id":1,"result":{"status":"success"}}');
      const spot = symbol === 'sBTCUSDT';
      expect(client.texts[1]).toMatch(
        spot
          ? /^\{"sequence":\d+,"symbol":"sBTCUSDT","trades":\[\[\d{19},"(Buy|Sell)",\d+,\d+\],.*\],"type":"snapshot"\}$/
          : /^\{"dts":\d{19},"mts":\d{19},"sequence":\d+,"symbol":"BTCUSDT","trades_p":\[\[\d{19},"(Buy|Sell)","[\d.]+","[\d.]+"\],.*\]\}$/,
      );
      const messages = client.texts.slice(1).map(rowTimes);
      expect(messages[0]?.length).toBeGreaterThan(500);
      expect(messages[0]?.length).toBeLessThanOrEqual(1000);
      for (const times of messages) expect(times).toEqual([...times].sort().reverse());
    }
  });

  it('prints rows that are equal in everything; with the one before counted, each equals its ledger row', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    const symbols = ['sBTCUSDT', 'BTCUSDT', 'sPEPEUSDT'];
    const clients = await Promise.all(symbols.map((symbol) => listen(port, symbol)));
    await until(() => (running?.printed() ?? 0) > 6000, 30_000);
    await running?.stopPrinting();
    const { trades } = readLedger(ledger);
    const printed = symbols.map((symbol) => trades.filter((trade) => trade.symbol === symbol));
    await until(() =>
      clients.every((client, i) => client.texts.join('').includes(printed[i]?.at(-1)?.id.split('-')[0] ?? 'none')),
    );
    for (const [i, symbol] of symbols.entries()) {
      const feed = symbol.startsWith('s') ? phemexSpot : phemexPerp;
      const rows = read(feed, clients[i]?.texts.filter(isTrades) ?? []);
      const byId = (a: LedgerRow, b: LedgerRow): number => (a.id < b.id ? -1 : 1);
      expect(rows.sort(byId)).toEqual([...(printed[i] ?? [])].sort(byId));
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    }
    expect(trades.filter(({ id }) => /-2$/.test(id) && id.split('-').length === 5).length).toBeGreaterThan(5);
    expect(trades.some(({ id }) => !/000-/.test(id))).toBe(true);
  });

  it('refuses the other market and unknown symbols with 6001, answers ping, ends a subscription', async () => {
    const port = await start();
    const client = await connect(url(port, 'perp'));
    client.send({ id: 7, method: 'trade.subscribe', params: ['sBTCUSDT'] });
    client.send({ id: 8, method: 'trade_p.subscribe', params: ['sBTCUSDT'] });
    client.send({ id: 9, method: 'server.ping', params: [] });
    client.send('nonsense');
    await until(() => client.texts.length === 4);
    expect(client.texts).toEqual([
      '{"error":{"code":6001,"message":"invalid argument"},"id":7,"result":null}',
      '{"error":{"code":6001,"message":"invalid argument"},"id":8,"result":null}',
      '{"error":null,"id":9,"result":"pong"}',
      '{"error":{"code":6001,"message":"invalid argument"},"id":null,"result":null}',
    ]);
    client.send(subscribeTo('BTCUSDT', 10));
    await until(() => client.texts.filter(isTrades).length > 3);
    client.send({ id: 11, method: 'trade_p.unsubscribe', params: ['BTCUSDT'] });
    const at = await until(() => client.texts.findIndex((text) => text.includes('"id":11')) + 1);
    client.send(subscribeTo('ETHUSDT', 12));
    await until(() => client.texts.slice(at).filter(isTrades).length > 2);
    expect(client.texts.slice(at).some((text) => text.includes('"BTCUSDT"'))).toBe(false);
  });

  it('cuts a connection of more than 20 subscriptions, and who is silent', async () => {
    const many = Array.from({ length: 21 }, (_, i) => ({
      base: `C${i}X`,
      price: 10,
      ratePerSecond: 1,
      venues: ['phemex:spot' as const],
    }));
    const port = await start({ instruments: many, limits: { idleSeconds: 1, messagesPerSecond: 100 } });
    const client = await connect(url(port, 'spot'));
    for (let i = 0; i < 20; i += 1) client.send(subscribeTo(`sC${i}XUSDT`, i + 1));
    await until(() => client.texts.filter((text) => text.includes('"success"')).length === 20);
    client.send(subscribeTo('sC20XUSDT', 21));
    await until(() => client.closed);
    expect(client.closed?.code).toBe(1008);
    const silent = await connect(url(port, 'spot'));
    await until(() => silent.closed);
  });

  it('lets 5 connections stand over both markets', async () => {
    const port = await start();
    const five: Listener[] = [];
    for (const market of ['spot', 'perp', 'spot', 'perp', 'spot'] as const) five.push(await connect(url(port, market)));
    await expect(connect(url(port, 'perp'))).rejects.toThrow('429');
    five[0]?.ws.close();
    await until(() => five[0]?.closed);
    await until(() => running && running.connections('phemex:spot') + running.connections('phemex:perp') === 4);
    await connect(url(port, 'perp'));
  });
});

describe('Phemex over REST', () => {
  it('gives one page of the newest trades, with the ids that the live rows have', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    await until(() => (running?.printed() ?? 0) > 4000, 30_000);
    await running?.stopPrinting();
    const { trades } = readLedger(ledger);
    for (const [feed, symbol] of [
      [phemexSpot, 'sBTCUSDT'],
      [phemexPerp, 'BTCUSDT'],
    ] as const) {
      const hole = { symbol, channel: feed.channel, fromId: null, toId: null, fromUs: 0, toUs: 1 };
      const asked = unwrap(feed.history?.first(hole, 0) ?? expect.fail('no history'));
      const page = Buffer.from((await get(port, `/phemex-${feed.market}${asked.path}`)).text);
      const ids: string[] = [];
      const cells = newTickCells();
      feed.history?.decode(hole, page, {
        cells,
        accept: () => void ids.push(idTextOf(cells)),
        reject: (_index, reason) => expect.fail(reason),
      });
      const printed = trades.filter((trade) => trade.symbol === symbol);
      const keys = printed.slice(-1000).map(({ id }) => id.split('-').slice(0, 4).join('-'));
      expect(ids).toEqual(keys);
      expect(unwrap(feed.history?.next(hole, asked, page) ?? expect.fail('no history'))).toMatchObject({ next: null });
    }
    expect((await get(port, '/phemex-spot/md/trade?symbol=sNOPE')).text).toContain('6001');
  });

  it('lists products with their scales, so that quantities become coins, and what was turned over', async () => {
    const port = await start();
    const list = Buffer.from((await get(port, '/phemex-spot/public/products')).text);
    const spot = unwrap(phemexSpot.instruments.parse(list));
    expect(spot.map(({ symbol, contractSize }) => [symbol, contractSize])).toEqual([
      ['sBTCUSDT', '1'],
      ['sETHUSDT', '1'],
      ['sPEPEUSDT', '10000'],
    ]);
    expect(unwrap(phemexPerp.instruments.parse(list)).map(({ symbol }) => symbol)).toEqual([
      'BTCUSDT',
      'ETHUSDT',
      'PEPEUSDT',
    ]);
    const client = await listen(port, 'sPEPEUSDT');
    await until(() => client.texts.filter(isTrades).length > 1);
    const [row] = read(phemexSpot, client.texts.filter(isTrades).slice(1));
    expect(multiplyDecimals(row?.qty ?? '', '10000')).toMatch(/^\d+\.0+$/);
    for (const feed of [phemexSpot, phemexPerp]) {
      const { turnover } = feed.instruments;
      const reply = await get(port, `/phemex-${feed.market}${turnover?.request().path}`);
      const found = unwrap(turnover?.parse(Buffer.from(reply.text)) ?? expect.fail('no turnover'));
      const values = [...found.entries()].sort((a, b) => b[1] - a[1]).map(([symbol]) => symbol.replace(/^s/, ''));
      expect(values).toEqual(['BTCUSDT', 'PEPEUSDT', 'ETHUSDT']);
    }
  });

  it('gives candles of perpetuals whose volume is the sum of what was printed', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    await until(() => (running?.printed() ?? 0) > 1000, 30_000);
    await running?.stopPrinting();
    const printed = readLedger(ledger).trades.filter(({ symbol }) => symbol === 'ETHUSDT');
    const minute = 60_000_000;
    const fromUs = Math.floor((printed[0]?.eventUs ?? 0) / minute) * minute;
    const path = phemexPerp.candles?.request('ETHUSDT', fromUs, fromUs + 3 * minute).path ?? '';
    const reply = await get(port, `/phemex-perp${path}`);
    const candles = unwrap(phemexPerp.candles?.parse('ETHUSDT', Buffer.from(reply.text)) ?? expect.fail('no candles'));
    const sum = (from: number): number =>
      printed
        .filter(({ eventUs }) => eventUs >= from && eventUs < from + minute)
        .reduce((total, { qty }) => total + Math.round(Number(qty) * 1e6), 0);
    expect(candles.length).toBeGreaterThan(0);
    for (const { minuteUs, volume } of candles) expect(Math.round(Number(volume) * 1e6)).toBe(sum(minuteUs));
    expect(
      (await get(port, '/phemex-perp/exchange/public/md/v2/kline/list?symbol=ETHUSDT&resolution=60&from=0&to=60000'))
        .text,
    ).toContain('30000');
  });

  it('takes 100 requests a minute, then says how long to stay away', async () => {
    const port = await start();
    const replies = [];
    for (let n = 0; n < 205; n += 1) replies.push(await get(port, '/phemex-spot/md/trade?symbol=sETHUSDT'));
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    const headers = Object.fromEntries(refused[0]?.headers ?? []);
    expect(phemexSpot.restTrouble(429, headers, Buffer.from('')).waitMs).toBeLessThanOrEqual(60_000);
  });
});
