// KuCoin as its clients see it: a token for one dial, a welcome before anything else, topics with many symbols, pings that are due (feeds.md section 5).
import { z } from 'zod';
import { putSequence, renderKucoin, TOPICS } from './kucoin-frame.ts';
import { kucoinCoin, kucoinPost, kucoinRest, PING_MS, PING_TIMEOUT_MS, takeToken } from './kucoin-rest.ts';
import { limitsFrom } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import type { Outlet } from './outlet.ts';
import { clamp, powerOfTen } from './scales.ts';
import type { SimulatedStream } from './stream.ts';
import { type Naming, type Protocol, spoilMember, type VenueMarket, type Welcome } from './venue.ts';
import { unitText } from './wire.ts';

/** How long after the upgrade the welcome comes: who does not wait for it is not heard. */
const WELCOME_MS = 20;
const SYMBOLS_PER_TOPIC = 100;

/** Connections that have been welcomed. */
const ready = new WeakSet<Outlet>();
const DEAD_TOKEN = 'dead token';

/** The token is used up here, whatever becomes of the connection. */
function welcome(market: SimulatedMarket, path: string, query: URLSearchParams): Welcome {
  if (path !== '/') return { ok: false, status: 404, body: '' };
  const connectId = query.get('connectId') ?? '';
  const alive = takeToken(market, query.get('token') ?? '');
  return { ok: true, form: 0, names: alive ? [connectId] : [connectId, DEAD_TOKEN] };
}

function opened(market: SimulatedMarket, outlet: Outlet, names: readonly string[]): void {
  const [id = '', trouble] = names;
  if (trouble === DEAD_TOKEN) {
    outlet.say(JSON.stringify({ id, type: 'error', code: 401, data: 'token is invalid' }));
    outlet.close(1000, 'token is invalid');
    return;
  }
  setTimeout(() => {
    if (!market.outlets.includes(outlet)) return;
    ready.add(outlet);
    outlet.say(JSON.stringify({ id, type: 'welcome' }));
  }, WELCOME_MS).unref();
}

const request = z.object({
  id: z.union([z.string(), z.number()]),
  type: z.string(),
  topic: z.string().optional(),
  response: z.boolean().default(false),
});

function message(market: SimulatedMarket, outlet: Outlet, text: string): void {
  if (!ready.has(outlet)) return;
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // Answered as the venue answers it.
    raw = null;
  }
  const asked = request.safeParse(raw);
  if (!asked.success) {
    outlet.say('{"type":"error","code":415,"data":"type is not supported"}');
    return;
  }
  const { type, topic, response } = asked.data;
  const id = String(asked.data.id);
  if (type === 'ping') {
    outlet.say(JSON.stringify({ id, type: 'pong' }));
    return;
  }
  const answer = apply(market, outlet, type, topic ?? '');
  // Nothing is printed before this call returns, so the acknowledgement is out before the first trade.
  if (answer) outlet.say(JSON.stringify({ id, type: 'error', ...answer }));
  else if (response) outlet.say(JSON.stringify({ id, type: 'ack' }));
}

interface Refusal {
  readonly code: number;
  readonly data: string;
}

/** A refusal because a limit is broken: it counts among what the venue did about its limits. */
function overLimit(market: SimulatedMarket, code: number, data: string): Refusal {
  market.enforce(`request refused: ${code}`);
  return { code, data };
}

