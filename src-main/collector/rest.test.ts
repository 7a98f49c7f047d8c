// What a venue says of its budget is heeded, in whatever way it says it: who goes on asking is banned, and its history is out of reach.
import { afterEach, beforeEach, expect, test } from 'vitest';
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
