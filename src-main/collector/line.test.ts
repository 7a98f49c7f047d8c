// Lines against a venue on loopback: whatever the connection does, every frame is in the journal and every break shows in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { RateBudget } from '../base/net.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import type { Feed, FeedLimits } from '../feeds/feed.ts';
import { upbitSpot } from '../feeds/upbit/upbit.ts';
import type { ControlRecord } from '../journal/control.ts';
import { openReader } from '../journal/reader.ts';
import { type JournalOptions, type JournalWriter, openJournal } from '../journal/writer.ts';
import { WallClock } from './clock.ts';
import { RenewGate, Spread } from './gates.ts';
import { Line } from './line.ts';
import { departures } from './transports/departures.fixture.ts';
import { acknowledgeBinance, binanceTrade, type Loopback, openLoopback, upbitTrade } from './transports/loopback.ts';

let dir: string;
let venue: Loopback;
let journal: JournalWriter;
let ticker: NodeJS.Timeout;
const lines: Line[] = [];
const gate = new RenewGate();

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'line-'));
  venue = await openLoopback();
  venue.onText = acknowledgeBinance();
  ticker = setInterval(() => {
    for (const line of lines) line.tick(performance.now());
  }, 20);
});
afterEach(async () => {
  for (const line of lines.splice(0)) await line.close('test over');
  clearInterval(ticker);
  await journal.close();
  await venue.close();
  rmSync(dir, { recursive: true, force: true });
});

const within = { timeout: 9000, interval: 5 };

async function begin(options: JournalOptions = {}): Promise<void> {
  journal = unwrap(await openJournal(dir, options));
}

function makeLine(
  feed: Feed,
  limits: Partial<FeedLimits> = {},
  line = 0,
  suspects: string[] = [],
  clock = new WallClock(),
): Line {
  const { venue: name, market } = feed;
  const made = new Line({
    id: `${name}:${market}:${line}`,
    feed: { ...feed, limits: { ...feed.limits, ...limits } },
    url: feed.connectUrl(venue.ws),
    lineNo: journal.line({ venue: name, market, line, role: 'live', slot: 0 }),
    line,
    slot: 0,
    journal,
    clock,
    connects: new RateBudget({ weight: 100, perMs: 1000 }),
    gate,
    spread: new Spread(),
    suspects: (symbols) => symbols.filter((symbol) => suspects.includes(symbol)),
  });
  lines.push(made);
  return made;
}

interface Entry {
  line: number;
  control: ControlRecord | null;
  text: string;
}

async function recorded(): Promise<Entry[]> {
  unwrap(await journal.flush());
  const reader = openReader(dir, null);
  const entries: Entry[] = [];
  for (let batch = await reader.read(); batch; batch = await reader.read()) {
    for (let i = 0; i < batch.count; i += 1) {
      const at = batch.payloadOffset[i] as number;
      const text = batch.bytes.toString('utf8', at, at + (batch.payloadLength[i] as number));
      const control = batch.kind[i] === 1 ? (JSON.parse(text) as ControlRecord) : null;
      entries.push({ line: batch.lineNo[i] as number, control, text });
    }
  }
  await reader.close();
  return entries;
}

async function controls<T extends ControlRecord['type']>(type: T): Promise<Extract<ControlRecord, { type: T }>[]> {
  const found = (await recorded()).flatMap(({ control }) => (control?.type === type ? [control] : []));
  return found as Extract<ControlRecord, { type: T }>[];
}

const dataOf = (entries: Entry[]): string[] => entries.filter(({ control }) => !control).map(({ text }) => text);

async function live(line: Line): Promise<void> {
  await expect.poll(() => line.state().state, within).toBe('live');
}