/** Does all of a request or, with a reason, nothing. */
function apply(market: SimulatedMarket, outlet: Outlet, type: string, topic: string): Refusal | null {
  if (type !== 'subscribe' && type !== 'unsubscribe') return { code: 415, data: 'type is not supported' };
  const prefix = market.key === 'kucoin:perp' ? TOPICS.perp : TOPICS.spot;
  if (!topic.startsWith(prefix)) return { code: 404, data: `topic ${topic} is not found` };
  const symbols = topic.slice(prefix.length).split(',');
  if (symbols.length > SYMBOLS_PER_TOPIC)
    return overLimit(market, 400, `at most ${SYMBOLS_PER_TOPIC} symbols in one topic`);
  const streams: SimulatedStream[] = [];
  for (const symbol of symbols) {
    const stream = market.streamOf(symbol);
    if (stream) streams.push(stream);
    else if (type === 'subscribe') return { code: 404, data: `topic ${prefix}${symbol} is not found` };
  }
  if (type === 'unsubscribe') {
    for (const stream of streams) {
      outlet.names.delete(stream.symbol);
      stream.remove(outlet);
    }
    return null;
  }
  const wanted = new Set([...outlet.names, ...symbols]);
  const { streams: most } = market.limits;
  if (wanted.size > most)
    return overLimit(market, 509, `exceed max subscription count limitation of ${most} per session`);
  for (const stream of streams) {
    outlet.names.add(stream.symbol);
    stream.add(outlet, 0);
  }
  return null;
}

const protocol: Protocol = {
  welcome,
  opened,
  message,
  // KuCoin announces nothing on the connection; it closes.
  announceEnd: () => undefined,
  rest: kucoinRest,
  post: kucoinPost,
};

function spotNaming(base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 1, 10);
  const lotScale = clamp(magnitude + 3, 0, 8);
  return {
    symbol: `${base}-${quote}`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: 0, lotUnit: 1, lotScale, lotZeros: 0 },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round((400 / price) * powerOfTen(lotScale))),
    contractSize: '1',
  };
}

/** A contract is worth ten to a hundred of the quote, as XBTUSDTM's 0.001 BTC and DOGEUSDTM's 100 DOGE are. */
function perpNaming(base: string, quote: string, price: number): Naming {
  const magnitude = Math.floor(Math.log10(price));
  const priceScale = clamp(5 - magnitude, 1, 10);
  const sizeScale = clamp(magnitude - 1, -9, 9);
  return {
    symbol: `${kucoinCoin(base)}${quote}M`,
    quote,
    scales: { priceUnit: 1, priceScale, priceZeros: 0, lotUnit: 1, lotScale: 0, lotZeros: 0 },
    restTicks: Math.max(1, Math.round(price * powerOfTen(priceScale))),
    meanLots: Math.max(2, Math.round(400 / (price * powerOfTen(-sizeScale)))),
    contractSize: sizeScale > 0 ? unitText(1, sizeScale, 0) : String(powerOfTen(-sizeScale)),
  };
}

/** Other events of the symbol between this trade and the next: few as a rule, now and then a thousand. */
function mark(stream: SimulatedStream): number {
  const bits = stream.random.bits();
  return (bits & 0xff) === 0 ? 1 + ((bits >>> 8) % 1186) : 1 + ((bits >>> 8) & 3);
}

const MINUTE_MS = 60_000;

/** The number of topics: 400 on spot; of futures the lowest that the venue was ever seen to enforce. */
function market(key: 'kucoin:spot' | 'kucoin:perp', streams: number): VenueMarket {
  const spot = key === 'kucoin:spot';
  return {
    key,
    channel: spot ? 'match' : 'execution',
    limits: (over) =>
      limitsFrom(over, {
        ageMs: 24 * 60 * MINUTE_MS,
        idleMs: PING_MS + PING_TIMEOUT_MS,
        messages: [{ count: 100, perMs: 10_000 }],
        streams,
        connects: { count: 30, perMs: MINUTE_MS },
        connections: 50,
        rest: { weight: 2000, perMs: 30_000 },
        banMs: 0,
      }),
    protocol,
    naming: spot ? spotNaming : perpNaming,
    mark,
    framing: { per: 'trade', render: renderKucoin },
    putId: putSequence,
    spoil: spoilMember('price'),
  };
}

export const kucoinSpot: VenueMarket = market('kucoin:spot', 400);
export const kucoinPerp: VenueMarket = market('kucoin:perp', 100);
