// Phemex as its clients see it over WebSocket: a method per market, a snapshot on each subscription, batches of 20 ms newest first,
// 20 subscriptions a connection and 5 connections a client (feeds.md section 7).
import { z } from 'zod';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import type { Outlet } from './outlet.ts';
import { markPhemex, phemexEventUs, phemexMessage, putPhemexId, renderPhemex } from './phemex-frame.ts';
import { MOST_ROWS, phemexRest, valueScaleOf } from './phemex-rest.ts';
import { clamp, powerOfTen } from './scales.ts';
import type { SimulatedStream } from './stream.ts';
import type { Naming, Protocol, VenueMarket } from './venue.ts';
import { frameOf } from './wire.ts';

const WINDOW_MS = 20;
const MINUTE_MS = 60_000;

const request = z.object({ id: z.number().int(), method: z.string(), params: z.array(z.unknown()).default([]) });

function say(outlet: Outlet, id: number | null, result: string): void {
  outlet.say(`{"error":null,"id":${id},"result":${result}}`);
}

function refuse(outlet: Outlet, id: number | null, code: number, message: string): void {
  outlet.say(`{"error":{"code":${code},"message":"${message}"},"id":${id},"result":null}`);
}

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // Answered as the venue answers it.
    refuse(outlet, null, 6001, 'invalid argument');
    return;
  }
  const asked = request.safeParse(raw);
  if (!asked.success) {
    refuse(outlet, null, 6001, 'invalid argument');
    return;
  }
  const { id, method, params } = asked.data;
  if (method === 'server.ping') say(outlet, id, '"pong"');
  else if (method === `${market.venue.channel}.subscribe`) subscribe(market, outlet, id, params);
  else if (method === `${market.venue.channel}.unsubscribe`) unsubscribe(market, outlet, id, params);
  // The other market's method, or none: nothing tells the client which was meant.
  else refuse(outlet, id, 6001, 'invalid argument');
}

function subscribe(market: SimulatedMarket, outlet: Outlet, id: number, params: readonly unknown[]): void {
  if (params.length === 0) refuse(outlet, id, 6001, 'invalid argument');
  for (const name of params) {
    const stream = typeof name === 'string' ? market.streamOf(name) : undefined;
    if (!stream) {
      refuse(outlet, id, 6001, 'invalid argument');
      continue;
    }
    outlet.names.add(stream.symbol);
    if (outlet.names.size > market.limits.streams) {
      outlet.close(1008, 'too many subscriptions');
      return;
    }
    say(outlet, id, '{"status":"success"}');
    greet(outlet, stream);
  }
}

/** Up to 1000 trades that were, newest first, then what is printed from now on. */
function greet(outlet: Outlet, stream: SimulatedStream): void {
  outlet.deliver(frameOf(phemexMessage(stream, stream.tape.newest(MOST_ROWS), 'snapshot')), stream.symbol);
  stream.add(outlet, outlet.form);
}

function unsubscribe(market: SimulatedMarket, outlet: Outlet, id: number, params: readonly unknown[]): void {
  const names = params.length === 0 ? [...outlet.names] : params;
  for (const name of names) {
    if (typeof name !== 'string') continue;
    outlet.names.delete(name);
    market.streamOf(name)?.remove(outlet);
  }
  say(outlet, id, '{"status":"success"}');
}

const protocol: Protocol = {
  welcome: (_market, path) =>
    path === '/' || path === '/ws' ? { ok: true, form: 0, names: [] } : { ok: false, status: 404, body: '' },
  opened: () => undefined,
  message,
  // Phemex announces nothing on the connection; it closes.
  announceEnd: () => undefined,
  rest: phemexRest,
};

/** Spot shows 8 decimals of everything. A very cheap coin has another valueScale: what is shown is a power of ten too small. */
function spotNaming(base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 2, 8);
  const lotScale = clamp(magnitude + 1, 0, 6);
  const unusual = 8 - valueScaleOf(price);
  const lots =
    unusual === 0
      ? { lotUnit: 1, lotScale, lotZeros: 8 - lotScale }
      : { lotUnit: 1, lotScale: unusual, lotZeros: 8 - unusual };
  return {
    symbol: `s${base}${quote}`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: 8 - priceScale, ...lots },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round((400 / price) * powerOfTen(unusual === 0 ? lotScale : 0))),
    contractSize: String(powerOfTen(unusual)),
  };
}

function perpNaming(base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 1, 8);
  const lotScale = clamp(magnitude, 0, 3);
  return {
    symbol: `${base}${quote}`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: 0, lotUnit: 1, lotScale, lotZeros: 0 },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round((400 / price) * powerOfTen(lotScale))),
    contractSize: '1',
  };
}

export const phemexSpot: VenueMarket = {
  key: 'phemex:spot',
  channel: 'trade',
  limits: (over) =>
    limitsFrom(over, {
      idleMs: 30_000,
      messages: [{ count: 20, perMs: 1000 }],
      streams: 20,
      connections: 5,
      // Not documented: more than any client needs.
      connects: { count: 60, perMs: MINUTE_MS },
      rest: { weight: 100, perMs: MINUTE_MS },
    }),
  protocol,
  naming: spotNaming,
  mark: markPhemex,
  framing: { per: 'window', windowMs: WINDOW_MS, render: renderPhemex },
  putId: putPhemexId,
  eventUs: phemexEventUs,
  spoil: (payload, how) =>
    payload.replace(/(\[\d{19},"(?:Buy|Sell)",)("?)[\d.]+("?)/, how === 'nan' ? '$1$2NaN$3' : '$1null'),
};

export const phemexPerp: VenueMarket = {
  ...phemexSpot,
  key: 'phemex:perp',
  channel: 'trade_p',
  naming: perpNaming,
};