describe('a line', () => {
  test('records every message byte by byte, and what it wanted, opened and was acknowledged, in that order', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT', 'ETHUSDT']);
    await live(line);
    const sent = Array.from({ length: 50 }, (_, i) => binanceTrade('BTCUSDT', i));
    for (const message of sent) venue.clients[0]?.send(message);
    await expect.poll(() => line.state().frames, within).toBe(51);
    const entries = await recorded();
    expect(entries.map(({ control }) => control?.type ?? 'data').slice(0, 5)).toEqual([
      'start',
      'wanted',
      'open',
      'data',
      'acknowledged',
    ]);
    expect(dataOf(entries)).toEqual(['{"result":null,"id":1}', ...sent]);
    expect(await controls('acknowledged')).toEqual([
      { type: 'acknowledged', connection: 1, symbols: ['BTCUSDT', 'ETHUSDT'] },
    ]);
    expect(line.state()).toMatchObject({ wanted: 2, acknowledged: 2, reconnects: 0, note: null });
  });

  test('reconnects at once when cut, and writes down when it last saw anything', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    venue.clients[0]?.send(binanceTrade('BTCUSDT', 1));
    await expect.poll(() => line.state().frames, within).toBe(2);
    const before = performance.now();
    venue.clients[0]?.cut();
    await expect.poll(() => venue.clients.length, within).toBe(2);
    await live(line);
    expect(performance.now() - before).toBeLessThan(500);
    const [close] = await controls('close');
    expect(close).toMatchObject({ connection: 1, planned: false });
    expect(Math.abs((close?.lastFrameUs ?? 0) / 1000 - Date.now())).toBeLessThan(2000);
    expect((await controls('acknowledged')).map(({ connection }) => connection)).toEqual([1, 2]);
    expect(line.state().reconnects).toBe(1);
  });

  test('a venue that refuses is asked again with growing pauses, and not before the time that it names', async () => {
    await begin();
    venue.refuse = { status: 503 };
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await expect.poll(() => line.state().reconnects, within).toBeGreaterThan(3);
    expect(line.state().note).toContain('503');
    venue.refuse = null;
    await live(line);
    expect(await controls('close')).toEqual([]);
    venue.refuse = { status: 429, retryAfter: '1' };
    const before = performance.now();
    venue.clients[0]?.cut();
    await expect.poll(() => line.state().note ?? '', within).toContain('429');
    venue.refuse = null;
    await live(line);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  test('a half-open connection is found by silence and replaced; its last sign of life is written down', async () => {
    await begin();
    const line = makeLine(binanceSpot, { deadAfterMs: 300, pingWhenSilentMs: 100 });
    line.want(['BTCUSDT']);
    await live(line);
    // Nothing but pongs: quiet, and alive.
    await expect.poll(() => line.state().lastFrameAgeMs ?? 0, within).toBeGreaterThan(50);
    const quietSince = performance.now();
    await expect.poll(() => performance.now() - quietSince, within).toBeGreaterThan(700);
    expect(line.state().reconnects).toBe(0);
    venue.clients[0]?.freeze();
    await expect.poll(() => venue.clients.length, within).toBe(2);
    await live(line);
    expect((await controls('close'))[0]).toMatchObject({ planned: false, reason: expect.stringContaining('no frame') });
  });

  test('a venue that says that it closes, and leaves the connection standing, is left at once', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    const since = performance.now();
    venue.clients[0]?.leave(1001);
    await expect.poll(() => venue.clients.length, within).toBe(2);
    expect(performance.now() - since).toBeLessThan(5000);
    await expect.poll(async () => (await controls('close')).length, within).toBe(1);
    expect((await controls('close'))[0]).toMatchObject({ planned: false, reason: 'closed with 1001' });
  });

  test('a quiet line says that it lives, and one that is closed without an answer does not count as closed in order', async () => {
    await begin();
    const line = makeLine(binanceSpot, { pingWhenSilentMs: 1100 });
    line.want(['BTCUSDT']);
    await live(line);
    await expect.poll(async () => (await controls('alive')).length, within).toBeGreaterThan(0);
    venue.clients[0]?.freeze();
    await line.close('quit');
    expect(await controls('close')).toMatchObject([{ planned: false, reason: 'quit' }]);
  }, 15_000);

  test.each([-3600, 3600])(
    'a connection that ends covers no more for a clock that was set by %i s meanwhile',
    async (setS) => {
      const set = { ms: 0 };
      let readMs = 0;
      const mono = (): number => {
        readMs = performance.now();
        return readMs;
      };
      // Read at the very moment in which the monotonic clock is, and cut to a millisecond as it is on average: it steps by what it is set and no more.
      const wall = (): number => performance.timeOrigin + readMs - 0.5 + set.ms;
      const clock = new WallClock({ mono, sinceBoot: () => readMs, origin: performance.timeOrigin, wall });
      await begin({ nowUs: () => clock.nowUs() });
      const line = makeLine(binanceSpot, {}, 0, [], clock);
      line.want(['BTCUSDT']);
      await live(line);
      const beforeUs = clock.nowUs();
      set.ms = setS * 1000;
      clock.check();
      venue.clients[0]?.cut();
      await expect.poll(() => line.state().reconnects, within).toBe(1);
      const [close] = await controls('close');
      const lastUs = close?.lastFrameUs ?? 0;
      expect(lastUs).toBeLessThanOrEqual(beforeUs + Math.min(0, setS) * 1_000_000);
      expect(lastUs).toBeGreaterThan(beforeUs + Math.min(0, setS) * 1_000_000 - 5_000_000);
    },
  );

  test('how long a line has been silent is told also when the clock was set back meanwhile', async () => {
    await begin();
    const clock = new WallClock();
    const line = makeLine(binanceSpot, {}, 0, [], clock);
    line.want(['BTCUSDT']);
    await live(line);
    venue.clients[0]?.send(binanceTrade('BTCUSDT', 1));
    await expect.poll(() => line.state().lastDataAgeMs, within).not.toBeNull();
    clock.offsetUs -= 3_600_000_000;
    await expect.poll(() => line.state().lastDataAgeMs ?? 0, within).toBeGreaterThan(100);
    expect(line.state().lastFrameAgeMs ?? 0).toBeGreaterThan(100);
  });

  test('a subscription without an acknowledgement is asked for again, then the connection is given up', async () => {
    await begin();
    venue.onText = () => undefined;
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await expect.poll(() => venue.clients[0]?.said.length, within).toBe(2);
    expect(line.state()).toMatchObject({ state: 'subscribing', acknowledged: 0 });
    venue.onText = acknowledgeBinance();
    await expect.poll(() => venue.clients.length, within).toBe(2);
    await live(line);
    expect((await controls('close'))[0]?.reason).toContain('not acknowledged');
  }, 20_000);

  test('one bad symbol refuses only itself', async () => {
    await begin();
    venue.onText = acknowledgeBinance(new Set(['bad@trade']));
    const line = makeLine(binanceSpot, { outgoing: { count: 100, perMs: 1000 } });
    line.want(['A', 'B', 'C', 'BAD', 'D', 'E', 'F']);
    await live(line);
    expect(line.state()).toMatchObject({ wanted: 7, acknowledged: 6, note: expect.stringContaining('BAD') });
    expect((await controls('refused')).map(({ symbols }) => symbols)).toEqual([['BAD']]);
    expect(venue.clients.length).toBe(1);
  });

  test('new symbols are added without touching the others; those that leave are given back', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['A', 'B']);
    await live(line);
    line.want(['B', 'C']);
    await expect.poll(() => line.state().acknowledged, within).toBe(2);
    await expect.poll(() => venue.clients[0]?.said.length, within).toBe(3);
    expect(venue.clients[0]?.said.slice(1).map((text) => JSON.parse(text))).toEqual([
      { method: 'UNSUBSCRIBE', params: ['a@trade'], id: 2 },
      { method: 'SUBSCRIBE', params: ['c@trade'], id: 3 },
    ]);
    await live(line);
    expect((await controls('wanted')).map(({ symbols }) => symbols)).toEqual([
      ['A', 'B'],
      ['B', 'C'],
    ]);
  });

  test('never sends faster than the venue allows', async () => {
    await begin();
    const line = makeLine(binanceSpot, { outgoing: { count: 2, perMs: 300 } });
    const arrivals: number[] = [];
    venue.onText = (client, text) => {
      arrivals.push(performance.now());
      acknowledgeBinance()(client, text);
    };
    const { times, stop } = departures((text) => text.includes('SUBSCRIBE'));
    try {
      const began = performance.now();
      line.want(Array.from({ length: 350 }, (_, i) => `S${i}`));
      await live(line);
      expect([times.length, arrivals.length]).toEqual([4, 4]);
      for (let i = 2; i < 4; i += 1) {
        expect((times[i] as number) - (times[i - 2] as number)).toBeGreaterThan(280);
        // Two at once and two for every 300 ms since: on their way they can only become later.
        expect((arrivals[i] as number) - began).toBeGreaterThanOrEqual(300);
      }
    } finally {
      stop();
    }
  });

  test('a message over 16 MB ends the connection with that reason, and the line goes on', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    venue.clients[0]?.send(Buffer.alloc(17 * 1024 ** 2, 'x'));
    await expect.poll(() => venue.clients.length, within).toBe(2);
    await live(line);
    expect((await controls('close'))[0]?.reason).toContain('16777216 bytes');
  });

  test('frames that cannot be held are said as lost, with their times, as soon as there is room', async () => {
    await begin({ memoryBytes: 1024 ** 2, syncMs: 3_600_000 });
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    const message = binanceTrade('BTCUSDT', 1);
    const count = 8000;
    for (let i = 0; i < count; i += 1) venue.clients[0]?.send(message);
    await expect.poll(() => line.state().frames, within).toBe(count + 1);
    expect(journal.stats().refused).toBeGreaterThan(0);
    unwrap(await journal.flush());
    await expect.poll(async () => (await controls('lost')).length, within).toBe(1);
    const [lost] = await controls('lost');
    expect(lost?.frames).toBe(journal.stats().refused);
    expect(lost?.toUs).toBeGreaterThanOrEqual(lost?.fromUs ?? Number.POSITIVE_INFINITY);
    expect(dataOf(await recorded()).length + (lost?.frames ?? 0)).toBe(count + 1);
  });

  test('halts in the open and resumes', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    line.halt('disk is full');
    await expect.poll(() => venue.clients[0]?.socket.readyState, within).toBe(3);
    expect(line.state()).toMatchObject({ state: 'halted', note: 'disk is full', acknowledged: 0 });
    line.resume();
    await live(line);
    expect((await controls('close'))[0]?.reason).toBe('halted: disk is full');
  });

  test('an address that is none is a note, not a crash', async () => {
    await begin();
    const feed: Feed = { ...binanceSpot, connectUrl: () => 'ws://' };
    const line = makeLine(feed);
    line.want(['BTCUSDT']);
    await expect.poll(() => line.state().note ?? '', within).toContain('ws://');
  });
});

