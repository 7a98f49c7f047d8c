// The simulated Bybit keeps the venue's protocol: a client that only passes here because the venue is lenient would lose data live.
import { afterEach, describe, expect, it } from 'vitest';
import { bybitPerp, bybitSpot } from '../feeds/bybit/bybit.ts';
import { collectingSink } from '../feeds/collecting-sink.fixture.ts';
import type { Feed } from '../feeds/feed.ts';
import { connect, enforcedIn, get, type Listener, readLedger, scratchFile, until } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const recipe: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 200, venues: ['bybit:spot', 'bybit:perp'] },
    { base: 'ETH', price: 2681.62, ratePerSecond: 100, venues: ['bybit:spot', 'bybit:perp'] },
    { base: 'PEPE', price: 0.00001234, ratePerSecond: 50, venues: ['bybit:spot', 'bybit:perp'] },
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

const spotUrl = (port: number): string => `ws://127.0.0.1:${port}/bybit-spot/v5/public/spot`;
const perpUrl = (port: number): string => `ws://127.0.0.1:${port}/bybit-perp/v5/public/linear`;
const topics = (...symbols: string[]): string[] => symbols.map((symbol) => `publicTrade.${symbol}`);
const subscribe = (id: string, ...symbols: string[]) => ({ req_id: id, op: 'subscribe', args: topics(...symbols) });

/** What our feed reads in the frames that a listener got, each row in the ledger's words. */
function rowsOf(feed: Feed, listener: Listener) {
  const sink = collectingSink();
  for (const text of listener.texts) feed.decode(Buffer.from(text), sink);
  expect(sink.rejected).toEqual([]);
  return sink.rows.map(({ firstIdNumber: _first, ...row }) => ({ venue: 'bybit', market: feed.market, ...row }));
}

