// What a venue refuses costs only what it names: whole requests that fail, single errors, silence, and asking again later.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binanceSpot } from '../feeds/binance/binance.ts';
import type { Feed, FrameClass, Outgoing } from '../feeds/feed.ts';
import { okxSpot } from '../feeds/okx/okx.ts';
import { upbitSpot } from '../feeds/upbit/upbit.ts';
import { live, openRig, type Rig, within } from './rig.fixture.ts';
import { PATIENCE, Subscriptions } from './subscriptions.ts';
import { departures } from './transports/departures.fixture.ts';
import { binanceTrade, type LoopbackClient, upbitTrade } from './transports/loopback.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

const fast = { outgoing: { count: 1000, perMs: 1000 } };
const longestStep = (times: readonly number[]): number =>
  Math.max(...times.slice(1).map((at, i) => at - (times[i] as number)));
const names = (count: number, prefix = 'S'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

interface Request {
  readonly key: string;
  readonly symbols: readonly string[];
}

/** A feed whose requests are JSON of their key and symbols, and whose replies are the class of message itself. */
function spelledOut(perRequest: number, said: 'once' | 'each'): Feed {
  return {
    ...binanceSpot,
    subscribe: (wanted, subscribed, nextKey) => {
      const have = new Set(subscribed);
      const fresh = wanted.filter((symbol) => !have.has(symbol));
      const messages: Outgoing[] = [];
      for (let at = 0; at < fresh.length; at += perRequest) {
        const symbols = fresh.slice(at, at + perRequest);
        const key = String(nextKey());
        messages.push({ text: JSON.stringify({ key, symbols }), key, symbols });
      }
      return messages;
    },
    classify: (frame, binary) => {
      const text = Buffer.from(frame).toString();
      return text.startsWith('#') ? (JSON.parse(text.slice(1)) as FrameClass) : binanceSpot.classify(frame, binary);
    },
    limits: { ...binanceSpot.limits, ...fast, symbolsPerRequest: said === 'once' ? perRequest : 1 },
  };
}

const say = (client: LoopbackClient, found: FrameClass): void => client.send(`#${JSON.stringify(found)}`);

/** All or nothing, as Gate: one unknown name fails the request, and the error does not say which. */
function allOrNothing(unknown: ReadonlySet<string>, asked: Request[]): (client: LoopbackClient, text: string) => void {
  return (client, text) => {
    const request = JSON.parse(text) as Request;
    asked.push(request);
    const bad = request.symbols.some((symbol) => unknown.has(symbol));
    if (bad) say(client, { type: 'refused', key: request.key, symbols: null, reason: 'unknown currency pair' });
    else say(client, { type: 'acknowledged', key: request.key, symbols: null });
  };
}

test('a symbol that left and came again while requests waited is not acknowledged by the answer to the older one', async () => {
  const sent: string[] = [];
  const subscriptions = new Subscriptions(
    { ...binanceSpot, limits: { ...binanceSpot.limits, outgoing: { count: 2, perMs: 100 } } },
    ['A'],
    {
      send: (text) => sent.push(text),
      acknowledged: () => undefined,
      refused: () => undefined,
      disproved: () => undefined,
      repeats: () => undefined,
      complete: () => undefined,
      useless: () => undefined,
      suspects: () => [],
    },
    PATIENCE,
  );
  subscriptions.begin();
  subscriptions.want(['A', 'X']);
  subscriptions.want(['A', 'X', 'B']);
  subscriptions.want(['A', 'X']);
  subscriptions.want(['A', 'X', 'B', 'BAD']);
  await expect.poll(() => sent.length, within).toBe(4);
  expect(sent.map((text) => JSON.parse(text).params)).toEqual([['a@trade'], ['x@trade'], ['b@trade'], ['b@trade']]);
  for (const key of ['1', '2', '3', '4']) subscriptions.understand({ type: 'acknowledged', key, symbols: null }, 0);
  expect([...subscriptions.acknowledged]).toEqual(['A', 'X']);
  await expect.poll(() => sent.length, within).toBe(5);
  subscriptions.understand({ type: 'refused', key: '5', symbols: null, reason: 'one of them' }, 0);
  await expect.poll(() => sent.length, within).toBe(7);
  subscriptions.understand({ type: 'acknowledged', key: '6', symbols: null }, 0);
  subscriptions.understand({ type: 'refused', key: '7', symbols: null, reason: 'unknown' }, 0);
  expect([...subscriptions.acknowledged]).toEqual(['A', 'X', 'B']);
  expect([...subscriptions.refused.keys()]).toEqual(['BAD']);
  subscriptions.close();
});

describe('an answer that names its symbol, and its request only where the venue repeats that', () => {
  function made(ackMs: number) {
    const told: string[] = [];
    const sent: string[] = [];
    const subscriptions = new Subscriptions(
      { ...okxSpot, limits: { ...okxSpot.limits, ...fast } },
      ['A'],
      {
        send: (text) => sent.push(text),
        acknowledged: (symbols) => told.push(...symbols),
        refused: (symbols) => told.push(...symbols.map((symbol) => `no ${symbol}`)),
        disproved: () => undefined,
        repeats: () => undefined,
        complete: () => undefined,
        useless: () => told.push('useless'),
        suspects: () => [],
      },
      { ...PATIENCE, ackMs },
    );
    subscriptions.begin();
    const answer = (symbol: string, id: string): void => {
      const text = `{${id}"event":"subscribe","arg":{"channel":"trades-all","instId":"${symbol}"},"connId":"a4d3ae55"}`;
      subscriptions.understand(okxSpot.classify(Buffer.from(text), false), 0);
    };
    const refuse = (symbol: string): void => {
      const text = `{"event":"error","code":"60018","msg":"Wrong URL or channel:trades-all,instId:${symbol} doesn't exist."}`;
      subscriptions.understand(okxSpot.classify(Buffer.from(text), false), 0);
    };
    return { subscriptions, told, sent, answer, refuse };
  }

  test.each(['', '"id":"2",'])('is not about a newer request for it (%s)', (id) => {
    const { subscriptions, told, sent, answer } = made(PATIENCE.ackMs);
    answer('A', '"id":"1",');
    // X is asked for, given back and asked for again before the venue has answered the first time.
    for (const wanted of [['A', 'X'], ['A'], ['A', 'X']]) subscriptions.want(wanted);
    expect(sent.map((text) => JSON.parse(text).id)).toEqual(['1', '2', '3', '4']);
    answer('X', id);
    expect(told).toEqual(['A']);
    answer('X', id && '"id":"4",');
    expect(told).toEqual(['A', 'X']);
    subscriptions.close();
  });

  test('nor is a refusal', () => {
    const { subscriptions, told, answer, refuse } = made(PATIENCE.ackMs);
    for (const wanted of [['A', 'X'], ['A'], ['A', 'X']]) subscriptions.want(wanted);
    refuse('X');
    expect(told).toEqual([]);
    answer('X', '');
    expect(told).toEqual(['X']);
    subscriptions.close();
  });

  test('counts when the older one is never answered, after the patience with it', async () => {
    const { subscriptions, told, sent, answer } = made(20);
    answer('A', '');
    for (const wanted of [['A', 'X'], ['A'], ['A', 'X']]) subscriptions.want(wanted);
    answer('X', '');
    expect(told).toEqual(['A']);
    const again = (): number => {
      subscriptions.tick(performance.now(), 0);
      return sent.length;
    };
    await expect.poll(again, within).toBe(5);
    answer('X', '');
    expect(told).toEqual(['A', 'X']);
    // The late answer to the request before changes nothing.
    answer('X', '');
    expect([...subscriptions.acknowledged]).toEqual(['A', 'X']);
    subscriptions.close();
  });
});

test('what was acknowledged because nobody objected is not, when the objection comes late', async () => {
  const disproved: string[] = [];
  const subscriptions = new Subscriptions(
    { ...upbitSpot, limits: { ...upbitSpot.limits, ...fast } },
    ['KRW-BTC', 'KRW-TYPO'],
    {
      send: () => undefined,
      acknowledged: () => undefined,
      refused: () => undefined,
      disproved: (symbols) => disproved.push(...symbols),
      repeats: () => undefined,
      complete: () => undefined,
      useless: () => undefined,
      suspects: () => [],
    },
    { ...PATIENCE, quietMs: 10 },
  );
  subscriptions.begin();
  subscriptions.watch(Buffer.from(upbitTrade('KRW-BTC', 17_883_351_803_770_004)), 0);
  await expect
    .poll(() => {
      subscriptions.tick(performance.now(), 0);
      return [...subscriptions.acknowledged];
    }, within)
    .toEqual(['KRW-BTC', 'KRW-TYPO']);
  subscriptions.understand({ type: 'refused', key: null, symbols: null, reason: 'INVALID_CODES' }, 0);
  expect(disproved).toEqual(['KRW-TYPO']);
  expect([...subscriptions.acknowledged]).toEqual(['KRW-BTC']);
  expect([...subscriptions.refused.keys()]).toEqual(['KRW-TYPO']);
  subscriptions.close();
});

describe('a venue whose requests are all or nothing', () => {
  test('hundreds of symbols with some unknown: the others stand after few messages', async () => {
    const asked: Request[] = [];
    const unknown = new Set(['S17', 'S140', 'S141', 'S399', 'S777']);
    rig.venue.onText = allOrNothing(unknown, asked);
    const line = rig.make(spelledOut(150, 'once'));
    line.want(names(800));
    await live(line);
    expect(line.state()).toMatchObject({ wanted: 800, acknowledged: 795, note: expect.stringContaining('5 refused') });
    expect(asked.length).toBeLessThan(6 + unknown.size * 2 * Math.ceil(Math.log2(150)));
    expect((await rig.controls('refused')).flatMap(({ symbols }) => symbols).sort()).toEqual([...unknown].sort());
    expect(rig.venue.clients.length).toBe(1);
  });

  test('unknown names that the venue’s own list lacks are taken out at once', async () => {
    const asked: Request[] = [];
    rig.venue.onText = allOrNothing(new Set(['S17', 'S140']), asked);
    const line = rig.make(spelledOut(150, 'once'), { suspects: ['S17', 'S140'] });
    line.want(names(150));
    await live(line);
    expect(line.state().acknowledged).toBe(148);
    expect(asked.length).toBe(2);
  });

  test('when it refuses everything the connection is given up after a bounded number of messages', async () => {
    const perClient = new Map<LoopbackClient, number>();
    rig.venue.onText = (client, text) => {
      perClient.set(client, (perClient.get(client) ?? 0) + 1);
      const { key } = JSON.parse(text) as Request;
      say(client, { type: 'refused', key, symbols: null, reason: 'internal error' });
    };
    const line = rig.make(spelledOut(150, 'once'));
    line.want(names(800));
    await expect.poll(() => rig.venue.clients.length, within).toBeGreaterThan(2);
    expect(line.state().note).toContain('internal error');
    for (const count of perClient.values()) expect(count).toBeLessThan(100);
  });

  test('refused symbols are asked for again one by one, and new ones never share a request with them', async () => {
    const asked: Request[] = [];
    const unknown = new Set(['BAD', 'SOON']);
    rig.venue.onText = allOrNothing(unknown, asked);
    const line = rig.make(spelledOut(150, 'once'), { patience: { refusedAgainMs: 200 } });
    line.want(['A', 'BAD', 'B', 'SOON']);
    await live(line);
    const before = asked.length;
    unknown.delete('SOON');
    line.want(['A', 'BAD', 'B', 'SOON', 'NEW']);
    await expect.poll(() => line.state().acknowledged, within).toBe(4);
    await expect.poll(() => asked.filter(({ symbols }) => symbols.includes('BAD')).length, within).toBeGreaterThan(4);
    for (const { symbols } of asked.slice(before)) expect(symbols.length).toBe(1);
    expect(rig.venue.clients.length).toBe(1);
    expect(line.state()).toMatchObject({ state: 'live', note: expect.stringContaining('BAD') });
  });

  test('a refused symbol that appears in the venue’s list is asked for at once', async () => {
    const asked: Request[] = [];
    const unknown = new Set(['NEWCOIN']);
    rig.venue.onText = allOrNothing(unknown, asked);
    const line = rig.make(spelledOut(150, 'once'));
    line.want(['A', 'NEWCOIN']);
    await live(line);
    unknown.clear();
    const before = performance.now();
    line.listed(['A', 'NEWCOIN']);
    await expect.poll(() => line.state().acknowledged, within).toBe(2);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(line.state().note).toBeNull();
  });
});

describe('a venue that answers for each symbol', () => {
  test('errors that name a symbol and no request take out that symbol; the others of the request go on', async () => {
    const asked: Request[] = [];
    rig.venue.onText = (client, text) => {
      const request = JSON.parse(text) as Request;
      asked.push(request);
      for (const symbol of request.symbols) {
        if (symbol.startsWith('BAD'))
          say(client, { type: 'refused', key: null, symbols: [symbol], reason: `${symbol} does not exist` });
        else say(client, { type: 'acknowledged', key: null, symbols: [symbol] });
      }
    };
    const line = rig.make(spelledOut(100, 'each'), { patience: { ackMs: 300 } });
    line.want([...names(150), 'BAD1', ...names(80, 'T'), 'BAD2']);
    await live(line);
    expect(line.state()).toMatchObject({ wanted: 232, acknowledged: 230 });
    const since = performance.now();
    await expect.poll(() => performance.now() - since, within).toBeGreaterThan(700);
    // Nothing was overdue, so nothing was asked twice.
    expect(asked.length).toBe(3);
    expect(rig.venue.clients.length).toBe(1);
  });

  test('a symbol that it passes over in silence is taken out, and what works is not ended for it', async () => {
    rig.venue.onText = (client, text) => {
      const { symbols } = JSON.parse(text) as Request;
      for (const symbol of symbols)
        if (symbol !== 'MUTE') say(client, { type: 'acknowledged', key: null, symbols: [symbol] });
    };
    const line = rig.make(spelledOut(100, 'each'), { patience: { ackMs: 150 } });
    line.want(['A', 'MUTE', 'B']);
    await live(line);
    expect(line.state()).toMatchObject({ acknowledged: 2, note: expect.stringContaining('not acknowledged') });
    rig.venue.clients[0]?.send(binanceTrade('A', 1));
    expect(rig.venue.clients.length).toBe(1);
    expect((await rig.controls('refused'))[0]).toMatchObject({ symbols: ['MUTE'] });
  });
});

test('an acknowledgement that comes after the request was repeated counts: a slow venue is no reason to reconnect', async () => {
  const asked: Request[] = [];
  rig.venue.onText = (client, text) => {
    asked.push(JSON.parse(text) as Request);
    const late = asked.at(-2);
    if (late) say(client, { type: 'acknowledged', key: late.key, symbols: null });
  };
  const line = rig.make(spelledOut(100, 'once'), { patience: { ackMs: 100 } });
  line.want(['A', 'B']);
  await live(line);
  expect(line.state()).toMatchObject({ acknowledged: 2, reconnects: 0 });
  expect(asked.map(({ symbols }) => symbols)).toEqual([
    ['A', 'B'],
    ['A', 'B'],
  ]);
});

test('a renewal does not cut a connection that carries what the new one was not given', async () => {
  const mute = new Set<LoopbackClient>();
  rig.venue.onText = (client, text) => {
    const { symbols } = JSON.parse(text) as Request;
    for (const symbol of symbols)
      if (symbol !== 'B' || !mute.has(client)) say(client, { type: 'acknowledged', key: null, symbols: [symbol] });
  };
  const line = rig.make(spelledOut(100, 'each'), { patience: { ackMs: 100, refusedAgainMs: 300 } });
  line.want(['A', 'B']);
  await live(line);
  rig.venue.onUpgrade = () => {
    setImmediate(() => mute.add(rig.venue.clients.at(-1) as LoopbackClient));
  };
  line.renew('asked for', true);
  await expect.poll(async () => (await rig.controls('refused')).length, within).toBeGreaterThan(0);
  rig.venue.clients[1]?.send(binanceTrade('A', 1));
  await expect.poll(async () => (await rig.controls('refused')).length, within).toBeGreaterThan(1);
  expect(await rig.controls('close')).toEqual([]);
  mute.clear();
  await expect.poll(async () => (await rig.controls('close')).length, within).toBe(1);
  expect(line.state()).toMatchObject({ state: 'live', acknowledged: 2 });
});

test.each([['by name', ['X']] as const, ['as a whole', null] as const, ['by a name of no one', ['?']] as const])(
  'a request that is refused %s after the unknown symbol of it has left: the others are asked for at once',
  async (_, symbols) => {
    const asked: Request[] = [];
    rig.venue.onText = (client, text) => {
      const request = JSON.parse(text) as Request;
      asked.push(request);
      if (asked.length > 1) say(client, { type: 'acknowledged', key: request.key, symbols: null });
    };
    const line = rig.make(spelledOut(100, 'once'));
    line.want(['A', 'X', 'B']);
    await expect.poll(() => asked.length, within).toBe(1);
    line.want(['A', 'B']);
    const [client] = rig.venue.clients;
    if (client) say(client, { type: 'refused', key: '1', symbols, reason: 'unknown symbol' });
    await live(line);
    expect(line.state()).toMatchObject({ acknowledged: 2, note: null });
    expect(asked.map((request) => request.symbols)).toEqual([
      ['A', 'X', 'B'],
      ['A', 'B'],
    ]);
  },
);

test('thousands of symbols leave at the venue’s pace, and heartbeats go before what waits', async () => {
  rig.venue.onText = (client, text) => {
    if (text !== 'ping') say(client, { type: 'acknowledged', key: (JSON.parse(text) as Request).key, symbols: null });
  };
  const feed = spelledOut(100, 'once');
  const line = rig.make(feed, {
    limits: { outgoing: { count: 20, perMs: 600 }, heartbeat: { text: 'ping', everyMs: 100 } },
  });
  // How long this process was not let run at a time: what is due meanwhile leaves that much later.
  const ticks: number[] = [];
  rig.ticks.push((nowMs) => ticks.push(nowMs));
  const beats: number[] = [];
  const { times, stop } = departures((text) => {
    if (text === 'ping') beats.push(performance.now());
    return text === 'ping' || text.startsWith('{"key"');
  });
  try {
    line.want(names(4000));
    await live(line);
  } finally {
    stop();
  }
  expect(line.state().acknowledged).toBe(4000);
  expect(times.length - beats.length).toBe(40);
  expect(beats.length).toBeGreaterThan(3);
  for (let i = 20; i < times.length; i += 1) {
    expect((times[i] as number) - (times[i - 20] as number)).toBeGreaterThan(580);
  }
  expect(longestStep(beats)).toBeLessThan(300 + longestStep(ticks));
});

test('where little may be said, what waits does not keep a heartbeat from going', async () => {
  const beats: number[] = [];
  rig.venue.onText = (client, text) => {
    if (text === 'ping') beats.push(performance.now());
    else say(client, { type: 'acknowledged', key: (JSON.parse(text) as Request).key, symbols: null });
  };
  const line = rig.make(spelledOut(10, 'once'), {
    limits: { outgoing: { count: 8, perMs: 60_000 }, heartbeat: { text: 'ping', everyMs: 20_000 } },
  });
  line.want(names(200));
  await expect.poll(() => line.state().acknowledged, within).toBe(50);
  const now = performance.now();
  // The first tick after such a time judges nothing.
  rig.ticks.push(() => {
    for (const _ of [1, 2]) line.tick(now + 20_100);
  });
  await expect.poll(() => beats.length, within).toBe(1);
  expect(line.state()).toMatchObject({ state: 'subscribing', acknowledged: 50 });
});
