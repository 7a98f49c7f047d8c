// The simulated OKX keeps the venue's protocol: a client that only passes here because the venue is lenient would lose data live.
import { afterEach, describe, expect, it } from 'vitest';
import { collectingSink } from '../feeds/collecting-sink.fixture.ts';
import type { Feed } from '../feeds/feed.ts';
import { okxPerp, okxSpot } from '../feeds/okx/okx.ts';
import { connect, get, type Listener, readLedger, scratchFile, until } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const venues: ('okx:spot' | 'okx:perp')[] = ['okx:spot', 'okx:perp'];
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

const url = (feed: Feed, port: number): string => feed.connectUrl(`ws://127.0.0.1:${port}/okx-${feed.market}`);
const asks = (feed: Feed, ...symbols: string[]): string => {
  let key = 7;
  return feed.subscribe(symbols, [], () => key++)[0]?.text ?? '';
};

function rowsOf(feed: Feed, listener: Listener) {
  const sink = collectingSink();
  for (const text of listener.texts) feed.decode(Buffer.from(text), sink);
  expect(sink.rejected).toEqual([]);
  return sink.rows;
}

describe('OKX over WebSocket', () => {
  it.each([okxSpot, okxPerp])(
    '$market: acknowledges each argument, names what it does not know only in a sentence',
    async (feed) => {
      const ledger = scratchFile('ledger.jsonl');
      const port = await start({}, ledger);
      const end = feed.market === 'spot' ? '' : '-SWAP';
      const one = await connect(url(feed, port));
      one.send(asks(feed, `BTC-USDT${end}`, 'NOSUCH-USDT', `PEPE-USDT${end}`));
      await until(() => one.texts.length > 150);
      const told = one.texts
        .map((text) => feed.classify(Buffer.from(text), false))
        .filter((one) => one.type !== 'data');
      expect(told).toEqual([
        { type: 'acknowledged', key: '7', symbols: [`BTC-USDT${end}`] },
        { type: 'refused', key: null, symbols: ['NOSUCH-USDT'], reason: expect.stringContaining("doesn't exist") },
        { type: 'acknowledged', key: '7', symbols: [`PEPE-USDT${end}`] },
      ]);
      await running?.stopPrinting();
      const rows = rowsOf(feed, one);
      const printed = new Map(
        readLedger(ledger)
          .trades.filter((row) => row.market === feed.market)
          .map((row) => [`${row.symbol} ${row.id}`, row]),
      );
      for (const { firstIdNumber: _first, ...row } of rows)
        expect(printed.get(`${row.symbol} ${row.id}`)).toEqual({ venue: 'okx', market: feed.market, ...row });
      const ids = rows.filter((row) => row.symbol.startsWith('BTC')).map((row) => Number(row.id));
      expect(ids.slice(1).every((id, i) => id === ids[i]! + 1)).toBe(true);
    },
  );

  it('wants a text ping, and cuts who sends none', async () => {
    const port = await start({ limits: { idleSeconds: 0.6 } });
    const alive = await connect(url(okxSpot, port));
    const silent = await connect(url(okxPerp, port));
    const beating = setInterval(() => alive.send('ping'), 50);
    await until(() => silent.closed);
    clearInterval(beating);
    expect(alive.closed).toBeNull();
    expect(alive.texts[0]).toBe('pong');
  });

  it('serves trades-all on the business URL only, and announces its end', async () => {
    const port = await start({ faults: [{ atSeconds: 0.5, kind: 'ending', venue: 'okx', market: 'spot' }] });
    const other = await connect(`ws://127.0.0.1:${port}/okx-spot/ws/v5/public`);
    other.send(asks(okxSpot, 'BTC-USDT'));
    await until(() => other.texts[0]?.includes('"code":"60018"'));
    await until(() => other.texts.some((text) => okxSpot.classify(Buffer.from(text), false).type === 'ending'));
    await expect(connect(`ws://127.0.0.1:${port}/okx-spot/ws/v4`)).rejects.toThrow('404');
  });

  it('ends a connection with more than 480 subscriptions in an hour, and answers nonsense', async () => {
    const port = await start({ limits: { connects: 100 } });
    const one = await connect(url(okxSpot, port));
    one.send('{"op":');
    one.send('{"op":"x","args":[]}');
    await until(() => one.texts.length === 2);
    expect(one.texts.every((text) => text.includes('"code":"60012"'))).toBe(true);
    for (let n = 0; n < 481; n++)
      one.send('{"op":"unsubscribe","args":[{"channel":"trades-all","instId":"BTC-USDT"}]}');
    await until(() => one.closed);
    expect(one.texts.at(-1)).toContain('"code":"60014"');
  });
});

