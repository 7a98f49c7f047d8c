// Symbol lists, back-fill and notices against a venue on loopback: what came over REST lies in the journal as it came.
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { SECOND_US } from '../../src-shared/base/time.ts';
import { silentLog } from '../base/log.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import type { Feed } from '../feeds/feed.ts';
import { upbitNotices } from '../feeds/upbit/notices.ts';
import { upbitSpot } from '../feeds/upbit/upbit.ts';
import type { ControlRecord } from '../journal/control.ts';
import { openReader } from '../journal/reader.ts';
import { type JournalWriter, openJournal } from '../journal/writer.ts';
import { WallClock } from './clock.ts';
import { RecordedMarket } from './market.ts';
import { NoticeLine } from './notices.ts';
import type { MarketPlan } from './plan.ts';
import { backfill } from './recovery.ts';
import { acknowledgeBinance, type Loopback, openLoopback } from './transports/loopback.ts';

let dir: string;
let venue: Loopback;
let journal: JournalWriter;
const markets: RecordedMarket[] = [];
const clock = new WallClock();
const within = { timeout: 9000, interval: 5 };

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

function makeMarket(symbols: MarketPlan['symbols'], change: Partial<Feed> = {}): RecordedMarket {
  const feed: Feed = { ...binanceSpot, ...change };
  const plan: MarketPlan = {
    venue: 'binance',
    market: 'spot',
    feed,
    symbols,
    lines: 1,
    endpoints: { ws: venue.ws, rest: venue.rest },
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

describe('symbol list', () => {
  test('named symbols are recorded at once although the list cannot be had', async () => {
    venue.onRequest = (_request, response) => response.writeHead(503).end();
    const market = makeMarket(['BTCUSDT']);
    market.start();
    await expect.poll(() => market.lines[0]?.state().state, within).toBe('live');
    await expect.poll(() => market.note ?? '', within).toContain('503');
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
    const done = unwrap(await backfill(market, input, { journal, clock, signal: new AbortController().signal }));
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

  test('can be cancelled between pages, and says so in the journal', async () => {
    const stop = new AbortController();
    let asked = 0;
    venue.onRequest = (request, response) => {
      asked += 1;
      if (asked === 2) stop.abort();
      else answerTrades(request.url ?? '', response);
    };
    const market = makeMarket(['BTCUSDT']);
    const result = await backfill(market, input, { journal, clock, signal: stop.signal });
    expect(result).toMatchObject({ ok: false, failure: { code: 'request.cancelled' } });
    const entries = await recorded(market.restLineNo);
    expect(entries.map(({ control }) => control?.type ?? 'data')).toEqual(['history', 'data', 'history-end']);
    expect(entries.at(-1)?.control).toMatchObject({ reached: false });
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
      return unwrap(await backfill(market, hole, { journal, clock: fixed, signal: new AbortController().signal }));
    };
    const crossed = await ask(midnightUs - 20 * SECOND_US, midnightUs + 20 * SECOND_US);
    expect(crossed).toMatchObject({ reached: false, note: expect.stringContaining('day changed') });
    const after = await ask(midnightUs + 60 * SECOND_US, midnightUs + 61 * SECOND_US);
    expect(after).toMatchObject({ reached: true, note: '' });
  });

  test('a venue that refuses for good ends it with the reason', async () => {
    venue.onRequest = (_request, response) => response.writeHead(400).end('{"code":-1121,"msg":"Invalid symbol."}');
    const market = makeMarket(['BTCUSDT']);
    const done = unwrap(await backfill(market, input, { journal, clock, signal: new AbortController().signal }));
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
});
