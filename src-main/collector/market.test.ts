// Symbol lists, back-fill and notices against a venue on loopback: what came over REST lies in the journal as it came.
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ok, unwrap } from '../../src-shared/base/result.ts';
import { SECOND_US } from '../../src-shared/base/time.ts';
import { silentLog } from '../base/log.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { bybitSpot } from '../feeds/bybit/bybit.ts';
import type { Feed } from '../feeds/feed.ts';
import { upbitNotices } from '../feeds/upbit/notices.ts';
import { upbitSpot } from '../feeds/upbit/upbit.ts';
import type { ControlRecord } from '../journal/control.ts';
import { openReader } from '../journal/reader.ts';
import { type JournalWriter, openJournal } from '../journal/writer.ts';
import { askCandles } from './candles.ts';
import { WallClock } from './clock.ts';
import { HeldHistory } from './held-history.ts';
import { RecordedMarket } from './market.ts';
import { NoticeLine } from './notices.ts';
import type { MarketPlan } from './plan.ts';
import { backfill } from './recovery.ts';
import { readPage } from './symbol-list.ts';
import { acknowledgeBinance, type Loopback, openLoopback } from './transports/loopback.ts';

let dir: string;
let venue: Loopback;
let journal: JournalWriter;
const markets: RecordedMarket[] = [];
const clock = new WallClock();
const within = { timeout: 9000, interval: 5 };
const patient = { timeout: 60_000, interval: 5 };
/** Of a recorder that records. */
const halted = (): null => null;
/** Of a back-fill that nothing stops and nothing came before. */
const fresh = (signal = new AbortController().signal) => ({ journal, clock, held: new HeldHistory(), halted, signal });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'market-'));
  venue = await openLoopback();
  venue.onText = acknowledgeBinance();
  journal = unwrap(await openJournal(join(dir, 'journal')));
});
afterEach(async () => {
  for (const market of markets.splice(0)) await market.close('test over');
  await journal.close();
  await venue.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Entry {
  control: ControlRecord | null;
  text: string;
  origin: number;
}

async function recorded(lineNo: number): Promise<Entry[]> {
  unwrap(await journal.flush());
  const reader = openReader(join(dir, 'journal'), null);
  const entries: Entry[] = [];
  for (let batch = await reader.read(); batch; batch = await reader.read()) {
    for (let i = 0; i < batch.count; i += 1) {
      if (batch.lineNo[i] !== lineNo) continue;
      const at = batch.payloadOffset[i] as number;
      const text = batch.bytes.toString('utf8', at, at + (batch.payloadLength[i] as number));
      const control = batch.kind[i] === 1 ? (JSON.parse(text) as ControlRecord) : null;
      entries.push({ control, text, origin: batch.origin[i] as number });
    }
  }
  await reader.close();
  return entries;
}

function makeMarket(
  symbols: MarketPlan['symbols'],
  change: Partial<Feed> = {},
  planned: Partial<MarketPlan> = {},
): RecordedMarket {
  const feed: Feed = { ...binanceSpot, ...change };
  const plan: MarketPlan = {
    venue: 'binance',
    market: 'spot',
    feed,
    symbols,
    lines: 1,
    endpoints: { ws: venue.ws, rest: venue.rest },
    ...planned,
  };
  const log = silentLog();
  const market = new RecordedMarket(plan, { journal, clock, log, keptPath: join(dir, 'symbols.json'), worker: null });
  markets.push(market);
  return market;
}

function exchangeInfo(...symbols: string[]): string {
  const entries = symbols.map((symbol) => {
    const base = symbol.replace('USDT', '');
    return `{"symbol":"${symbol}","status":"TRADING","baseAsset":"${base}","quoteAsset":"USDT"}`;
  });
  return `{"timezone":"UTC","serverTime":1723161255343,"symbols":[${entries.join(',')}]}`;
}

const often = { instruments: { ...binanceSpot.instruments, everyMs: 30 } };

test.each(['unique', 'multiset'] as const)(
  'where ids prove nothing (%s), a connection and the one that takes over from it have numbers of their own',
  async (idRule) => {
    const market = makeMarket(['BTCUSDT'], { idRule });
    market.start();
    const [line] = market.lines;
    await expect.poll(() => line?.state().state, within).toBe('live');
    // The first one is dead and nobody has noticed; a recorder that is killed now has to tell how far each of the two delivered.
    venue.clients[0]?.freeze();
    line?.renew('asked for', true);
    await expect.poll(() => venue.clients[1]?.said.length, within).toBe(1);
    const opened = async (no: number): Promise<number> =>
      (await recorded(no)).filter(({ control }) => control?.type === 'open').length;
    const numbers = journal.lines.filter(({ role }) => role === 'live').map(({ no }) => no);
    expect(await Promise.all(numbers.map(opened))).toEqual([1, 1]);
  },
);

describe('symbol list', () => {
  test('named symbols are recorded at once although the list cannot be had', async () => {
    venue.onRequest = (_request, response) => response.writeHead(503).end();
    const market = makeMarket(['BTCUSDT']);
    market.start();
    await expect.poll(() => market.lines[0]?.state().state, within).toBe('live');
    await expect.poll(() => market.note ?? '', within).toContain('503');
  });

  test('a list whose reading throws is asked for again, and what is recorded goes on', {
    timeout: 180_000,
  }, async () => {
    const { parse } = binanceSpot.instruments;
    let broken = true;
    const torn = (body: Uint8Array): ReturnType<typeof parse> => {
      if (broken) throw new Error('nobody foresaw this');
      return parse(body);
    };
    venue.onRequest = (_request, response) => response.end(exchangeInfo('AUSDT', 'BUSDT'));
    const market = makeMarket(['AUSDT'], { instruments: { ...often.instruments, parse: torn } });
    market.start();
    await expect.poll(() => market.note, patient).toBe('symbol list: nobody foresaw this');
    await expect.poll(() => market.lines[0]?.state().state, patient).toBe('live');
    broken = false;
    await expect.poll(() => market.note, patient).toBe(null);
  });

  test('a list whose news threw on their way to the lines is acted on with its next reading, for every line', {
    timeout: 180_000,
  }, async () => {
    let body = exchangeInfo('AUSDT', 'BUSDT');
    venue.onRequest = (_request, response) => response.end(body);
    const market = makeMarket({ quote: ['USDT'] }, often, { lines: 2 });
    market.start();
    const acknowledged = (): (number | undefined)[] => market.lines.map((line) => line.state().acknowledged);
    await expect.poll(acknowledged, patient).toEqual([2, 2]);
    const second = market.lines[1];
    if (!second) throw new Error('no second line');
    const want = vi.spyOn(second, 'want').mockImplementationOnce(() => {
      throw new Error('nobody foresaw this');
    });
    const listed = market.lines.map((line) => vi.spyOn(line, 'listed'));
    body = exchangeInfo('AUSDT', 'BUSDT', 'CUSDT');
    await expect.poll(acknowledged, patient).toEqual([3, 3]);
    expect(want.mock.calls.length).toBe(2);
    for (const told of listed) expect(told.mock.calls).toEqual([[['CUSDT']]]);
    expect(market.note).toBe(null);
  });

  test('a list that no thread can be made for is a failure to be tried again', async () => {
    const body = Buffer.from(exchangeInfo('AUSDT').padEnd(200_000));
    // A thread cannot be begun from such an address: as for want of memory, its constructor throws.
    const read = await readPage(binanceSpot, body, new URL('http://127.0.0.1/none.js'), null);
    expect(read).toMatchObject({
      ok: false,
      failure: {
        code: 'instruments.thread',
        message: expect.stringMatching(/^binance spot: list not read: .*URL/),
        retry: true,
      },
    });
  });

  test('a new listing does not wait for a slow disk to keep the list', async () => {
    let body = exchangeInfo('AUSDT');
    venue.onRequest = (_request, response) => response.end(body);
    const market = makeMarket('all', often);
    market.start();
    await expect.poll(() => market.lines[0]?.state().acknowledged, within).toBe(1);
    const handle = await open(dir, 'r');
    let goOn: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as { sync(): Promise<void> }, 'sync').mockReturnValue(slow);
    try {
      body = exchangeInfo('AUSDT', 'NEWUSDT');
      await expect.poll(() => market.lines[0]?.state().acknowledged, within).toBe(2);
    } finally {
      sync.mockRestore();
      goOn();
      await handle.close();
    }
  });

  test('what the list selects is recorded, new symbols follow by themselves, and a list without news is kept once', async () => {
    let body = exchangeInfo('AUSDT', 'BUSDT');
    let asked = 0;
    venue.onRequest = (request, response) => {
      asked += 1;
      expect(request.headers.origin).toBeUndefined();
      response.end(body);
    };
    const market = makeMarket({ quote: ['USDT'] }, often);
    market.start();
    await expect.poll(() => market.lines[0]?.state(), within).toMatchObject({ state: 'live', acknowledged: 2 });
    const first = body;
    const before = asked;
    await expect.poll(() => asked, within).toBeGreaterThan(before + 3);
    body = exchangeInfo('AUSDT', 'BUSDT', 'CUSDT');
    await expect.poll(() => market.lines[0]?.state().acknowledged, within).toBe(3);
    expect(venue.clients.length).toBe(1);
    const entries = await recorded(market.restLineNo);
    const said = entries.map(({ control, text }) => control?.type ?? text);
    // Of the lists without news it is only said that they were read.
    expect(said.filter((what) => what === 'instruments-unchanged').length).toBeGreaterThanOrEqual(3);
    expect(said.filter((what) => what !== 'instruments-unchanged')).toEqual([
      'instruments',
      first,
      'instruments',
      body,
    ]);
    expect(entries[0]?.control).toMatchObject({
      venue: 'binance',
      market: 'spot',
      path: binanceSpot.instruments.request().path,
    });
  });

  test('after a restart the kept list is used until the venue answers', async () => {
    venue.onRequest = (_request, response) => response.end(exchangeInfo('AUSDT'));
    const market = makeMarket('all');
    market.start();
    await expect.poll(() => market.lines[0]?.state().state, within).toBe('live');
    await market.close('restart');
    venue.onRequest = () => undefined;
    const again = makeMarket('all');
    again.start();
    await expect.poll(() => again.lines[0]?.state(), within).toMatchObject({ state: 'live', wanted: 1 });
  });

  test('a name that the venue does not list is said', async () => {
    venue.onRequest = (_request, response) => response.end(exchangeInfo('BTCUSDT'));
    const market = makeMarket(['BTCUSDT', 'BTCUSTD']);
    market.start();
    await expect.poll(() => market.note, within).toBe("not in the venue's list: BTCUSTD");
  });
});

describe('a list of several pages', () => {
  const paged: Pick<Feed, 'instruments'> = {
    instruments: {
      ...binanceSpot.instruments,
      everyMs: 30,
      request: () => ({ method: 'GET', path: '/list?page=1', headers: {}, weight: 1 }),
      next: (body) => {
        const { next } = JSON.parse(Buffer.from(body).toString()) as { next?: number };
        return next === undefined ? null : { method: 'GET', path: `/list?page=${next}`, headers: {}, weight: 1 };
      },
    },
  };
  const page = (next: number | null, ...symbols: string[]): string =>
    exchangeInfo(...symbols).replace('{"timezone"', next === null ? '{"timezone"' : `{"next":${next},"timezone"`);

  test('is all of its pages, each a record of its own; new symbols of any page are subscribed with the next poll', async () => {
    const pages = [page(2, 'AUSDT'), page(3, 'BUSDT'), page(null, 'CUSDT')];
    let asked = 0;
    venue.onRequest = (request, response) => {
      asked += 1;
      response.end(pages[Number(new URL(request.url ?? '', 'http://x').searchParams.get('page')) - 1]);
    };
    const market = makeMarket('all', { instruments: { ...paged.instruments, everyMs: 400 } });
    market.start();
    await expect.poll(() => market.lines[0]?.state().acknowledged, within).toBe(3);
    pages[1] = page(3, 'BUSDT', 'NEWUSDT');
    const before = asked;
    await expect.poll(() => market.lines[0]?.state().acknowledged, within).toBe(4);
    expect(asked - before).toBeLessThanOrEqual(6);
    expect(venue.clients[0]?.said.map((text) => (JSON.parse(text) as { params: string[] }).params)).toEqual([
      ['ausdt@trade', 'busdt@trade', 'cusdt@trade'],
      ['newusdt@trade'],
    ]);
    const lists = (await recorded(market.restLineNo)).flatMap(({ control }) =>
      control?.type === 'instruments' ? [control] : [],
    );
    expect(lists.map(({ path, page: no, last }) => [path, no, last])).toEqual(
      [0, 1].flatMap(() => [
        ['/list?page=1', 1, false],
        ['/list?page=2', 2, false],
        ['/list?page=3', 3, true],
      ]),
    );
  });

  test('fails as a whole when a page fails, and when its pages go in circles', async () => {
    let pages = [page(2, 'AUSDT'), '{}'];
    venue.onRequest = (request, response) => {
      const body = pages[Number(new URL(request.url ?? '', 'http://x').searchParams.get('page')) - 1];
      if (body === undefined) response.writeHead(500).end();
      else response.end(body);
    };
    const market = makeMarket('all', paged);
    market.start();
    await expect.poll(() => market.note ?? '', within).toContain('symbol list');
    expect(market.lines[0]?.state().wanted).toBe(0);
    expect(await recorded(market.restLineNo)).toEqual([]);
    pages = [page(2, 'AUSDT'), page(1, 'BUSDT')];
    await expect.poll(() => market.note ?? '', within).toContain('read already');
    pages = [page(2, 'AUSDT'), page(null, 'BUSDT')];
    await expect.poll(() => market.lines[0]?.state().acknowledged, within).toBe(2);
    expect(market.note).toBeNull();
  });
});

describe('a venue on which not every symbol can be carried', () => {
  const few = (asked = { turnover: 0 }): Partial<Feed> => ({
    limits: { ...binanceSpot.limits, streamsPerConnection: 2, connectionsPerAddress: 3 },
    instruments: {
      ...binanceSpot.instruments,
      everyMs: 30,
      turnover: {
        request: () => ({ method: 'GET', path: '/turnover', headers: {}, weight: 1 }),
        parse: (body) => {
          asked.turnover += 1;
          return ok(new Map(Object.entries(JSON.parse(Buffer.from(body).toString()) as Record<string, number>)));
        },
      },
    },
  });
  const answer = (list: () => string, turnover: () => Record<string, number> | null): void => {
    venue.onRequest = (request, response) => {
      const amounts = turnover();
      if (request.url !== '/turnover') response.end(list());
      else if (amounts === null) response.writeHead(503).end();
      else response.end(JSON.stringify(amounts));
    };
  };
  const carried = (market: RecordedMarket): string[] => market.lines.flatMap(({ symbols }) => symbols).sort();
  const busy = { AUSDT: 1, BUSDT: 5, CUSDT: 4, DUSDT: 3, EUSDT: 2, FUSDT: 6 };
  const all = Object.keys(busy);

  test('carries the busiest and says so; a new listing takes the place of the least busy; others stay untouched', async () => {
    let list = exchangeInfo(...all);
    const asked = { turnover: 0 };
    answer(
      () => list,
      () => busy,
    );
    const market = makeMarket('all', few(asked), { connections: 2 });
    market.start();
    await expect.poll(() => carried(market), within).toEqual(['BUSDT', 'CUSDT', 'DUSDT', 'FUSDT']);
    expect(market.note).toContain('4 of 6 symbols carried, by turnover: binance allows an address 3 connections of 2');
    for (const line of market.lines) await expect.poll(() => line.state().state, within).toBe('live');
    list = exchangeInfo(...all, 'NEWUSDT');
    await expect.poll(() => carried(market), within).toEqual(['BUSDT', 'CUSDT', 'FUSDT', 'NEWUSDT']);
    expect(market.note).toContain('4 of 7 symbols carried');
    expect(venue.clients.length).toBe(2);
    const gone = (): number =>
      venue.clients.flatMap(({ said }) => said.filter((text) => text.includes('UNSUBSCRIBE'))).length;
    await expect.poll(gone, within).toBe(1);
    // Once an hour, however often the list is asked for.
    expect(asked.turnover).toBe(1);
    await market.close('restart');
    // What was carried is carried again at once, although the venue does not answer.
    venue.onRequest = () => undefined;
    const again = makeMarket('all', few(), { connections: 2 });
    again.start();
    await expect.poll(() => carried(again), within).toEqual(['BUSDT', 'CUSDT', 'FUSDT', 'NEWUSDT']);
  });

  test('while the turnover cannot be had it goes by the list, says why, and asks again', async () => {
    let amounts: Record<string, number> | null = null;
    answer(
      () => exchangeInfo(...all),
      () => amounts,
    );
    const market = makeMarket({ quote: ['USDT'] }, few(), { connections: 2 });
    market.start();
    await expect.poll(() => carried(market), within).toEqual(['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT']);
    expect(market.note).toContain("in the order of the venue's list (turnover is not known");
    amounts = busy;
    await expect.poll(() => carried(market), within).toEqual(['BUSDT', 'CUSDT', 'DUSDT', 'FUSDT']);
  });

  test('named symbols are carried in the order of the settings, without a list', async () => {
    venue.onRequest = (_request, response) => response.writeHead(503).end();
    const market = makeMarket([...all].reverse(), few(), { connections: 2 });
    market.start();
    await expect.poll(() => carried(market), within).toEqual(['CUSDT', 'DUSDT', 'EUSDT', 'FUSDT']);
    await expect.poll(() => market.lines[0]?.state().state, within).toBe('live');
  });
});

test('connections that an earlier plan had and this one has not are said to carry nothing more', async () => {
  venue.onRequest = (_request, response) => response.writeHead(503).end();
  const before = makeMarket(
    ['A', 'B', 'C'],
    { limits: { ...binanceSpot.limits, streamsPerConnection: 1 } },
    { lines: 2 },
  );
  before.start();
  await expect.poll(() => before.lines.length, within).toBe(6);
  await before.close('settings changed');
  const now = makeMarket(['A', 'B']);
  now.start();
  await expect.poll(() => now.lines[0]?.state().state, within).toBe('live');
  const wanted = await Promise.all(
    [0, 1].flatMap((line) =>
      [0, 1, 2].map(async (slot) => {
        const no = journal.line({ venue: 'binance', market: 'spot', line, role: 'live', slot });
        const said = (await recorded(no)).flatMap(({ control }) =>
          control?.type === 'wanted' ? [control.symbols] : [],
        );
        return said.at(-1);
      }),
    ),
  );
  expect(wanted).toEqual([['A', 'B'], [], [], [], [], []]);
});

describe('back-fill', () => {
  const input = {
    gapId: '7-100',
    venue: 'binance',
    market: 'spot',
    symbol: 'BTCUSDT',
    channel: 'trade',
    fromId: '100',
    toId: '2600',
    fromUs: (Date.now() - 60_000) * 1000,
    toUs: Date.now() * 1000,
  } as const;

  function answerTrades(url: string, response: ServerResponse): void {
    const query = new URL(url, 'http://x').searchParams;
    const from = Number(query.get('fromId'));
    const rows = Array.from({ length: Number(query.get('limit')) }, (_, i) => ({
      id: from + i,
      price: '1.00',
      qty: '2.0',
      quoteQty: '2.0',
      time: Date.now(),
      isBuyerMaker: true,
      isBestMatch: true,
    }));
    response.end(JSON.stringify(rows));
  }

  test('pages through the hole; each reply lies behind what it answers; the answer comes when all is durable', async () => {
    const paths: string[] = [];
    let refusals = 1;
    venue.onRequest = (request, response) => {
      if (paths.length === 1 && refusals > 0) {
        refusals -= 1;
        response.writeHead(429, { 'Retry-After': '1' }).end();
        return;
      }
      paths.push(request.url ?? '');
      answerTrades(request.url ?? '', response);
    };
    const market = makeMarket(['BTCUSDT']);
    const began = performance.now();
    const done = unwrap(await backfill(market, input, fresh()));
    expect(done).toMatchObject({ pages: 3, reached: true, note: '' });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(journal.stats().durableFrame).toBeGreaterThanOrEqual(done.lastFrame);
    const entries = await recorded(market.restLineNo);
    expect(entries.map(({ control, origin }) => control?.type ?? `data ${origin}`)).toEqual([
      'history',
      'data 1',
      'history',
      'data 1',
      'history',
      'data 1',
      'history-end',
    ]);
    expect(entries.filter(({ control }) => control?.type === 'history').map(({ control }) => control)).toEqual(
      paths.map((path) => ({
        type: 'history',
        gapId: '7-100',
        symbol: 'BTCUSDT',
        channel: 'trade',
        path,
        status: 200,
      })),
    );
    expect(entries.at(-1)?.control).toMatchObject({ gapId: '7-100', reached: true });
  });

  test('one request answers several gaps of a stream; each ends by itself, told where the pages lie', async () => {
    let asked = 0;
    venue.onRequest = (request, response) => {
      asked += 1;
      answerTrades(request.url ?? '', response);
    };
    const market = makeMarket(['BTCUSDT']);
    const also = [{ ...input, gapId: '7-400', fromId: '400', toId: '500' }];
    const order = { ...input, toId: '300', also, recheck: true };
    const done = unwrap(await backfill(market, order, fresh()));
    expect(done).toMatchObject({ pages: 1, reached: true });
    expect(asked).toBe(1);
    const entries = await recorded(market.restLineNo);
    expect(entries.map(({ control }) => control)).toMatchObject([
      { type: 'history', gapId: '7-100', recheck: true },
      {},
      {
        type: 'history-end',
        gapId: '7-400',
        reached: true,
        pages: 1,
        pagesOf: '7-100',
        asked: { fromId: '400', toId: '500' },
      },
      { type: 'history-end', gapId: '7-100', reached: true, pages: 1, asked: { fromId: '100', toId: '300' } },
    ]);
  });

  test('candles are asked for in whole minutes, as many at a time as the venue answers, and are not journaled', async () => {
    const fromUs = 1_763_600_400_000_000;
    const paths: string[] = [];
    venue.onRequest = (request, response) => {
      paths.push(request.url ?? '');
      response.end('[]');
    };
    const market = makeMarket(['BTCUSDT']);
    const signal = new AbortController().signal;
    const hours = { symbol: 'BTCUSDT', fromUs, toUs: fromUs + 1500 * 60_000_000 };
    expect(await askCandles(market, hours, signal)).toEqual({ ok: true, value: { candles: [] } });
    expect(paths).toHaveLength(2);
    expect(await askCandles(market, { ...hours, fromUs: fromUs + 1 }, signal)).toMatchObject({
      failure: { code: 'candles.minutes' },
    });
    expect(await recorded(market.restLineNo)).toEqual([]);
  });

  test('can be cancelled between pages, and says so in the journal', async () => {
    const stop = new AbortController();
    let asked = 0;
    venue.onRequest = (request, response) => {
      asked += 1;
      if (asked === 2) stop.abort();
      else answerTrades(request.url ?? '', response);
    };
    const market = makeMarket(['BTCUSDT']);
    const result = await backfill(market, input, {
      journal,
      clock,
      held: new HeldHistory(),
      halted,
      signal: stop.signal,
    });
    expect(result).toMatchObject({ ok: false, failure: { code: 'request.cancelled' } });
    const entries = await recorded(market.restLineNo);
    expect(entries.map(({ control }) => control?.type ?? 'data')).toEqual(['history', 'data', 'history-end']);
    expect(entries.at(-1)?.control).toMatchObject({ reached: false });
  });

  test('a halt ends it before another page is written: the room that is left on the disk is not for it', async () => {
    let halt: string | null = null;
    let asked = 0;
    venue.onRequest = (request, response) => {
      asked += 1;
      if (asked === 2) halt = 'disk: 90 MiB free, recording needs 200 MiB';
      answerTrades(request.url ?? '', response);
    };
    const market = makeMarket(['BTCUSDT']);
    const { signal } = new AbortController();
    const context = { journal, clock, held: new HeldHistory(), halted: () => halt, signal };
    const message = 'not recording: disk: 90 MiB free, recording needs 200 MiB';
    // As when it is asked while halted: it may be asked again, and nothing is said of the gap.
    expect(await backfill(market, input, context)).toEqual({
      ok: false,
      failure: { code: 'recording.halted', message, retry: true },
    });
    expect(asked).toBe(2);
    const entries = await recorded(market.restLineNo);
    expect(entries.map(({ control }) => control?.type ?? 'data')).toEqual(['history', 'data', 'history-end']);
    expect(entries.at(-1)?.control).toMatchObject({ gapId: '7-100', reached: false, note: message });
  });

  test('a history that is walked back and cut short goes on from there, and counts as whole only then', async () => {
    const { history, idRule, latenessUs } = upbitSpot;
    const toUs = Date.UTC(2026, 10, 21, 12) * 1000;
    const hole = { ...input, symbol: 'KRW-ABC', fromId: null, toId: null, fromUs: toUs - 3600 * SECOND_US, toUs };
    const market = makeMarket(['KRW-ABC'], { history, idRule, latenessUs });
    const fixed = new WallClock();
    const held = new HeldHistory();
    // A trade each 200 ms, 500 a page: 100 s.
    let [asked, stopAt, stop]: [string[], number, AbortController] = [
      [],
      Number.POSITIVE_INFINITY,
      new AbortController(),
    ];
    let newestMs = Number.POSITIVE_INFINITY;
    let garbledAt = -1;
    venue.onRequest = (request, response) => {
      const query = new URL(request.url ?? '', 'http://venue').searchParams;
      asked.push(query.get('to') ?? `cursor ${query.get('cursor')}`);
      if (asked.length === stopAt) {
        stop.abort();
        return;
      }
      if (asked.length === garbledAt) {
        response.end('<html>');
        return;
      }
      const [h = 0, m = 0, s = 0] = (query.get('to')?.match(/../g) ?? []).map(Number);
      const endMs = query.has('cursor') ? Number(query.get('cursor')) : Date.UTC(2026, 10, 21, h, m, s);
      const rows = Array.from({ length: 500 }, (_, n) => Math.min(endMs, newestMs) - 200 * (n + 1)).map((ms) => ({
        market: 'KRW-ABC',
        timestamp: ms,
        sequential_id: ms,
        trade_price: 1,
        trade_volume: 1,
        ask_bid: 'BID',
      }));
      response.end(JSON.stringify(rows));
    };
    const ask = async (afterUs: number, stopped: number, more = {}) => {
      [asked, stopAt, stop] = [[], stopped, new AbortController()];
      fixed.offsetUs = toUs + afterUs - performance.now() * 1000;
      return await backfill(market, { ...hole, ...more }, { journal, clock: fixed, held, halted, signal: stop.signal });
    };
    const cancelled = { ok: false, failure: { code: 'request.cancelled' } };
    const minutesLater = 600 * SECOND_US;
    expect(await ask(minutesLater, 21)).toMatchObject(cancelled);
    expect(asked[0]).toBe('120002');
    // 20 pages of 100 s, one minute of overlap, two seconds for the venue's whole seconds.
    // A go in which nothing comes changes nothing: what could not be read of the first part still counts.
    expect(await ask(minutesLater, 1)).toMatchObject(cancelled);
    expect(await ask(minutesLater, 6)).toMatchObject(cancelled);
    expect(asked[0]).toMatch(/^11274\d$/);
    const last = unwrap(await ask(minutesLater, 100));
    expect(last).toMatchObject({ reached: true, note: '' });
    expect(asked[0]).toMatch(/^11202\d$/);
    const ends = (await recorded(market.restLineNo)).flatMap(({ control }) =>
      control?.type === 'history-end' ? [control] : [],
    );
    // What could not be read of the first parts counts at the end.
    expect(ends).toMatchObject([
      { reached: false, early: true, asked: { fromUs: hole.fromUs, toUs } },
      { reached: false, early: true },
      { reached: false, early: true },
      { reached: true, asked: { fromUs: hole.fromUs, toUs } },
    ]);
    expect(ends.at(-1)).not.toHaveProperty('early');
    // It is over: who asks again asks for all of it. So does who asks for another gap, or looks up every row.
    expect(await ask(minutesLater, 5)).toMatchObject(cancelled);
    expect(asked[0]).toBe('120002');
    await ask(minutesLater, 2, { toUs: toUs - 1 });
    expect(asked[0]).toBe('120001');
    held.forget(hole.gapId);
    await ask(minutesLater, 5, { recheck: true });
    await ask(minutesLater, 2);
    expect(asked[0]).toBe('120002');
    // A page that nobody could read is asked for again, and with it all before it: then nothing of it is missing.
    held.forget(hole.gapId);
    await ask(minutesLater, 5);
    garbledAt = 3;
    expect(unwrap(await ask(minutesLater, 100))).toMatchObject({ reached: false, failed: true });
    garbledAt = -1;
    await ask(minutesLater, 2);
    expect(asked[0]).toBe('120002');
    // A history that may not yet have come to the gap's end has not given its end.
    held.forget(hole.gapId);
    newestMs = toUs / 1000 - 5000;
    await ask(SECOND_US, 5);
    await ask(minutesLater, 2);
    expect(asked[0]).toBe('120002');
  });

  test('a venue that counts days back is asked again when its midnight came meanwhile: an empty page was then of the new day', async () => {
    const midnightUs = Date.UTC(2026, 10, 21) * 1000;
    const settings = { ...input, symbol: 'KRW-ABC', fromId: null, toId: null };
    const hole = { ...settings, fromUs: midnightUs - 600 * SECOND_US, toUs: midnightUs - 60 * SECOND_US };
    const fixed = new WallClock();
    const setTo = (us: number): void => {
      fixed.offsetUs = us - performance.now() * 1000;
    };
    const market = makeMarket(['KRW-ABC'], { history: upbitSpot.history });
    const ask = async (fromUs: number, toUs: number) => {
      setTo(fromUs);
      venue.onRequest = (_request, response) => {
        setTo(toUs);
        response.end('[]');
      };
      const context = { journal, clock: fixed, held: new HeldHistory(), halted, signal: new AbortController().signal };
      return unwrap(await backfill(market, hole, context));
    };
    const crossed = await ask(midnightUs - 20 * SECOND_US, midnightUs + 20 * SECOND_US);
    expect(crossed).toMatchObject({ reached: false, note: expect.stringContaining('day changed') });
    const after = await ask(midnightUs + 60 * SECOND_US, midnightUs + 61 * SECOND_US);
    expect(after).toMatchObject({ reached: true, note: '' });
  });

  test('a page that ends before the gap does fills nothing for certain, until the venue has had time to come so far', async () => {
    const { history, idRule, latenessUs } = bybitSpot;
    const market = makeMarket(['BTCUSDT'], { history, idRule, latenessUs });
    const fixed = new WallClock();
    const toUs = 1_763_600_400_000_000;
    const gap = { ...input, fromId: null, toId: null, fromUs: toUs - 10 * SECOND_US, toUs };
    const older = { ...gap, gapId: '7-99', fromUs: gap.fromUs - SECOND_US, toUs: toUs - 5 * SECOND_US };
    let listed: number[] = [];
    let held = new HeldHistory();
    venue.onRequest = (_request, response) => {
      const rows = listed.map((second) => ({
        execId: String(second),
        symbol: 'BTCUSDT',
        price: '1',
        size: '1',
        side: 'Buy',
        time: String(toUs / 1000 + second * 1000),
      }));
      response.end(JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category: 'spot', list: rows } }));
    };
    const ask = async (newest: number, atS: number, more = {}, oldest = -20) => {
      listed = [oldest, newest];
      fixed.offsetUs = toUs + atS * SECOND_US - performance.now() * 1000;
      const order = { ...gap, ...more };
      return unwrap(
        await backfill(market, order, { journal, clock: fixed, held, halted, signal: new AbortController().signal }),
      );
    };
    const early = { reached: false, early: ['7-100'], note: expect.stringContaining('ends before the gap does') };
    expect(await ask(-4, 1)).toMatchObject(early);
    expect(await ask(-1, 1)).toMatchObject({ reached: true, note: '' });
    // The venue has moved on since: its page need not reach further back than what the one before it held, and must reach so far.
    for (const [oldest, reached] of [
      [-5, true],
      [-4, false],
    ] as const) {
      held = new HeldHistory();
      expect(await ask(-4, 1)).toMatchObject(early);
      expect(await ask(3, 4, {}, oldest)).toMatchObject({ reached, note: '' });
    }
    held = new HeldHistory();
    expect(await ask(3, 4, {}, -5)).toMatchObject({ reached: false });
    // A gap that begins elsewhere by now is another.
    await ask(-4, 1);
    expect(await ask(3, 4, { fromUs: gap.fromUs - 1 }, -5)).toMatchObject({ reached: false });
    expect(await ask(-4, 6)).toMatchObject({ reached: true, note: '' });
    // What is compared has an end of its own.
    expect(await ask(-4, 1, { compare: true })).toMatchObject({ reached: true, newestUs: toUs - 4 * SECOND_US });
    // Of two gaps the page comes to the end of one.
    expect(await ask(-4, 1, { also: [older] })).toMatchObject(early);
    const ends = (await recorded(market.restLineNo)).slice(-2).map(({ control }) => control);
    expect(ends).toMatchObject([
      { gapId: '7-99', reached: true, note: '' },
      { gapId: '7-100', reached: false, early: true },
    ]);
  });

  test('a venue that refuses for good ends it with the reason', async () => {
    venue.onRequest = (_request, response) => response.writeHead(400).end('{"code":-1121,"msg":"Invalid symbol."}');
    const market = makeMarket(['BTCUSDT']);
    const done = unwrap(await backfill(market, input, fresh()));
    expect(done).toMatchObject({ pages: 0, reached: false, note: expect.stringContaining('Invalid symbol') });
  });
});

