// OKX as its clients see it over WebSocket: trades-all on the business URL only, an acknowledgement or error for each argument, a text ping
// that has to come, few subscriptions an hour (feeds.md section 4).
import { z } from 'zod';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import { putOkxId, renderOkx } from './okx-frame.ts';
import { okxRest, SUSPENDED } from './okx-rest.ts';
import type { Outlet } from './outlet.ts';
import { clamp, powerOfTen } from './scales.ts';
import { type Naming, type Protocol, spoilMember, type VenueMarket, type Welcome } from './venue.ts';
import { unitText } from './wire.ts';

const BUSINESS = '/ws/v5/business';
const HOUR_MS = 3_600_000;
/** subscribe, unsubscribe and login requests of one connection in an hour. */
const OPERATIONS = 480;
/** All arguments of one request. */
const MOST_BYTES = 64 * 1024;

const request = z.object({
  id: z.string().optional(),
  op: z.string(),
  args: z.array(z.object({ channel: z.string(), instId: z.string() })),
});

/** Times of the operations of a connection, within the last hour. */
const operations = new WeakMap<Outlet, number[]>();

function connId(outlet: Outlet): string {
  return outlet.number.toString(16).padStart(8, '0');
}

function error(outlet: Outlet, id: string | undefined, code: string, msg: string): void {
  outlet.say(JSON.stringify({ id, event: 'error', code, msg, connId: connId(outlet) }));
}

function welcome(path: string): Welcome {
  if (path === BUSINESS || path === '/ws/v5/public') return { ok: true, form: 0, names: [] };
  return { ok: false, status: 404, body: '' };
}

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  if (text === 'ping') {
    outlet.say('pong');
    return;
  }
  const asked = parsed(text);
  if (!asked || text.length > MOST_BYTES) {
    if (asked) market.enforce('request refused: 60012');
    error(outlet, asked?.id, '60012', `Invalid request: ${text.slice(0, 80)}`);
    return;
  }
  const { id, op, args } = asked;
  if (op !== 'subscribe' && op !== 'unsubscribe') {
    error(outlet, id, '60012', `Invalid request: ${text.slice(0, 80)}`);
    return;
  }
  if (!mayOperate(market, outlet)) {
    error(outlet, id, '60014', 'Requests too frequent');
    outlet.close(1008, 'too many subscription requests');
    return;
  }
  for (const { channel, instId } of args) {
    const here = channel === 'trades-all' && outlet.route === BUSINESS;
    const stream = here ? market.streamOf(instId) : undefined;
    if (!stream && !(here && market.key === 'okx:perp' && instId === SUSPENDED)) {
      const said = `Wrong URL or channel:${channel},instId:${instId} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`;
      error(outlet, id, '60018', said);
      continue;
    }
    outlet.say(JSON.stringify({ id, event: op, arg: { channel, instId }, connId: connId(outlet) }));
    if (op === 'subscribe') {
      outlet.names.add(instId);
      stream?.add(outlet, 0);
    } else if (outlet.names.delete(instId)) stream?.remove(outlet);
  }
}

function parsed(text: string): z.infer<typeof request> | null {
  try {
    const found = request.safeParse(JSON.parse(text));
    return found.success ? found.data : null;
  } catch {
    // Answered as the venue answers it.
    return null;
  }
}

function mayOperate(market: SimulatedMarket, outlet: Outlet): boolean {
  const now = market.nowMs;
  const times = (operations.get(outlet) ?? []).filter((at) => at > now - HOUR_MS);
  times.push(now);
  operations.set(outlet, times);
  return times.length <= OPERATIONS;
}

function announceEnd(_market: SimulatedMarket, outlet: Outlet): void {
  const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.';
  outlet.say(JSON.stringify({ event: 'notice', code: '64008', msg, connId: connId(outlet) }));
}

const protocol: Protocol = {
  welcome: (_market, path) => welcome(path),
  opened: () => undefined,
  message,
  announceEnd,
  rest: okxRest,
};

/** Spot in coins; swaps in tenths of contracts, each worth some hundreds of the quote, as BTC-USDT-SWAP's 0.01 BTC is. */
function naming(spot: boolean, base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 1, 10);
  const sizeScale = clamp(magnitude - 2, -9, 9);
  const lotScale = spot ? clamp(magnitude + 4, 0, 8) : 1;
  const lotCoins = spot ? powerOfTen(-lotScale) : powerOfTen(-sizeScale - 1);
  return {
    symbol: spot ? `${base}-${quote}` : `${base}-${quote}-SWAP`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: 0, lotUnit: 1, lotScale, lotZeros: 0 },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round(400 / (price * lotCoins))),
    contractSize: spot ? '1' : sizeScale > 0 ? unitText(1, sizeScale, 0) : String(powerOfTen(-sizeScale)),
  };
}

function okxMarket(key: 'okx:spot' | 'okx:perp'): VenueMarket {
  return {
    key,
    channel: 'trades-all',
    limits: (over) =>
      limitsFrom(over, {
        idleMs: 30_000,
        connects: { count: 3, perMs: 1000 },
        rest: { weight: 20, perMs: 2000 },
        // Its excess requests are refused, its address is never banned.
        banMs: 0,
      }),
    protocol,
    naming: (base, quote, price) => naming(key === 'okx:spot', base, quote, price),
    mark: () => 0,
    framing: { per: 'trade', render: renderOkx },
    putId: putOkxId,
    spoil: spoilMember('px'),
  };
}

export const okxSpot: VenueMarket = okxMarket('okx:spot');
export const okxPerp: VenueMarket = okxMarket('okx:perp');
