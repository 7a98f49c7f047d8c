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
  const stop = new AbortController();
  const second = rest.get(ASK, stop.signal);
  stop.abort();
  expect(await second).toMatchObject({ ok: false, failure: { code: 'http.cancelled' } });
  expect(asked).toBe(1);
});

test('a venue that goes on refusing is asked one question at a time, less and less often, and everything once it answers', {
  timeout: 30_000,
}, async () => {
  const asked: number[] = [];
  const began = performance.now();
  venue.onRequest = (_request, response) => {
    const atMs = performance.now() - began;
    asked.push(atMs);
    if (atMs > 4000) response.end('[]');
    else response.writeHead(429, { 'Retry-After': '1' }).end('{"code":-1003,"msg":"Too much request weight used"}');
  };
  const rest = openRest(binanceSpot, venue.rest);
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (;;) {
        const reply = await rest.get({ method: 'GET', path: '/api/v3/historicalTrades', headers: {}, weight: 1 });
        if (reply.ok || asked.length > 100) return reply.ok;
      }
    }),
  );
  expect(answers).toEqual(Array.from({ length: 10 }, () => true));
  // Ten together, then one after the second that the venue names, one after two more, one after four more that is answered, and the nine that waited.
  const [first, second, third] = asked.slice(10);
  expect(asked).toHaveLength(22);
  expect(Number(first)).toBeGreaterThan(900);
  expect(Number(second) - Number(first)).toBeGreaterThan(1900);
  expect(Number(third) - Number(second)).toBeGreaterThan(3900);
});
