// The simulated KuCoin keeps the venue's protocol, and what its feed reads of it is what the ledger says was printed.
import { afterEach, describe, expect, it } from 'vitest';
import { compareDecimals } from '../../src-shared/base/decimal.ts';
import { MINUTE_US } from '../../src-shared/base/time.ts';
import { type CollectingSink, collectingSink } from '../feeds/collecting-sink.fixture.ts';
import type { Feed } from '../feeds/feed.ts';
import { kucoinPerp, kucoinSpot } from '../feeds/kucoin/kucoin.ts';
import { connect, enforcedIn, get, type Listener, readLedger, scratchFile, until } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const base: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 150, venues: ['kucoin:spot', 'kucoin:perp'] },
    { base: 'XRP', price: 0.5931, ratePerSecond: 100, venues: ['kucoin:spot', 'kucoin:perp'] },
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

const prefix = (feed: Feed): string => (feed === kucoinSpot ? '/kucoin-spot' : '/kucoin-perp');

/** The URL of one connection, asked for as the recorder asks. */
async function dial(port: number, feed: Feed = kucoinSpot): Promise<string> {
  const asked = feed.dial?.request();
  const reply = await fetch(`http://127.0.0.1:${port}${prefix(feed)}${asked?.path}`, {
    method: asked?.method ?? 'GET',
  });
  const endpoint = `ws://127.0.0.1:${port}${prefix(feed)}`;
  const url = feed.dial?.url(endpoint, Buffer.from(await reply.arrayBuffer()), 'c-1');
  if (!url?.ok) throw new Error(`${reply.status} ${url?.failure.message}`);
  return url.value;
}

async function welcomed(port: number, feed: Feed = kucoinSpot): Promise<Listener> {
  const listener = await connect(await dial(port, feed));
  await until(() => listener.texts[0] === '{"id":"c-1","type":"welcome"}');
  return listener;
}

const ask = (id: string, topic: string, type = 'subscribe'): object => ({ id, type, topic, response: true });
const answers = (listener: Listener): string[] => listener.texts.filter((text) => text.startsWith('{"id"')).slice(1);

function read(feed: Feed, listener: Listener): CollectingSink {
  const sink = collectingSink();
  for (const text of listener.texts) feed.decode(Buffer.from(text), sink);
  return sink;
}

describe('KuCoin over WebSocket', () => {
  it('names itself in the reply to bullet-public, which GET does not get', async () => {
    const port = await start();
    const reply = await fetch(`http://127.0.0.1:${port}/kucoin-spot/api/v1/bullet-public`, { method: 'POST' });
    expect(await reply.text()).toContain(`"endpoint":"ws://127.0.0.1:${port}/kucoin-spot/","encrypt":true`);
    expect((await get(port, '/kucoin-spot/api/v1/bullet-public')).status).toBe(405);
  });

  it('takes each token once', async () => {
    const port = await start();
    const url = await dial(port);
    await connect(url);
    for (const dead of [url, url.replace(/token=[^&]+/, 'token=made-up')]) {
      const second = await connect(dead);
      await until(() => second.closed);
      expect(second.texts).toEqual(['{"id":"c-1","type":"error","code":401,"data":"token is invalid"}']);
    }
    await welcomed(port);
  });

  it('hears nobody before its welcome', async () => {
    const port = await start();
    const hasty = await connect(await dial(port));
    hasty.send(ask('1', '/market/match:BTC-USDT'));
    await until(() => hasty.texts.length > 0);
    hasty.send({ id: 'x', type: 'ping' });
    await until(() => hasty.texts.length > 1);
    expect(hasty.texts).toEqual(['{"id":"c-1","type":"welcome"}', '{"id":"x","type":"pong"}']);
  });

  it('subscribes many symbols at once or none, and tells which is unknown', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    const listener = await welcomed(port);
    listener.send(ask('1', '/market/match:BTC-USDT,NO-SUCH'));
    listener.send(ask('2', '/contractMarket/execution:XBTUSDTM'));
    listener.send(ask('3', `/market/match:${Array.from({ length: 101 }, () => 'BTC-USDT').join()}`));
    listener.send(ask('4', '/market/match:BTC-USDT,XRP-USDT'));
    await until(() => read(kucoinSpot, listener).rows.length > 50);
    expect(answers(listener)).toEqual([
      '{"id":"1","type":"error","code":404,"data":"topic /market/match:NO-SUCH is not found"}',
      '{"id":"2","type":"error","code":404,"data":"topic /contractMarket/execution:XBTUSDTM is not found"}',
      '{"id":"3","type":"error","code":400,"data":"at most 100 symbols in one topic"}',
      '{"id":"4","type":"ack"}',
    ]);
    listener.send(ask('5', '/market/match:BTC-USDT', 'unsubscribe'));
    const at = await until(() => listener.texts.indexOf('{"id":"5","type":"ack"}') + 1);
    await until(() => listener.texts.length > at + 30);
    expect(listener.texts.slice(at).some((text) => text.includes('BTC-USDT'))).toBe(false);
    // An unknown name breaks no limit.
    await running?.close();
    expect(enforcedIn(ledger, 'kucoin:spot')).toEqual({ 'request refused: 400': 1 });
  });

  it('takes no more topics than it allows', async () => {
    const many = { count: 101, ticksPerSecond: 10, venues: ['kucoin:perp' as const] };
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({ generator: many }, ledger);
    const listener = await welcomed(port, kucoinPerp);
    const symbols = Array.from({ length: 101 }, (_, i) => `R${String(i).padStart(4, '0')}USDTM`);
    const sent = kucoinPerp.subscribe(symbols, [], () => 1);
    for (const message of sent) listener.send(message.text);
    await until(() => answers(listener).length === 2);
    expect(answers(listener)).toEqual([
      '{"id":"1","type":"ack"}',
      '{"id":"1","type":"error","code":509,"data":"exceed max subscription count limitation of 100 per session"}',
    ]);
    await running?.close();
    expect(enforcedIn(ledger, 'kucoin:perp')).toEqual({ 'request refused: 509': 1 });
  });

  it('cuts who does not ping, who sends too much, and refuses too many connections', async () => {
    const port = await start({ limits: { idleSeconds: 0.6 } });
    const silent = await welcomed(port);
    const hasty = await welcomed(port);
    for (let n = 0; n < 101; n += 1) hasty.send({ id: `p${n}`, type: 'ping' });
    await until(() => hasty.closed);
    expect(hasty.closed?.code).toBe(1008);
    await until(() => silent.closed);
    await running?.close();
    const again = await start();
    const tries: Promise<Listener>[] = [];
    for (let n = 0; n < 32; n += 1) tries.push(connect(await dial(again)));
    const settled = await Promise.allSettled(tries);
    expect(settled.filter((one) => one.status === 'fulfilled').length).toBe(30);
  });
});