describe('renewal', () => {
  test('overlaps: the new connection delivers before the old one closes, and nothing sent to either is lost', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    let id = 0;
    const printing = setInterval(() => {
      id += 1;
      for (const client of venue.clients) if (client.socket.readyState === 1) client.send(binanceTrade('BTCUSDT', id));
    }, 1);
    await expect.poll(() => line.state().frames, within).toBeGreaterThan(20);
    venue.clients[0]?.send('{"stream":"x","data":{"e":"serverShutdown","E":1}}');
    await expect.poll(() => venue.clients[0]?.socket.readyState, within).toBe(3);
    const upTo = id;
    await expect.poll(() => id, within).toBeGreaterThan(upTo + 20);
    clearInterval(printing);
    await line.close('done');
    const entries = await recorded();
    const ids = new Set(
      dataOf(entries).flatMap((text) => (/"t":(\d+)/.exec(text) ? [Number(/"t":(\d+)/.exec(text)?.[1])] : [])),
    );
    const first = Math.min(...ids);
    for (let expected = first; expected <= upTo; expected += 1) expect(ids.has(expected)).toBe(true);
    const order = entries.flatMap(({ control }) =>
      control && 'connection' in control ? [`${control.type} ${control.connection}`] : [],
    );
    expect(order.slice(0, 5)).toEqual(['open 1', 'acknowledged 1', 'open 2', 'acknowledged 2', 'close 1']);
    expect((await controls('close'))[0]).toMatchObject({ planned: true });
    expect(venue.clients.length).toBe(2);
  });

  test('comes before the age limit also when the clock was set back', async () => {
    await begin();
    venue.onText = acknowledgeBinance();
    const clock = new WallClock();
    const line = makeLine(binanceSpot, { maxAgeMs: 1500 }, 0, [], clock);
    line.want(['BTCUSDT']);
    await live(line);
    clock.offsetUs -= 3_600_000_000;
    const talk = setInterval(() => {
      for (const client of venue.clients) client.send(binanceTrade('BTCUSDT', 1));
    }, 20);
    await expect.poll(() => line.state().renewals, within).toBe(1);
    clearInterval(talk);
  });

  test('comes before the age limit, and never on both lines of a market at once', async () => {
    await begin();
    const both = [makeLine(binanceSpot, { maxAgeMs: 1500 }, 0), makeLine(binanceSpot, { maxAgeMs: 1500 }, 1)];
    let id = 0;
    const printing = setInterval(() => {
      id += 1;
      for (const client of venue.clients) if (client.socket.readyState === 1) client.send(binanceTrade('BTCUSDT', id));
      const renewing = both.filter((line) => line.state().state === 'renewing').length;
      expect(renewing).toBeLessThanOrEqual(1);
    }, 5);
    for (const line of both) line.want(['BTCUSDT']);
    await expect.poll(async () => (await controls('close')).length, within).toBeGreaterThanOrEqual(2);
    clearInterval(printing);
    expect((await controls('close')).every(({ planned, reason }) => planned && reason === 'renewed: age')).toBe(true);
    expect(both.map((line) => line.state().reconnects)).toEqual([0, 0]);
  });

  test('a new connection that is acknowledged and brings nothing does not take over from one that delivers', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    let id = 0;
    const talk = setInterval(() => venue.clients[0]?.send(binanceTrade('BTCUSDT', ++id)), 20);
    line.renew('asked for', true);
    await expect.poll(() => line.state().note ?? '', { timeout: 20_000, interval: 20 }).toContain('silent while');
    expect(line.state()).toMatchObject({ state: 'live', reconnects: 0, renewals: 0 });
    clearInterval(talk);
    const [closed] = await controls('close');
    expect(closed).toMatchObject({ connection: 2, planned: false });
  });

  test('a new connection that fails leaves the old one in place', async () => {
    await begin();
    const line = makeLine(binanceSpot);
    line.want(['BTCUSDT']);
    await live(line);
    venue.refuse = { status: 500 };
    line.renew('asked for', true);
    await expect.poll(() => line.state().note ?? '', within).toContain('renewal failed');
    expect(line.state()).toMatchObject({ state: 'live', reconnects: 0 });
    venue.clients[0]?.send(binanceTrade('BTCUSDT', 1));
    await expect.poll(() => line.state().frames, within).toBe(2);
  });
});

