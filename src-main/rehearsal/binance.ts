// Binance as its clients see it over WebSocket: spot `@trade` and USDⓈ-M `@aggTrade`, with the routed URLs of 2026 (feeds.md sections 1 and 2).
import { z } from 'zod';
import { COMBINED, MICRO, renderBinance } from './binance-frame.ts';
import { binanceRest } from './binance-rest.ts';
import { putWhole } from './bytes.ts';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import type { Outlet } from './outlet.ts';
import { clamp, powerOfTen } from './scales.ts';
import { type Naming, type Protocol, spoilMember, type VenueMarket, type Welcome } from './venue.ts';

const NOT_FOUND = { ok: false, status: 404, body: '' } as const;

/** How an unrouted or `/public` connection of USDⓈ-M behaves: it acknowledges aggTrade and stays silent. */
const MUTE = '/mute';

function welcome(perp: boolean, path: string, query: URLSearchParams): Welcome {
  let rest = path;
  if (perp) rest = path.replace(/^\/(market|public)(?=\/)/, '');
  const micro = (query.get('timeUnit') ?? '').toUpperCase() === 'MICROSECOND' ? MICRO : 0;
  if (rest === '/ws' || rest.startsWith('/ws/')) {
    return { ok: true, form: micro, names: namesIn(rest.slice(4)) };
  }
  if (rest === '/stream') return { ok: true, form: COMBINED | micro, names: namesIn(query.get('streams') ?? '') };
  return NOT_FOUND;
}

function namesIn(text: string): string[] {
  return text.split('/').filter((name) => name.length > 0);
}

const request = z.object({
  method: z.string().optional(),
  params: z.unknown().optional(),
  id: z.unknown().optional(),
});
const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];
const streamNames = z.array(z.string());

/** Error texts: web-socket-streams.md of binance-spot-api-docs, "Error Messages". */
function refusal(code: number, msg: string, id: string): string {
  return `{"error":{"code":${code},"msg":${JSON.stringify(msg)}},"id":${id}}`;
}

function success(id: string, result = 'null'): string {
  return `{"result":${result},"id":${id}}`;
}

/** The id as the client wrote it: numbers above 2^53 must come back digit by digit. */
function idText(text: string, id: unknown): string | null {
  if (id === null || id === undefined) return 'null';
  if (typeof id === 'string') return /^[A-Za-z0-9_-]{1,36}$/.test(id) ? JSON.stringify(id) : null;
  if (typeof id !== 'number' || !Number.isInteger(id)) return null;
  return /"id"\s*:\s*(-?\d+)/.exec(text)?.[1] ?? String(id);
}

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // Answered as the venue answers it: the client learns that its text was no JSON.
    outlet.say(refusal(3, 'Invalid JSON: expected value at line 1 column 1', 'null'));
    return;
  }
  outlet.say(replyTo(market, outlet, text, raw));
  if (outlet.names.size > market.limits.streams) outlet.close(1008, 'too many streams');
}

function replyTo(market: SimulatedMarket, outlet: Outlet, text: string, raw: unknown): string {
  const asked = request.safeParse(raw);
  if (!asked.success) return refusal(2, 'Invalid request: expected an object', 'null');
  const id = idText(text, asked.data.id);
  if (id === null) return refusal(2, 'Invalid request: request ID must be an unsigned integer', 'null');
  const { method, params } = asked.data;
  if (method === undefined) return refusal(2, 'Invalid request: missing field `method` at line 1 column 1', id);
  if (!METHODS.includes(method)) {
    const known = METHODS.map((name) => `\`${name}\``).join(', ');
    return refusal(
      2,
      `Invalid request: unknown variant \`${method}\`, expected one of ${known} at line 1 column 1`,
      id,
    );
  }
  if (method === 'LIST_SUBSCRIPTIONS') {
    if (params !== undefined) return refusal(2, 'Invalid request: too many parameters', id);
    return success(id, JSON.stringify([...outlet.names]));
  }
  if (method === 'SET_PROPERTY' || method === 'GET_PROPERTY') return property(market, outlet, method, params, id);
  const names = streamNames.safeParse(params);
  if (!names.success) return refusal(2, 'Invalid request: params must be an array of strings', id);
  if (method === 'UNSUBSCRIBE') {
    for (const name of names.data) unsubscribe(market, outlet, name);
    return success(id);
  }
  for (const name of names.data) outlet.names.add(name);
  if (outlet.names.size > market.limits.streams) {
    return refusal(2, `Invalid request: at most ${market.limits.streams} streams on one connection`, id);
  }
  // Nothing is printed before this call returns, so the acknowledgement is out before the first trade.
  for (const name of names.data) subscribe(market, outlet, name);
  return success(id);
}