describe('Bybit over WebSocket', () => {
  it.each([
    [
      'spot',
      spotUrl,
      bybitSpot,
      /^\{"topic":"publicTrade\.\w+","ts":\d{13},"type":"snapshot","data":\[(\{"i":"224\d{16}","T":\d{13},"p":"[\d.]+","v":"[\d.]+","S":"(Buy|Sell)","seq":\d+,"s":"\w+","BT":false,"RPI":(true|false)\},?)+\]\}$/,
    ],
    [
      'perp',
      perpUrl,
      bybitPerp,
      /^\{"topic":"publicTrade\.\w+","type":"snapshot","ts":\d{13},"data":\[(\{"T":\d{13},"s":"\w+","S":"(Buy|Sell)","v":"[\d.]+","p":"[\d.]+","L":"\w+","i":"[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-9[\da-f]{3}-[\da-f]{12}","BT":false,"RPI":(true|false),"seq":\d+\},?)+\]\}$/,
    ],
  ] as const)(
    '%s: acknowledges by req_id, and prints what the ledger says, several fills in one frame',
    async (market, url, feed, layout) => {
      const ledger = scratchFile('ledger.jsonl');
      const port = await start({}, ledger);
      const one = await connect(url(port));
      one.send(subscribe('7', 'BTCUSDT', 'ETHUSDT', 'PEPEUSDT'));
      await until(() => one.texts.length > 200);
      expect(one.texts[0]).toMatch(
        /^\{"success":true,"ret_msg":"(subscribe)?","conn_id":"[^"]+","req_id":"7","op":"subscribe"\}$/,
      );
      expect(one.texts.slice(1).filter((text) => !layout.test(text))).toEqual([]);
      one.send({ req_id: '8', op: 'unsubscribe', args: topics('BTCUSDT', 'ETHUSDT', 'PEPEUSDT') });
      await until(() => one.texts.at(-1)?.includes('"op":"unsubscribe"'));
      const rows = rowsOf(feed, one);
      expect(rows.length).toBeGreaterThan(one.texts.length);
      const ids = new Set(rows.map((row) => `${row.symbol} ${row.id}`));
      expect(ids.size).toBe(rows.length);
      await running?.stopPrinting();
      const printed = readLedger(ledger).trades.filter(
        (row) => row.market === market && ids.has(`${row.symbol} ${row.id}`),
      );
      const sorted = (list: readonly { symbol: string; id: string }[]): string[] =>
        list.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
      expect(sorted(printed)).toEqual(sorted(rows));
      if (market === 'spot') {
        const numbers = rows.filter((row) => row.symbol === 'BTCUSDT').map((row) => BigInt(row.id));
        const steps = numbers.slice(1).map((id, i) => id - numbers[i]!);
        expect(steps.every((step) => step > 0n)).toBe(true);
        expect(steps.filter((step) => step > 1n).length).toBeGreaterThan(steps.length / 4);
      }
    },
  );

  it('answers pings, and cuts who sends none', async () => {
    const port = await start({ limits: { idleSeconds: 0.6 } });
    const alive = await connect(spotUrl(port));
    const silent = await connect(perpUrl(port));
    const beating = setInterval(() => alive.send({ op: 'ping' }), 50);
    await until(() => silent.closed);
    clearInterval(beating);
    expect(alive.closed).toBeNull();
    expect(alive.texts[0]).toMatch(/^\{"success":true,"ret_msg":"pong","conn_id":"[^"]+","req_id":"","op":"ping"\}$/);
  });

  it('fails a whole request for one bad topic, and names it', async () => {
    const port = await start();
    const spot = await connect(spotUrl(port));
    const perp = await connect(perpUrl(port));
    spot.send(subscribe('1', 'BTCUSDT', 'NOSUCHUSDT'));
    perp.send(subscribe('1', 'BTCUSDT', 'NOSUCHUSDT'));
    await until(() => spot.texts.length > 0 && perp.texts.length > 0);
    expect(spot.texts[0]).toContain('"success":false,"ret_msg":"Invalid symbol :[publicTrade.NOSUCHUSDT]"');
    expect(perp.texts[0]).toContain('"success":false,"ret_msg":"error:handler not found,topic:publicTrade.NOSUCHUSDT"');
    perp.send(subscribe('2', 'ETHUSDT'));
    perp.send(subscribe('3', 'ETHUSDT'));
    await until(() => perp.texts.some((text) => text.includes('"req_id":"3"')));
    expect(perp.texts.find((text) => text.includes('"req_id":"3"'))).toContain(
      'error:already subscribed,topic:publicTrade.ETHUSDT',
    );
    expect(perp.texts.filter((text) => text.includes('BTCUSDT","type"'))).toEqual([]);
    for (const told of [spot.texts[0], perp.texts[0]]) {
      expect(bybitPerp.classify(Buffer.from(told ?? ''), false)).toMatchObject({
        type: 'refused',
        key: '1',
        symbols: ['NOSUCHUSDT'],
      });
    }
  });

  it('spot takes ten args in a request and no more, linear many; 21,000 characters on a connection', async () => {
    const bases = Array.from({ length: 11 }, (_, n) => `C${n}`);
    const long = Array.from({ length: 700 }, (_, n) => `LONGNAME${1000 + n}`);
    const instruments: RecipeInput['instruments'] = [
      ...bases.map((base) => ({ base, price: 1, ratePerSecond: 0.01, venues: ['bybit:spot' as const] })),
      ...long.map((base) => ({ base, price: 1, ratePerSecond: 0.01, venues: ['bybit:perp' as const] })),
    ];
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({ instruments }, ledger);
    const spot = await connect(spotUrl(port));
    spot.send(subscribe('1', ...bases.map((base) => `${base}USDT`)));
    await until(() => spot.texts.length === 1);
    expect(spot.texts[0]).toContain('"success":false,"ret_msg":"args size >10"');
    spot.send(subscribe('2', ...bases.slice(1).map((base) => `${base}USDT`)));
    await until(() => spot.texts.length === 2);
    expect(spot.texts[1]).toContain('"success":true');
    const { argumentChars } = bybitPerp.limits;
    const allowed: string[] = [];
    let chars = 0;
    for (const base of long) {
      chars += argumentChars?.of(`${base}USDT`) ?? 0;
      if (chars <= (argumentChars?.most ?? 0)) allowed.push(`${base}USDT`);
    }
    const perp = await connect(perpUrl(port));
    perp.send(subscribe('1', ...allowed));
    await until(() => perp.texts.length === 1);
    expect(perp.texts[0]).toContain('"success":true');
    expect(allowed.length).toBeLessThan(long.length);
    expect(perp.closed).toBeNull();
    perp.send(subscribe('2', `${long[allowed.length]}USDT`));
    expect(await until(() => perp.closed)).toMatchObject({ code: 1008 });
    await running?.close();
    expect(enforcedIn(ledger, 'bybit:spot')).toEqual({ 'request refused: args size >10': 1 });
  });

  it('answers what it cannot read, and refuses other paths', async () => {
    const port = await start();
    const spot = await connect(spotUrl(port));
    spot.send('{nonsense');
    spot.send({ op: 'subscribe', args: [{ op: 'subscribe' }] });
    await until(() => spot.texts.length === 2);
    for (const text of spot.texts) {
      expect(text).toContain('"success":false,"ret_msg":"Failed to decode incoming data');
      expect(bybitSpot.classify(Buffer.from(text), false).type).toBe('error');
    }
    await expect(connect(`ws://127.0.0.1:${port}/bybit-spot/v5/public/linear`)).rejects.toThrow('404');
  });
});

describe('Bybit over REST', () => {
  it.each([
    ['spot', 'spot', spotUrl, bybitSpot, 60],
    ['perp', 'linear', perpUrl, bybitPerp, 1000],
  ] as const)(
    '%s: the newest trades and no older ones, under the ids of the live frames',
    async (market, category, url, feed, most) => {
      const port = await start({
        instruments: [{ base: 'BTC', price: 61837.63, ratePerSecond: 2000, venues: [`bybit:${market}`] }],
      });
      const live = await connect(url(port));
      live.send(subscribe('1', 'BTCUSDT'));
      await until(() => rowsOf(feed, live).length > 2 * most);
      const asked = feed.history?.first(
        { symbol: 'BTCUSDT', channel: 'trade', fromId: null, toId: null, fromUs: 0, toUs: 1 },
        2,
      );
      const path = asked?.ok ? asked.value.path : '';
      expect(path).toBe(`/v5/market/recent-trade?category=${category}&symbol=BTCUSDT&limit=${most}`);
      const { text } = await get(port, `/bybit-${market}${path}`);
      const more = await get(port, `/bybit-${market}${path.replace(`limit=${most}`, 'limit=5000')}`);
      expect(more.text.split('execId').length - 1).toBe(most);
      const sink = collectingSink();
      expect(feed.history?.decode({ symbol: 'BTCUSDT', channel: 'trade' }, Buffer.from(text), sink).kind).toBe(
        'trades',
      );
      expect([sink.rows.length, sink.rejected]).toEqual([most, []]);
      const pageNewest = sink.rows[0]?.id;
      await until(() => rowsOf(feed, live).some((row) => row.id === pageNewest));
      const known = new Map(rowsOf(feed, live).map((row) => [row.id, row]));
      const joined = sink.rows.filter((row) => known.has(row.id));
      expect(joined.length).toBe(most);
      for (const { firstIdNumber: _first, ...row } of joined) expect(known.get(row.id)).toMatchObject(row);
      // seq is the other half of the venue's join key.
      const seq = /"execId":"([^"]+)".*?"seq":"(\d+)"/.exec(text);
      const frame = live.texts.find((one) => one.includes(`"i":"${seq?.[1]}"`)) ?? '';
      expect(frame).toContain(`"seq":${seq?.[2]}`);
    },
  );

  it('gives its lists by pages, with contracts that are none of ours among them', async () => {
    const port = await start();
    const pages: string[] = [];
    let request = bybitPerp.instruments.request();
    for (let n = 0; n < 10; n += 1) {
      const { text } = await get(port, `/bybit-perp${request.path.replace('limit=1000', 'limit=2')}`);
      pages.push(text);
      const next = bybitPerp.instruments.next?.(Buffer.from(text)) ?? null;
      if (next === null) break;
      request = next;
    }
    const lists = pages.map((page) => bybitPerp.instruments.parse(Buffer.from(page)));
    const symbols = lists.flatMap((list) => (list.ok ? list.value.map((one) => one.symbol) : ['damaged']));
    expect(symbols).toEqual(['BTCUSDT', 'ETHUSDT', 'PEPEUSDT']);
    expect(pages.length).toBe(4);
    const spot = await get(port, `/bybit-spot${bybitSpot.instruments.request().path}`);
    const list = bybitSpot.instruments.parse(Buffer.from(spot.text));
    expect(list.ok && list.value.map((one) => one.symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'PEPEUSDT']);
    expect(bybitSpot.instruments.next?.(Buffer.from(spot.text))).toBeNull();
  });

  it('adds its candles up from what it printed', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({ durationSeconds: 1 }, ledger);
    await running?.finished;
    const candles = bybitSpot.candles;
    const nowUs = Date.now() * 1000;
    const minute = 60_000_000;
    const fromUs = Math.floor(nowUs / minute) * minute - 5 * minute;
    const path = candles?.request('BTCUSDT', fromUs, fromUs + 6 * minute).path ?? '';
    const { text } = await get(port, `/bybit-spot${path}`);
    const parsed = candles?.parse('BTCUSDT', Buffer.from(text));
    if (!parsed?.ok) throw new Error(text);
    expect(parsed.value.length).toBe(6);
    await running?.stopPrinting();
    const trades = readLedger(ledger).trades.filter((row) => row.market === 'spot' && row.symbol === 'BTCUSDT');
    const sum = trades.reduce((total, row) => total + Math.round(Number(row.qty) * 1e6), 0);
    expect(parsed.value.reduce((total, one) => total + Math.round(Number(one.volume) * 1e6), 0)).toBe(sum);
    expect(sum).toBeGreaterThan(0);
  });

  it('bans who asks too often, without a warning', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const port = await start({ limits: { restPerSecond: 1, banSeconds: 60 } }, ledger);
    const path = '/bybit-spot/v5/market/time';
    const statuses = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await get(port, path)).status);
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(403);
    await running?.close();
    expect(enforcedIn(ledger, 'bybit:spot')).toEqual({
      'request refused: 403': statuses.filter((one) => one === 403).length,
    });
    const trouble = bybitSpot.restTrouble(403, {}, Buffer.from('access too frequent'));
    expect([trouble.waitMs, trouble.failure.code]).toEqual([600_000, 'bybit.banned']);
  });
});