describe('venues that acknowledge by data', () => {
  test('a symbol counts from its first trade; a quiet one two seconds after the venue was seen to have read the request', async () => {
    await begin();
    venue.onText = (client, text) => {
      if (text === 'PING') client.send(Buffer.from('{"status":"UP"}'));
      else client.send(Buffer.from(upbitTrade('KRW-BTC', 17_883_351_803_770_004)));
    };
    const line = makeLine(upbitSpot);
    line.want(['KRW-BTC', 'KRW-QUIET']);
    await expect.poll(() => line.state().acknowledged, within).toBe(1);
    const since = performance.now();
    await live(line);
    expect(performance.now() - since).toBeGreaterThan(1500);
    expect((await controls('acknowledged')).map(({ symbols }) => symbols)).toEqual([['KRW-BTC'], ['KRW-QUIET']]);
    // Each request replaces the whole set, so a new code means the full list again.
    line.want(['KRW-BTC', 'KRW-QUIET', 'KRW-NEW']);
    await expect.poll(() => venue.clients[0]?.said.filter((text) => text !== 'PING').length, within).toBe(2);
    expect(venue.clients[0]?.said.filter((text) => text !== 'PING').at(-1)).toContain(
      '["KRW-BTC","KRW-QUIET","KRW-NEW"]',
    );
    await live(line);
    expect(venue.clients.length).toBe(1);
  });

  test('a code that the venue passed over without a word is asked for again until it delivers', async () => {
    await begin();
    let asked = 0;
    const askedUs: number[] = [];
    venue.onText = (client, text) => {
      if (text === 'PING') {
        client.send(Buffer.from('{"status":"UP"}'));
        return;
      }
      asked += 1;
      askedUs.push(Date.now() * 1000);
      client.send(Buffer.from(upbitTrade('KRW-BTC', 17_883_351_803_770_004)));
      // Known to the venue only by now.
      if (asked >= 3) client.send(Buffer.from(upbitTrade('KRW-NEW', 17_883_351_803_770_006, 'SNAPSHOT')));
    };
    const line = makeLine(upbitSpot, { silentAgainMs: 50 });
    line.want(['KRW-BTC', 'KRW-NEW']);
    await live(line);
    await expect.poll(() => asked, within).toBe(3);
    const since = performance.now();
    await expect.poll(() => performance.now() - since, within).toBeGreaterThan(300);
    expect(asked).toBe(3);
    // Between the second request, which brought nothing of it, and the third it may have been traded unseen.
    const acknowledged = await controls('acknowledged');
    expect(acknowledged.map(({ symbols }) => symbols)).toEqual([['KRW-BTC'], ['KRW-NEW'], ['KRW-NEW']]);
    const [behind, ...more] = await controls('behind');
    expect([behind?.silent.map(({ symbol }) => symbol), more]).toEqual([['KRW-NEW'], []]);
    const [first, second, third] = askedUs;
    expect(behind?.silent[0]?.fromUs).toBeGreaterThan(first ?? 0);
    expect(Math.abs((behind?.silent[0]?.fromUs ?? 0) - (second ?? 0))).toBeLessThan((third ?? 0) - (second ?? 0));
  });

  test('a code that has its first trade while it is asked for again and again was carried all the time', async () => {
    await begin();
    venue.onText = (client, text) => {
      if (text === 'PING') client.send(Buffer.from('{"status":"UP"}'));
      else client.send(Buffer.from(upbitTrade('KRW-BTC', 17_883_351_803_770_004)));
    };
    const line = makeLine(upbitSpot, { silentAgainMs: 50 });
    line.want(['KRW-BTC', 'KRW-NEW']);
    await live(line);
    const said = (): number => venue.clients[0]?.said.filter((text) => text !== 'PING').length ?? 0;
    await expect.poll(said, within).toBeGreaterThan(3);
    venue.clients[0]?.send(Buffer.from(upbitTrade('KRW-NEW', 17_883_351_803_770_006)));
    const before = said();
    await expect.poll(() => line.state().frames, within).toBeGreaterThan(before);
    expect((await controls('acknowledged')).map(({ symbols }) => symbols)).toEqual([['KRW-BTC'], ['KRW-NEW']]);
    expect(await controls('behind')).toEqual([]);
  });

  test('after a refused change the codes that stood are asked for again: the venue may have dropped them', async () => {
    await begin();
    const lists: string[] = [];
    venue.onText = (client, text) => {
      if (text === 'PING') {
        client.send(Buffer.from('{"status":"UP"}'));
        return;
      }
      lists.push(text.slice(text.indexOf('"codes":'), text.indexOf(']', text.indexOf('"codes":')) + 1));
      if (text.includes('KRW-NEW'))
        client.send(Buffer.from('{"error":{"name":"INVALID_CODES","message":"no such code"}}'));
      else client.send(Buffer.from(upbitTrade('KRW-BTC', 17_883_351_803_770_004)));
    };
    const line = makeLine(upbitSpot);
    line.want(['KRW-BTC']);
    await live(line);
    line.want(['KRW-BTC', 'KRW-NEW']);
    await expect.poll(() => lists.length, within).toBe(3);
    expect(lists.at(-1)).toBe('"codes":["KRW-BTC"]');
  });

  test('codes that the venue does not list are dropped when it refuses the request, the others stay', async () => {
    await begin();
    venue.onText = (client, text) => {
      if (text === 'PING') client.send(Buffer.from('{"status":"UP"}'));
      else if (text.includes('KRW-TYPO')) {
        client.send(Buffer.from('{"error":{"name":"INVALID_CODES","message":"no such code"}}'));
      } else client.send(Buffer.from(upbitTrade('KRW-BTC', 17_883_351_803_770_004)));
    };
    const line = makeLine(upbitSpot, {}, 0, ['KRW-TYPO']);
    line.want(['KRW-BTC', 'KRW-TYPO']);
    await live(line);
    expect(line.state()).toMatchObject({ acknowledged: 1, note: expect.stringContaining('KRW-TYPO') });
  });
});