function property(market: SimulatedMarket, outlet: Outlet, method: string, params: unknown, id: string): string {
  const [name, value] = Array.isArray(params) ? params : [];
  if (typeof name !== 'string') return refusal(2, 'Invalid request: property name must be a string', id);
  if (name !== 'combined') return refusal(0, 'Unknown property', id);
  if (method === 'GET_PROPERTY') return success(id, String((outlet.form & COMBINED) !== 0));
  if (typeof value !== 'boolean') return refusal(1, 'Invalid value type: expected Boolean', id);
  const names = [...outlet.names];
  for (const one of names) unsubscribe(market, outlet, one);
  outlet.form = value ? outlet.form | COMBINED : outlet.form & ~COMBINED;
  for (const one of names) {
    outlet.names.add(one);
    subscribe(market, outlet, one);
  }
  return success(id);
}

/** A name that does not exist is acknowledged and stays silent, as at the venue; one that opens later begins to deliver. */
function subscribe(market: SimulatedMarket, outlet: Outlet, name: string): void {
  if (outlet.route === MUTE) return;
  const at = name.lastIndexOf('@');
  if (at < 0 || name !== name.toLowerCase().replace('@aggtrade', '@aggTrade')) return;
  const stream = market.streamOf(name.slice(0, at).toUpperCase());
  if (stream && stream.channel === name.slice(at + 1)) stream.add(outlet, outlet.form);
}

function unsubscribe(market: SimulatedMarket, outlet: Outlet, name: string): void {
  if (!outlet.names.delete(name)) return;
  market.streamOf(name.slice(0, Math.max(0, name.lastIndexOf('@'))).toUpperCase())?.remove(outlet);
}

function opened(market: SimulatedMarket, outlet: Outlet, names: readonly string[]): void {
  if (names.length > market.limits.streams) {
    outlet.close(1008, 'too many streams');
    return;
  }
  for (const name of names) {
    outlet.names.add(name);
    subscribe(market, outlet, name);
  }
}

/** Where the URL leads: only `/market` carries aggTrade since 2026-04-23. */
function perpRoute(path: string): string {
  return path.startsWith('/market/') ? '/market' : MUTE;
}

/** Subscriptions made before the instrument existed take effect when it opens. */
function listed(market: SimulatedMarket): void {
  for (const outlet of market.outlets) for (const name of outlet.names) subscribe(market, outlet, name);
}

function announceEnd(market: SimulatedMarket, outlet: Outlet): void {
  const event = `{"e":"serverShutdown","E":${market.clockMs}}`;
  outlet.say((outlet.form & COMBINED) !== 0 ? `{"stream":"!serverShutdown","data":${event}}` : event);
}

const spotProtocol: Protocol = {
  welcome: (_market, path, query) => welcome(false, path, query),
  opened,
  message,
  announceEnd,
  rest: binanceRest,
  listed,
};

/** Tick and lot as the venue would choose them at this price: about five digits of price, a lot worth cents. */
function naming(spot: boolean, base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, spot ? 2 : 1, 8);
  const lotScale = clamp(magnitude + 1, 0, spot ? 5 : 3);
  return {
    symbol: `${base}${quote}`,
    quote,
    scales: {
      priceUnit: 1,
      priceScale,
      priceZeros: spot ? 8 - priceScale : 0,
      lotUnit: 1,
      lotScale,
      lotZeros: spot ? 8 - lotScale : 0,
    },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round((400 / price) * powerOfTen(lotScale))),
    contractSize: '1',
  };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const connects = { count: 300, perMs: 5 * MINUTE };

export const binanceSpot: VenueMarket = {
  key: 'binance:spot',
  channel: 'trade',
  limits: (over) =>
    limitsFrom(over, {
      ageMs: DAY,
      pingMs: 20_000,
      pongMs: MINUTE,
      messages: [{ count: 5, perMs: 1000 }],
      streams: 1024,
      connects,
      rest: { weight: 6000, perMs: MINUTE },
    }),
  protocol: spotProtocol,
  naming: (base, quote, price) => naming(true, base, quote, price),
  mark: () => 0,
  framing: { per: 'trade', render: renderBinance },
  putId: (out, pos, stream, row) => putWhole(out, pos, stream.firstId + row.index),
  spoil: spoilMember('p'),
};

export const binancePerp: VenueMarket = {
  ...binanceSpot,
  key: 'binance:perp',
  channel: 'aggTrade',
  limits: (over) =>
    limitsFrom(over, {
      ageMs: DAY,
      pingMs: 3 * MINUTE,
      pongMs: 10 * MINUTE,
      messages: [{ count: 10, perMs: 1000 }],
      // Its pages disagree, 200 or 1024: here the harder rule counts.
      streams: 200,
      connects,
      rest: { weight: 2400, perMs: MINUTE },
    }),
  protocol: {
    ...spotProtocol,
    welcome: (_market, path, query) => welcome(true, path, query),
    route: perpRoute,
  },
  naming: (base, quote, price) => naming(false, base, quote, price),
  // How many raw trades this aggregate stands for.
  mark: (stream) => 1 + (stream.random.bits() & 3),
};