describe.each([
  ['spot', kucoinSpot, 'XRP-USDT', /^2\d{16}$/],
  ['perp', kucoinPerp, 'XRPUSDTM', /^\d{7,16}$/],
] as const)('KuCoin %s', (_name, feed, symbol, id) => {
  const rest = (port: number, path: string) => get(port, `${prefix(feed)}${path}`);

  it('prints what its ledger says, with sequences that jump and times that many share; the last 100 trades join by id', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({ pump: [{ atSeconds: 0, forSeconds: 60, factor: 5 }] }, ledger);
    const listener = await welcomed(port, feed);
    const [message] = feed.subscribe([symbol], [], () => 1);
    listener.send(message?.text ?? '');
    await until(() => read(feed, listener).rows.length > 150);
    await running?.stopPrinting();
    const rows = readLedger(ledger).trades.filter((row) => row.symbol === symbol && row.market === feed.market);
    const live = read(feed, listener);
    expect(live.rejected).toEqual([]);
    const received = live.rows.map(({ firstIdNumber: _, ...row }) => ({
      venue: 'kucoin',
      market: feed.market,
      ...row,
    }));
    const from = rows.findIndex((row) => row.id === received[0]?.id);
    expect(received).toEqual(rows.slice(from, from + received.length));

    expect(rows.every((row) => id.test(row.id))).toBe(true);
    const steps = rows.slice(1).map((row, i) => BigInt(row.id) - BigInt(rows[i]?.id ?? 0));
    expect(steps.every((step) => step > 1n)).toBe(true);
    expect(new Set(rows.map((row) => row.eventUs)).size).toBeLessThan(rows.length);
    expect(rows.every((row) => row.eventUs % 1000 === 0)).toBe(true);

    const hole = { symbol, channel: feed.channel, fromId: null, toId: null, fromUs: 0, toUs: 0 };
    const asked = feed.history?.first(hole, 0);
    const page = await rest(port, asked?.ok ? asked.value.path : '');
    const sink = collectingSink();
    feed.history?.decode(hole, Buffer.from(page.text), sink);
    const filled = sink.rows.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    expect(filled.map(({ firstIdNumber: _, ...row }) => ({ venue: 'kucoin', market: feed.market, ...row }))).toEqual(
      rows.slice(-100),
    );
  });

  it('gives candles that add up to the ledger, and lists that its feed reads', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    await until(() => (running?.printed() ?? 0) > 300);
    await running?.stopPrinting();
    const rows = readLedger(ledger).trades.filter((row) => row.symbol === symbol && row.market === feed.market);
    const minuteUs = Math.floor((rows[0]?.eventUs ?? 0) / MINUTE_US) * MINUTE_US;
    const asked = feed.candles?.request(symbol, minuteUs, minuteUs + 3 * MINUTE_US);
    const reply = await rest(port, asked?.path ?? '');
    const candles = feed.candles?.parse(symbol, Buffer.from(reply.text));
    if (!candles?.ok) throw new Error(candles?.failure.message);
    for (const candle of candles.value) {
      const inside = rows.filter((row) => Math.floor(row.eventUs / MINUTE_US) * MINUTE_US === candle.minuteUs);
      const scale = 1e8;
      const sum = inside.reduce((total, row) => total + Math.round(Number(row.qty) * scale), 0) / scale;
      expect(compareDecimals(sum.toFixed(8), candle.volume)).toBe(0);
    }
    expect(candles.value.length).toBeGreaterThan(0);

    const list = feed.instruments.parse(Buffer.from((await rest(port, feed.instruments.request().path)).text));
    expect(list.ok && list.value.map((one) => [one.symbol, one.base, one.state])).toContainEqual([
      symbol,
      'XRP',
      'trading',
    ]);
    expect(list.ok && list.value.some((one) => one.base === 'BTC')).toBe(true);
  });

  it('answers 429 with the time until the pool is full again', async () => {
    const port = await start({ limits: { weightPerMinute: 20 } });
    const path = feed.history?.first(
      { symbol, channel: feed.channel, fromId: null, toId: null, fromUs: 0, toUs: 0 },
      0,
    );
    const replies = await Promise.all(Array.from({ length: 12 }, () => rest(port, path?.ok ? path.value.path : '')));
    const refused = replies.find((reply) => reply.status === 429);
    const trouble = feed.restTrouble(429, Object.fromEntries(refused?.headers ?? []), Buffer.from(refused?.text ?? ''));
    expect(trouble.waitMs).toBeGreaterThan(0);
    expect(trouble.waitMs).toBeLessThanOrEqual(30_000);
  });
});