describe('notices', () => {
  test('each page lies behind its server date; an unchanged page is not sent again; refusals slow it down', async () => {
    let page = '{"success":true,"data":{"notices":[]}}';
    let refuse = false;
    const asked: (string | undefined)[] = [];
    venue.onRequest = (request, response) => {
      asked.push(request.headers['if-none-match']);
      const etag = `"${page.length}"`;
      if (refuse) response.writeHead(403).end();
      else if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { ETag: etag, Date: 'Fri, 20 Nov 2026 12:00:00 GMT' }).end(page);
    };
    const notices = new NoticeLine({
      feed: upbitNotices,
      endpoint: venue.rest,
      everyMs: 20,
      journal,
      clock,
      log: silentLog(),
    });
    notices.start();
    await expect.poll(() => asked.length, within).toBeGreaterThan(5);
    expect(notices.state()).toMatchObject({ state: 'live', frames: 1, market: null });
    page = '{"success":true,"data":{"notices":[],"fixed_notices":[]}}';
    await expect.poll(() => notices.state().frames, within).toBe(2);
    refuse = true;
    await expect.poll(() => notices.state().note ?? '', within).toContain('403');
    refuse = false;
    await expect.poll(() => notices.state().state, within).toBe('live');
    await notices.close();
    const lineNo = journal.line({ venue: 'upbit', market: null, line: 0, role: 'notices', slot: 0 });
    const entries = await recorded(lineNo);
    expect(entries.map(({ control }) => control?.type ?? 'data')).toEqual(['notices', 'data', 'notices', 'data']);
    expect(entries[0]?.control).toMatchObject({ venue: 'upbit', date: 'Fri, 20 Nov 2026 12:00:00 GMT' });
    expect(entries[3]?.text).toBe(page);
    expect(asked[0]).toBeUndefined();
  });

  test('a page that the journal could not hold is asked for again, although the venue has not changed it', async () => {
    const page = '{"success":true,"data":{"notices":[]}}';
    venue.onRequest = (request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.writeHead(200, { ETag: '"1"' }).end(page);
    };
    let full = true;
    const crowded = Object.assign(Object.create(journal) as JournalWriter, {
      line: (key: Parameters<JournalWriter['line']>[0]) => journal.line(key),
      control: (...said: Parameters<JournalWriter['control']>) => journal.control(...said),
      append: (...said: Parameters<JournalWriter['append']>) => (full ? -1 : journal.append(...said)),
    });
    const context = { feed: upbitNotices, endpoint: venue.rest, everyMs: 20, clock, log: silentLog() };
    const notices = new NoticeLine({ ...context, journal: crowded });
    notices.start();
    await expect.poll(() => notices.state().note ?? '', within).toContain('could not be held');
    full = false;
    const lineNo = journal.line({ venue: 'upbit', market: null, line: 0, role: 'notices', slot: 0 });
    await expect.poll(async () => (await recorded(lineNo)).at(-1)?.text, within).toBe(page);
    await notices.close();
  });
});
