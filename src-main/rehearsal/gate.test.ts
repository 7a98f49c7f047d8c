// The simulated Gate keeps the venue's protocol: a client that only passes here because the venue is lenient would lose data live.
import { afterEach, describe, expect, it } from 'vitest';
import { collectingSink } from '../feeds/collecting-sink.fixture.ts';
import type { Feed } from '../feeds/feed.ts';
import { gatePerp, gateSpot } from '../feeds/gate/gate.ts';
import { connect, get, type Listener, readLedger, scratchFile, until } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const venues: ('gate:spot' | 'gate:perp')[] = ['gate:spot', 'gate:perp'];
const recipe: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 200, venues },
    { base: 'PEPE', price: 0.00001234, ratePerSecond: 100, venues },
  ],
};

let running: Rehearsal | null = null;
afterEach(async () => {
  await running?.close();
  running = null;
});

async function start(more: Partial<RecipeInput> = {}, ledger: string | null = null): Promise<number> {
  running = await startRehearsal({ recipe: { ...recipe, ...more }, ledger });
  return running.port;
}

const open = (feed: Feed, port: number): Promise<Listener> =>
  connect(feed.connectUrl(`ws://127.0.0.1:${port}/gate-${feed.market}`), { headers: { ...feed.connectHeaders } });
const asks = (feed: Feed, ...symbols: string[]): string => {
  let key = 7;
  return feed.subscribe(symbols, [], () => key++)[0]?.text ?? '';
};
const told = (feed: Feed, one: Listener) =>
  one.texts.map((text) => feed.classify(Buffer.from(text), false)).filter((found) => found.type !== 'data');

function rowsOf(feed: Feed, listener: Listener) {
  const sink = collectingSink();
  for (const text of listener.texts) feed.decode(Buffer.from(text), sink);
  expect(sink.rejected).toEqual([]);
  return sink.rows;
}

describe('Gate over WebSocket', () => {
  it.each([gateSpot, gatePerp])(
    '$market: takes a request as a whole, and prints what the ledger says',
    async (feed) => {
      const ledger = scratchFile('ledger.jsonl');
      const port = await start({}, ledger);
      const one = await open(feed, port);
      one.send(asks(feed, 'BTC_USDT', 'NOSUCH_USDT', 'PEPE_USDT'));
      await until(() => one.texts.length === 1);
      one.send(asks(feed, 'BTC_USDT', 'PEPE_USDT'));
      await until(() => one.texts.length > 150);
      expect(told(feed, one)).toEqual([
        { type: 'refused', key: '7', symbols: null, reason: expect.stringContaining('NOSUCH_USDT') },
        { type: 'acknowledged', key: '7', symbols: null },
      ]);
      await running?.stopPrinting();
      const rows = rowsOf(feed, one);
      const printed = new Map(
        readLedger(ledger)
          .trades.filter((row) => row.market === feed.market)
          .map((row) => [`${row.symbol} ${row.id}`, row]),
      );
      for (const { firstIdNumber: _first, ...row } of rows)
        expect(printed.get(`${row.symbol} ${row.id}`)).toEqual({ venue: 'gate', market: feed.market, ...row });
      const btc = rows.filter((row) => row.symbol === 'BTC_USDT');
      expect(btc.slice(1).every((row, i) => row.firstIdNumber === Number(btc[i]?.id) + 1)).toBe(true);
      if (feed.market === 'spot') {
        expect(btc.some((row) => row.firstIdNumber < Number(row.id))).toBe(true);
        expect(btc.some((row) => row.eventUs % 1000 !== 0)).toBe(true);
      } else expect(rows.length).toBeGreaterThan(one.texts.length);
    },
  );

  it('cuts futures sizes toward zero for who does not ask for their decimals', async () => {
    const port = await start();
    const one = await connect(gatePerp.connectUrl(`ws://127.0.0.1:${port}/gate-perp`));
    one.send(asks(gatePerp, 'BTC_USDT'));
    await until(() => one.texts.length > 50);
    expect(one.texts.slice(1).every((text) => /"size":-?\d+,/.test(text))).toBe(true);
    expect(one.texts.some((text) => text.includes('"size":0,'))).toBe(true);
  });

  it.each([gateSpot, gatePerp])('$market: answers pings and nonsense, and announces its end', async (feed) => {
    const port = await start({ faults: [{ atSeconds: 0.5, kind: 'ending' }] });
    const one = await open(feed, port);
    one.send(feed.limits.heartbeat?.text ?? '');
    one.send('{"channel":');
    one.send(`{"channel":"x.trades","event":"subscribe","payload":["BTC_USDT"]}`);
    await until(() => told(feed, one).some((found) => found.type === 'ending'));
    expect(told(feed, one).map((found) => found.type)).toEqual(['pong', 'error', 'error', 'ending']);
  });
});