describe('OKX over REST', () => {
  it('gives the trades of the ledger by id and by time, candles that add up, and its list', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({}, ledger);
    await until(() => (running?.printed() ?? 0) > 600);
    await running?.stopPrinting();
    for (const feed of [okxSpot, okxPerp]) {
      const symbol = feed.market === 'spot' ? 'BTC-USDT' : 'BTC-USDT-SWAP';
      const printed = readLedger(ledger).trades.filter((row) => row.market === feed.market && row.symbol === symbol);
      const ask = async (path: string | undefined) => Buffer.from((await get(port, `/okx-${feed.market}${path}`)).text);
      const [before, behind] = [printed[3], printed.at(-3)];
      const hole = {
        symbol,
        channel: feed.channel,
        fromId: before?.id ?? null,
        toId: behind?.id ?? null,
        fromUs: before?.eventUs ?? 0,
        toUs: behind?.eventUs ?? 0,
      };
      for (const gap of [hole, { ...hole, toId: null }, { ...hole, fromId: null, toId: null }]) {
        const sink = collectingSink();
        let request = feed.history?.first(gap, hole.toUs + 1_000_000);
        for (;;) {
          if (!request?.ok) throw new Error(request?.failure.message);
          const body = await ask(request.value.path);
          feed.history?.decode(gap, body, sink);
          const page = feed.history?.next(gap, request.value, body);
          if (!page?.ok) throw new Error(page?.failure.message);
          if (page.value.next === null) {
            expect(page.value.reached).toBe(true);
            break;
          }
          request = { ok: true, value: page.value.next };
        }
        const found = new Map(sink.rows.map((row) => [row.id, row]));
        for (const row of printed.slice(4, -3))
          expect(found.get(row.id)).toMatchObject({ price: row.price, qty: row.qty });
      }
      const minuteUs = Math.floor((printed[0]?.eventUs ?? 0) / 60e6) * 60e6;
      const candles = feed.candles?.request(symbol, minuteUs, minuteUs + 120e6);
      const reply = (await ask(candles?.path)).toString().replaceAll(/"0"\]/g, '"1"]');
      const parsed = feed.candles?.parse(symbol, Buffer.from(reply));
      const sum = parsed?.ok ? parsed.value.reduce((total, one) => total + Number(one.volume), 0) : -1;
      expect(sum).toBeCloseTo(
        printed.reduce((total, row) => total + Number(row.qty), 0),
        6,
      );
      const list = feed.instruments.parse(await ask(feed.instruments.request().path));
      const listed = list.ok ? list.value : [];
      expect(listed.find((one) => one.symbol === symbol)).toMatchObject({
        base: 'BTC',
        quote: 'USDT',
        state: 'trading',
      });
      expect(listed.find((one) => one.symbol === symbol)?.contractSize).toBe(feed.market === 'spot' ? '1' : '0.01');
    }
  });

  it('refuses what is too often or unknown', async () => {
    const port = await start();
    expect((await get(port, '/okx-spot/api/v5/market/trades?instId=NO')).text).toContain('"code":"51001"');
    expect((await get(port, '/okx-spot/api/v5/market/history-trades?instId=BTC-USDT&type=2&before=1')).status).toBe(
      400,
    );
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => get(port, '/okx-spot/api/v5/market/trades?instId=BTC-USDT&limit=1')),
    );
    const refused = replies.find((reply) => reply.status === 429);
    expect(refused?.text).toContain('"code":"50011"');
  });
});
