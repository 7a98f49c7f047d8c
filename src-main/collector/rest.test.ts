// What a venue says of its budget is heeded, in whatever way it says it: who goes on asking is banned, and its history is out of reach.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { bybitSpot } from '../feeds/bybit/bybit.ts';
import { openRest } from './rest.ts';
import { type Loopback, openLoopback } from './transports/loopback.ts';

let venue: Loopback;
beforeEach(async () => {
  venue = await openLoopback();
});
afterEach(() => venue.close());

const ASK = { method: 'GET', path: '/v5/market/recent-trade', headers: {}, weight: 1 } as const;

test('a refusal in a reply of status 200 closes the budget, and is no reply', async () => {
  const said = ['{"retCode":10006,"retMsg":"Too many visits!","result":{}}', '{"retCode":0,"result":{"list":[]}}'];
  let asked = 0;
  venue.onRequest = (_request, response) => response.end(said[asked++]);
  const rest = openRest(bybitSpot, venue.rest);
  const refused = await rest.get(ASK);
  expect(refused).toMatchObject({ ok: false, failure: { code: 'bybit.limited', retry: true } });
  expect(rest.closedMs).toBeGreaterThan(4000);
  expect(rest.refusing?.note).toMatch(/^bybit REST answered 429: .*Too many visits/);
  const stop = new AbortController();
  const second = rest.get(ASK, stop.signal);
  stop.abort();
  expect(await second).toMatchObject({ ok: false, failure: { code: 'http.cancelled' } });
  expect(asked).toBe(1);
});

const HISTORY = { method: 'GET', path: '/api/v3/historicalTrades', headers: {}, weight: 1 } as const;
const LIMITED = '{"code":-1003,"msg":"Too much request weight used"}';

/** So many at once, each asked until it is answered; when each question came, ms. */
async function askUntilAnswered(count: number, answers: (nth: number) => boolean): Promise<number[]> {
  const asked: number[] = [];
  const began = performance.now();
  venue.onRequest = (_request, response) => {
    asked.push(performance.now() - began);
    if (answers(asked.length)) response.end('[]');
    else response.writeHead(429, { 'Retry-After': '1' }).end(LIMITED);
  };
  const rest = openRest(binanceSpot, venue.rest);
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      for (;;) {
        const reply = await rest.get(HISTORY);
        if (reply.ok || asked.length > 100) return reply.ok;
      }
    }),
  );
  expect(all).toEqual(Array.from({ length: count }, () => true));
  return asked;
}

test('a venue that goes on refusing is asked one question at a time, less and less often, and everything once it answers', {
  timeout: 30_000,
}, async () => {
  const asked = await askUntilAnswered(10, (nth) => nth > 12);
  // Ten together, then one after the second that the venue names, one after two more, one after four more that is answered, and the nine that waited.
  const [first, second, third] = asked.slice(10);
  expect(asked).toHaveLength(22);
  expect(Number(first)).toBeGreaterThan(900);
  expect(Number(second) - Number(first)).toBeGreaterThan(1900);
  expect(Number(third) - Number(second)).toBeGreaterThan(3900);
});

test('what a venue grants of the questions that came with the one it refused is no sign that it answers again', {
  timeout: 30_000,
}, async () => {
  // Of ten together it refuses the first nine, then two that follow.
  const asked = await askUntilAnswered(10, (nth) => nth === 10 || nth > 12);
  const [first, second, third] = asked.slice(10);
  expect(asked).toHaveLength(21);
  expect(Number(second) - Number(first)).toBeGreaterThan(1900);
  expect(Number(third) - Number(second)).toBeGreaterThan(3900);
});

test('a venue that cannot be reached is told with what failed, until it answers', async () => {
  const rest = openRest(binanceSpot, venue.rest);
  venue.onRequest = (request) => request.socket.destroy();
  expect(await rest.get(HISTORY)).toMatchObject({ ok: false, failure: { code: 'http.unreachable' } });
  const { forMs = 0, note = '' } = rest.refusing ?? {};
  expect(forMs).toBeGreaterThan(50);
  expect(note).toContain('/api/v3/historicalTrades');
  venue.onRequest = (_request, response) => response.end('[]');
  expect((await rest.get(HISTORY)).ok).toBe(true);
  expect(rest.refusing).toBeNull();
});

test('a server in trouble is not taken for one that limits', async () => {
  const waits: number[] = [];
  let asked = 0;
  venue.onRequest = (_request, response) => {
    asked += 1;
    if (asked > 2) response.end('[]');
    else response.writeHead(503, { 'Retry-After': '1' }).end();
  };
  const rest = openRest(binanceSpot, venue.rest);
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await rest.get(HISTORY)).toMatchObject({ ok: false, failure: { code: 'binance.server' } });
    waits.push(rest.refusing?.forMs ?? 0);
    expect(rest.closedMs).toBe(0);
  }
  expect(Math.max(...waits)).toBeLessThanOrEqual(1000);
  expect(Math.min(...waits)).toBeGreaterThan(500);
  expect((await rest.get(HISTORY)).ok).toBe(true);
});
