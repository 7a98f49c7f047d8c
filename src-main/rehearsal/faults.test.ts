// Each fault does what its name says, to whom it is aimed at and to nobody else, and the ledger tells of it.
import { afterEach, describe, expect, it } from 'vitest';
import {
  connect,
  get,
  type Listener,
  perpUrl,
  readLedger,
  scratchFile,
  spotUrl,
  tradeOf,
  until,
  upbitUrl,
} from './listener.fixture.ts';
import type { FaultRecipe, RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

const recipe: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 400 },
    { base: 'ETH', price: 2681.62, ratePerSecond: 100 },
  ],
  limits: { connects: 1000 },
};

let running: Rehearsal | null = null;
let ledger = '';
afterEach(async () => {
  await running?.close();
  running = null;
});

async function start(): Promise<Rehearsal> {
  ledger = scratchFile('ledger.jsonl');
  running = await startRehearsal({ recipe, ledger });
  return running;
}

const fault = (kind: FaultRecipe['kind'], more: Partial<FaultRecipe> = {}): FaultRecipe => ({
  atSeconds: 0,
  kind,
  venue: 'binance',
  market: 'spot',
  ...more,
});

async function two(port: number): Promise<[Listener, Listener]> {
  const first = await connect(spotUrl(port, '/ws/btcusdt@trade'));
  const second = await connect(spotUrl(port, '/ws/btcusdt@trade'));
  await until(() => first.texts.length > 10 && second.texts.length > 10);
  return [first, second];
}

const ids = (listener: Listener): number[] =>
  listener.texts.flatMap((text) => {
    const trade = tradeOf(text);
    return trade ? [Number(trade.id)] : [];
  });

const jumps = (list: number[]): number => list.filter((id, at) => at > 0 && id !== (list[at - 1] ?? 0) + 1).length;

async function remarks(rehearsal: Rehearsal, kind: string): Promise<Record<string, unknown>[]> {
  await rehearsal.stopPrinting();
  return readLedger(ledger).remarks.filter((remark) => remark.fault === kind);
}

describe('a timetable that waits', () => {
  it('counts from the moment when the subscriptions stand', async () => {
    ledger = scratchFile('ledger.jsonl');
    const faults = [fault('cut')];
    const listing = [{ coin: 'BTC', atSeconds: 0.2 }];
    const waiting = { ...recipe, faults, listing, timesFrom: { subscriptions: 2 } };
    const venues = await startRehearsal({ recipe: waiting, ledger });
    running = venues;
    const first = await connect(spotUrl(venues.port, '/ws/btcusdt@trade'));
    await until(() => first.texts.length > 20);
    await until(() => venues.elapsedSeconds() > 0.5);
    expect(first.closed).toBeNull();
    const listed = (): boolean => readLedger(ledger).remarks.some(({ listing: coin }) => coin === 'BTC');
    expect(listed()).toBe(false);
    const second = await connect(spotUrl(venues.port, '/ws/btcusdt@trade'));
    await until(() => first.closed !== null && second.closed !== null);
    await until(listed);
    expect(venues.firstListingUs()).toBeLessThan(Date.now() * 1000);
  });
});