describe('Gate over REST', () => {
  it.each([gateSpot, gatePerp])(
    '$market: gives the trades of the ledger, candles that add up, and its list',
    async (feed) => {
      const ledger = scratchFile('ledger.jsonl');
      const port = await start({}, ledger);
      await until(() => (running?.printed() ?? 0) > 600);
      await running?.stopPrinting();
      const printed = readLedger(ledger).trades.filter(
        (row) => row.market === feed.market && row.symbol === 'BTC_USDT',
      );
      const ask = async (asked: { path: string; headers: Readonly<Record<string, string>> } | undefined) =>
        Buffer.from((await get(port, `/gate-${feed.market}${asked?.path}`, { ...asked?.headers })).text);
      const [before, behind] = [printed[3], printed.at(-3)];
      const gap = {
        symbol: 'BTC_USDT',
        channel: feed.channel,
        fromId: feed.market === 'spot' ? (before?.id ?? null) : null,
        toId: feed.market === 'spot' ? (behind?.id ?? null) : null,
        fromUs: before?.eventUs ?? 0,
        toUs: behind?.eventUs ?? 0,
      };
      const sink = collectingSink();
      let request = feed.history?.first(gap, gap.toUs + 1_000_000);
      for (let done = false; !done; ) {
        if (!request?.ok) throw new Error(request?.failure.message);
        const body = await ask(request.value);
        feed.history?.decode(gap, body, sink);
        const page = feed.history?.next(gap, request.value, body);
        if (!page?.ok) throw new Error(page?.failure.message);
        done = page.value.next === null;
        if (page.value.next) request = { ok: true, value: page.value.next };
        else expect(page.value.reached).toBe(true);
      }
      expect(sink.rejected).toEqual([]);
      const found = new Map(sink.rows.map((row) => [row.id, row]));
      for (const row of printed.slice(4, -3)) {
        const { price, qty, side, eventUs } = row;
        expect(found.get(row.id)).toMatchObject({ price, qty, side, eventUs });
      }
      const minuteUs = Math.floor((printed[0]?.eventUs ?? 0) / 60e6) * 60e6;
      const reply = await ask(feed.candles?.request('BTC_USDT', minuteUs, minuteUs + 120e6));
      const parsed = feed.candles?.parse('BTC_USDT', Buffer.from(reply.toString().replaceAll('"false"]', '"true"]')));
      const sum = parsed?.ok ? parsed.value.reduce((total, one) => total + Number(one.volume), 0) : -1;
      const volume = printed.reduce((total, row) => total + Number(row.qty), 0);
      expect(sum).toBeCloseTo(volume, 6);
      const list = feed.instruments.parse(await ask(feed.instruments.request()));
      const listed = list.ok ? list.value : [];
      expect(listed.map((one) => [one.symbol, one.state, one.contractSize])).toEqual([
        ['BTC_USDT', 'trading', feed.market === 'spot' ? '1' : '0.0001'],
        ['PEPE_USDT', 'trading', feed.market === 'spot' ? '1' : '100000'],
        ['GONE_USDT', feed.market === 'spot' ? 'halted' : 'ended', '1'],
      ]);
    },
  );

  it('refuses what is too often, too deep, too wide or unknown', async () => {
    const port = await start({ limits: { venues: { gate: { restPerSecond: 3 } } } });
    const label = async (path: string) =>
      /"label":"(\w+)"/.exec((await get(port, `/gate-spot/api/v4/spot/${path}`)).text)?.[1];
    expect(await label('trades?currency_pair=NO_USDT')).toBe('INVALID_CURRENCY_PAIR');
    expect(await label('trades?currency_pair=BTC_USDT&limit=1000&page=102')).toBe('INVALID_PARAM_VALUE');
    expect(await label('candlesticks?currency_pair=BTC_USDT&interval=1m&from=1&to=9999999999')).toBe(
      'INVALID_PARAM_VALUE',
    );
    const replies = await Promise.all(Array.from({ length: 61 }, () => label('trades?currency_pair=BTC_USDT&limit=1')));
    expect(replies).toContain('TOO_MANY_REQUESTS');
  });
});
