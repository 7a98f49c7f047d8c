// Gate as its clients see it over WebSocket: a subscription that is taken or refused as a whole, sizes cut where no header asks for their
// decimals, application pings (feeds.md section 6).
import { z } from 'zod';
import { mergedOf, microsOf, putGateId, renderFutures, renderSpot } from './gate-frame.ts';
import { formOf, gateRest, UNTRADABLE } from './gate-rest.ts';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import type { Outlet } from './outlet.ts';
import { clamp, powerOfTen } from './scales.ts';
import { type Naming, type Protocol, spoilMember, type VenueMarket } from './venue.ts';
import { unitText } from './wire.ts';

const request = z.object({
  id: z.number().int().optional(),
  channel: z.string(),
  event: z.string().optional(),
  payload: z.array(z.string()).optional(),
});

type Asked = z.infer<typeof request>;

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  const kind = market.key === 'gate:spot' ? 'spot' : 'futures';
  const asked = parsed(text);
  const ms = market.clockMs;
  const head = { time: Math.floor(ms / 1000), time_ms: ms, id: asked?.id, conn_id: String(outlet.number) };
  const pings = asked?.channel === `${kind}.ping`;
  const channel = pings ? `${kind}.pong` : (asked?.channel ?? '');
  const wrong = pings ? null : asked ? faultIn(market, kind, asked) : { code: 1, message: 'invalid argument struct' };
  const result = wrong ? { error: wrong, result: null } : { result: pings ? null : { status: 'success' } };
  // Nothing is printed before this call returns, so the acknowledgement is out before the first trade.
  outlet.say(JSON.stringify({ ...head, channel, event: asked?.event ?? '', ...result }));
  if (asked && !pings && !wrong) take(market, outlet, asked);
}

/** Why a request is refused, all of it; null when it is not. */
function faultIn(market: SimulatedMarket, kind: string, asked: Asked): { code: number; message: string } | null {
  const { channel, event, payload = [] } = asked;
  if (channel !== `${kind}.trades`) return { code: 2, message: `unknown channel ${channel}` };
  if (event !== 'subscribe' && event !== 'unsubscribe') return { code: 2, message: `unknown event ${event}` };
  if (payload.length === 0) return { code: 2, message: 'invalid payload' };
  const isKnown = (symbol: string): boolean =>
    market.streamOf(symbol) !== undefined || (kind === 'spot' && symbol === UNTRADABLE);
  const unknown = event === 'subscribe' ? payload.find((symbol) => !isKnown(symbol)) : undefined;
  if (unknown === undefined) return null;
  return { code: 2, message: `unknown ${kind === 'spot' ? 'currency pair' : 'contract'}: ${unknown}` };
}

function take(market: SimulatedMarket, outlet: Outlet, { event, payload = [] }: Asked): void {
  for (const symbol of payload) {
    if (event === 'subscribe') {
      outlet.names.add(symbol);
      market.streamOf(symbol)?.add(outlet, outlet.form);
    } else if (outlet.names.delete(symbol)) market.streamOf(symbol)?.remove(outlet);
  }
}

function parsed(text: string): Asked | null {
  try {
    const found = request.safeParse(JSON.parse(text));
    return found.success ? found.data : null;
  } catch {
    // Answered as the venue answers it.
    return null;
  }
}

function announceEnd(market: SimulatedMarket, outlet: Outlet): void {
  const said = { type: 'upgrade', msg: 'The connection will soon be closed for a service upgrade. Please reconnect.' };
  const time = Math.floor(market.clockMs / 1000);
  outlet.say(
    JSON.stringify(market.key === 'gate:spot' ? said : { time, channel: 'futures.system', event: '', ...said }),
  );
}

/** Spot in coins; futures in tenths of contracts, each worth about ten of the quote. */
function naming(spot: boolean, base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 1, 10);
  const sizeScale = clamp(magnitude, -9, 9);
  const lotScale = spot ? clamp(magnitude + 2, 0, 8) : 1;
  const lotCoins = spot ? powerOfTen(-lotScale) : powerOfTen(-sizeScale - 1);
  return {
    symbol: `${base}_${quote}`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: 0, lotUnit: 1, lotScale, lotZeros: 0 },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round(400 / (price * lotCoins))),
    contractSize: spot ? '1' : sizeScale > 0 ? unitText(1, sizeScale, 0) : String(powerOfTen(-sizeScale)),
  };
}

function protocolAt(paths: readonly string[]): Protocol {
  return {
    welcome: (_market, path, _query, asked) =>
      paths.includes(path) ? { ok: true, form: formOf(asked), names: [] } : { ok: false, status: 404, body: '' },
    opened: () => undefined,
    message,
    announceEnd,
    rest: gateRest,
  };
}

const limits: VenueMarket['limits'] = (over) =>
  limitsFrom(over, {
    pingMs: 20_000,
    pongMs: 20_000,
    // None is documented; one that a client in good order never comes near.
    messages: [{ count: 50, perMs: 1000 }],
    connects: { count: 300, perMs: 60_000 },
    connections: 300,
    rest: { weight: 200, perMs: 10_000 },
    // Its excess requests are refused, its address is never banned.
    banMs: 0,
  });

export const gateSpot: VenueMarket = {
  key: 'gate:spot',
  channel: 'spot.trades',
  limits,
  protocol: protocolAt(['/ws/v4/', '/ws/v4']),
  naming: (base, quote, price) => naming(true, base, quote, price),
  mark: mergedOf,
  framing: { per: 'trade', render: (stream, trade) => renderSpot(stream, trade) },
  putId: putGateId,
  eventUs: (_stream, row) => row.ms * 1000 + microsOf(row),
  spoil: spoilMember('price'),
};

export const gatePerp: VenueMarket = {
  key: 'gate:perp',
  channel: 'futures.trades',
  limits,
  protocol: protocolAt(['/v4/ws/usdt', '/v4/ws/usdt/']),
  naming: (base, quote, price) => naming(false, base, quote, price),
  mark: () => 0,
  framing: { per: 'order', render: renderFutures },
  putId: putGateId,
  spoil: spoilMember('price'),
};