describe('faults', () => {
  it('drop: frames are missing on one line, the connection stands, the other line has them', async () => {
    const rehearsal = await start();
    const [first, second] = await two(rehearsal.port);
    rehearsal.inject(fault('drop', { line: 0, count: 25 }));
    const before = first.texts.length;
    await until(() => first.texts.length > before + 100);
    const seen = ids(first);
    expect((seen.at(-1) ?? 0) - (seen[0] ?? 0) + 1 - seen.length).toBe(25);
    expect(jumps(ids(second))).toBe(0);
    expect(await remarks(rehearsal, 'drop')).toMatchObject([{ phase: 'begin' }, { phase: 'end', hits: 25 }]);
  });

  it('aims at all connections of one line, however many carry it', async () => {
    const rehearsal = await start();
    const open = (symbol: string): Promise<Listener> => connect(spotUrl(rehearsal.port, `/ws/${symbol}usdt@trade`));
    // Line A holds BTC and ETH on two connections, line B too; A's first connection is renewed and now the youngest.
    const first = await open('btc');
    const second = await open('eth');
    const other = await open('eth');
    const another = await open('btc');
    await until(() => [first, second, other, another].every((one) => one.texts.length > 5));
    rehearsal.inject(fault('stall', { line: 1, forSeconds: 0.2 }));
    first.ws.terminate();
    await until(() => rehearsal.connections('binance:spot') === 3);
    const renewed = await open('btc');
    await until(() => renewed.texts.length > 5);
    rehearsal.inject(fault('cut', { line: 0 }));
    await until(() => renewed.closed && second.closed);
    expect([other.closed, another.closed]).toEqual([null, null]);
  });

  it('repeat: frames come twice', async () => {
    const rehearsal = await start();
    const [first, second] = await two(rehearsal.port);
    rehearsal.inject(fault('repeat', { line: 1, count: 30 }));
    await until(() => ids(second).length - new Set(ids(second)).size === 30);
    expect(ids(first).length).toBe(new Set(ids(first)).size);
  });

  it('reorder: neighbours change places and none is lost', async () => {
    const rehearsal = await start();
    const [first] = await two(rehearsal.port);
    rehearsal.inject(fault('reorder', { line: 0, count: 10 }));
    const before = first.texts.length;
    await until(() => first.texts.length > before + 100);
    const seen = ids(first);
    const back = seen.filter((id, at) => at > 0 && id < (seen[at - 1] ?? 0)).length;
    expect(back).toBe(10);
    expect(jumps([...seen].sort((a, b) => a - b))).toBe(0);
  });

  it('reorder on all connections: each keeps its own frames', async () => {
    const rehearsal = await start();
    const [first, second] = await two(rehearsal.port);
    rehearsal.inject(fault('reorder', { count: 40 }));
    const before = first.texts.length;
    await until(() => first.texts.length > before + 150);
    for (const listener of [first, second]) {
      const seen = ids(listener);
      expect(new Set(seen).size).toBe(seen.length);
      expect(jumps([...seen].sort((a, b) => a - b))).toBe(0);
    }
  });

  it('malformed: the frame is damaged in every way, its trade is missing, the connection stands', async () => {
    const rehearsal = await start();
    const [first] = await two(rehearsal.port);
    rehearsal.inject(fault('malformed', { line: 0, count: 10 }));
    const before = first.texts.length;
    await until(() => first.texts.length > before + 100);
    const broken = first.texts.filter((text) => tradeOf(text) === null);
    expect(broken.length).toBe(10);
    for (const sign of ['\u0000]}', '"p":null', '"p":"NaN"', '[[[[']) {
      expect(broken.filter((text) => text.includes(sign)).length).toBe(2);
    }
    expect(first.closed).toBeNull();
  });

  it('malformed, oversized: more than 16 MB in one frame', async () => {
    const rehearsal = await start();
    const [first] = await two(rehearsal.port);
    rehearsal.inject(fault('malformed', { line: 0, count: 1, shape: 'oversized' }));
    await until(() => first.texts.some((text) => text.length > 16 * 1024 * 1024));
  });

  it('cut: the connection ends without a close frame', async () => {
    const rehearsal = await start();
    const [first, second] = await two(rehearsal.port);
    rehearsal.inject(fault('cut', { line: 0 }));
    expect(await until(() => first.closed)).toMatchObject({ code: 1006 });
    const before = second.texts.length;
    await until(() => second.texts.length > before + 50);
    expect(second.closed).toBeNull();
  });

  it('half-open: nothing more comes, no end is said, new connections work', async () => {
    const rehearsal = await start();
    const [first] = await two(rehearsal.port);
    rehearsal.inject(fault('half-open', { line: 0 }));
    const third = await connect(spotUrl(rehearsal.port, '/ws/btcusdt@trade'));
    await until(() => third.texts.length > 20);
    const before = first.texts.length;
    let pongs = 0;
    first.ws.on('pong', () => {
      pongs += 1;
    });
    first.ws.ping();
    await until(() => third.texts.length > 200);
    expect([first.texts.length, pongs, first.closed]).toEqual([before, 0, null]);
  });

  it('stall: held back, then all at once, nothing lost', async () => {
    const rehearsal = await start();
    const [first, second] = await two(rehearsal.port);
    rehearsal.inject(fault('stall', { line: 0, forSeconds: 1 }));
    const before = first.texts.length;
    const far = second.texts.length;
    await until(() => second.texts.length > far + 150);
    expect(first.texts.length).toBeLessThan(before + 50);
    await until(() => first.texts.length > before + 300);
    expect(jumps(ids(first))).toBe(0);
  });

  it('refuse: no new connection and no REST while it lasts', async () => {
    const rehearsal = await start();
    rehearsal.inject(fault('refuse', { forSeconds: 1 }));
    await expect(connect(spotUrl(rehearsal.port))).rejects.toThrow();
    await expect(get(rehearsal.port, '/binance-spot/api/v3/ping')).rejects.toThrow();
    await connect(perpUrl(rehearsal.port));
    let listener: Listener | null = null;
    await until(() => {
      void connect(spotUrl(rehearsal.port)).then(
        (one) => {
          listener = one;
        },
        (error: unknown) => expect(error).toBeInstanceOf(Error),
      );
      return listener;
    });
  });

  it('rest-429: every request is answered 429 with Retry-After, notices too for Upbit', async () => {
    const rehearsal = await start();
    rehearsal.inject({ atSeconds: 0, kind: 'rest-429', forSeconds: 60 });
    const reply = await get(rehearsal.port, '/binance-spot/api/v3/exchangeInfo');
    expect(reply.status).toBe(429);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect((await get(rehearsal.port, '/upbit-spot/v1/market/all')).status).toBe(429);
    expect((await get(rehearsal.port, '/upbit-notices/api/v1/announcements')).status).toBe(429);
  });

  it('skew: the clock jumps and comes back, Upbit ids stay unique', async () => {
    const rehearsal = await start();
    const upbit = await connect(upbitUrl(rehearsal.port));
    upbit.send([{ ticket: 'x' }, { type: 'trade', codes: ['KRW-BTC'], is_only_realtime: true }]);
    await until(() => upbit.texts.length > 100);
    rehearsal.inject({ atSeconds: 0, kind: 'skew', venue: 'upbit', ms: -700, forSeconds: 0.5 });
    const before = upbit.texts.length;
    await until(() => upbit.texts.length > before + 600);
    const trades = upbit.texts.map(tradeOf);
    const steps = trades.map((trade, at) => (trade?.eventUs ?? 0) - (trades[at - 1]?.eventUs ?? 0)).slice(1);
    expect(steps.some((step) => step < -600_000)).toBe(true);
    expect(steps.some((step) => step > 600_000)).toBe(true);
    expect(new Set(trades.map((trade) => trade?.id)).size).toBe(trades.length);
  });

  it('ending: announced by the venue, then closed', async () => {
    const rehearsal = await start();
    const [raw] = await two(rehearsal.port);
    const combined = await connect(spotUrl(rehearsal.port, '/stream'));
    rehearsal.inject(fault('ending', { ms: 300 }));
    await until(() => raw.closed && combined.closed);
    expect(raw.texts.some((text) => /^\{"e":"serverShutdown","E":\d{13}\}$/.test(text))).toBe(true);
    expect(combined.texts[0]).toMatch(/^\{"stream":"!serverShutdown","data":\{"e":"serverShutdown","E":\d{13}\}\}$/);
  });
});
