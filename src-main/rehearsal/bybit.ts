// Bybit v5 as its clients see it over WebSocket: spot and linear, whole-request refusals, limits of args and their characters (feeds.md section 3).
import { z } from 'zod';
import { jumpOf, putBybitId, renderBybit } from './bybit-frame.ts';
import { bybitRest } from './bybit-rest.ts';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import type { Outlet } from './outlet.ts';
import { clamp, powerOfTen } from './scales.ts';
import { type Naming, type Protocol, spoilMember, type VenueMarket, type Welcome } from './venue.ts';

const TOPIC = 'publicTrade.';
/** Spot: args of one request. */
const SPOT_ARGS = 10;
/** Characters of all args of one connection, quotes and commas with them. */
const ARGUMENT_CHARS = 21_000;

const request = z.object({
  req_id: z.string().default(''),
  op: z.string(),
  args: z.array(z.string()).default([]),
});

function welcome(market: SimulatedMarket, path: string): Welcome {
  const category = market.key === 'bybit:spot' ? 'spot' : 'linear';
  return path === `/v5/public/${category}` ? { ok: true, form: 0, names: [] } : { ok: false, status: 404, body: '' };
}

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  const word = (success: boolean, said: string, id: string, op: string): void => {
    const head = `{"success":${success},"ret_msg":${JSON.stringify(said)},"conn_id":"rehearsal-${outlet.number}"`;
    outlet.say(`${head},"req_id":${JSON.stringify(id)},"op":"${op}"}`);
  };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // Answered as the venue answers it: the client learns that its text was no JSON.
    word(false, 'Failed to decode incoming data', '', '');
    return;
  }
  const asked = request.safeParse(raw);
  if (!asked.success) {
    word(false, 'Failed to decode incoming data: op.CmdReq.Args', '', '');
    return;
  }
  const { req_id: id, op, args } = asked.data;
  if (op === 'ping') word(true, 'pong', id, 'ping');
  else if (op === 'unsubscribe') {
    for (const name of args) unsubscribe(market, outlet, name);
    word(true, '', id, op);
  } else if (op === 'subscribe') {
    const spot = market.key === 'bybit:spot';
    const trouble = refusal(market, outlet, args, spot);
    if (trouble === null) {
      for (const name of args) {
        outlet.names.add(name);
        market.streamOf(name.slice(TOPIC.length))?.add(outlet, 0);
      }
    }
    word(trouble === null, trouble ?? (spot ? 'subscribe' : ''), id, op);
    if (charsOf(outlet.names) > ARGUMENT_CHARS) outlet.close(1008, 'args over 21,000 characters');
  } else word(false, `error:unknown op ${op}`, id, op);
}

/** Why the whole request fails; one bad topic is enough. */
function refusal(market: SimulatedMarket, outlet: Outlet, args: readonly string[], spot: boolean): string | null {
  if (args.length === 0) return 'error:args is empty';
  if (spot && args.length > SPOT_ARGS) {
    const said = `args size >${SPOT_ARGS}`;
    market.enforce(`request refused: ${said}`);
    return said;
  }
  for (const name of args) {
    const known = name.startsWith(TOPIC) && market.streamOf(name.slice(TOPIC.length)) !== undefined;
    if (!known) return spot ? `Invalid symbol :[${name}]` : `error:handler not found,topic:${name}`;
    if (outlet.names.has(name)) return `error:already subscribed,topic:${name}`;
  }
  return null;
}

function charsOf(names: ReadonlySet<string>): number {
  let chars = 0;
  for (const name of names) chars += name.length + 3;
  return chars;
}

function unsubscribe(market: SimulatedMarket, outlet: Outlet, name: string): void {
  if (outlet.names.delete(name)) market.streamOf(name.slice(TOPIC.length))?.remove(outlet);
}

/** Nothing is greeted, no end is announced, and a topic asked for before its instrument opens has been refused. */
const protocol: Protocol = {
  welcome,
  opened: () => undefined,
  message,
  announceEnd: () => undefined,
  rest: bybitRest,
};

function naming(spot: boolean, base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 1, 8);
  const lotScale = spot ? clamp(magnitude + 1, 0, 6) : clamp(magnitude - 1, 0, 3);
  return {
    symbol: !spot && quote === 'USDC' ? `${base}PERP` : `${base}${quote}`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: spot ? 0 : 1, lotUnit: 1, lotScale, lotZeros: 0 },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round((400 / price) * powerOfTen(lotScale))),
    contractSize: '1',
  };
}

const MINUTE = 60_000;

export const bybitSpot: VenueMarket = {
  key: 'bybit:spot',
  channel: 'trade',
  limits: (over) =>
    limitsFrom(over, {
      // "no ping-pong and no stream data for 10 minutes": here the ping alone counts, which is the harder rule.
      idleMs: 10 * MINUTE,
      connects: { count: 500, perMs: 5 * MINUTE },
      connections: 1000,
      rest: { weight: 600, perMs: 5_000 },
      banMs: 10 * MINUTE,
    }),
  protocol,
  naming: (base, quote, price) => naming(true, base, quote, price),
  mark: (stream, trade) => jumpOf(stream, trade),
  framing: { per: 'order', render: renderBybit },
  putId: putBybitId,
  spoil: spoilMember('p'),
};

export const bybitPerp: VenueMarket = {
  ...bybitSpot,
  key: 'bybit:perp',
  naming: (base, quote, price) => naming(false, base, quote, price),
};
