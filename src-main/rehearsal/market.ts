// One simulated venue market: its connections, its clock, its limits. The venue's words are in binance.ts and upbit.ts.
import type { IncomingMessage } from 'node:http';
import type { Outlet } from './outlet.ts';
import type { LimitOverrides, MarketKey } from './recipe.ts';
import type { SimulatedStream } from './stream.ts';
import type { World } from './world.ts';

/** A venue's limits as documented (feeds.md sections 1, 2, 8), or as the recipe shortens them. */
export interface MarketLimits {
  readonly ageMs: number;
  /** Server pings; 0: this venue does not ping. */
  readonly pingMs: number;
  readonly pongMs: number;
  /** No message from the client for this long; 0: no such rule. */
  readonly idleMs: number;
  readonly messages: readonly { readonly count: number; readonly perMs: number }[];
  readonly streams: number;
  readonly connects: { readonly count: number; readonly perMs: number };
  readonly backlogBytes: number;
  readonly rest: { readonly weight: number; readonly perMs: number };
  readonly banMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function limitsOf(market: MarketKey, over: LimitOverrides): MarketLimits {
  const upbit = market === 'upbit:spot';
  const spot = market === 'binance:spot';
  const ms = (seconds: number | undefined, otherwise: number): number =>
    seconds === undefined ? otherwise : seconds * 1000;
  return {
    ageMs: ms(over.ageSeconds, upbit ? Number.POSITIVE_INFINITY : 24 * HOUR),
    pingMs: upbit ? 0 : ms(over.pingSeconds, spot ? 20_000 : 3 * MINUTE),
    pongMs: ms(over.pongSeconds, spot ? MINUTE : 10 * MINUTE),
    idleMs: upbit ? ms(over.idleSeconds, 120_000) : 0,
    messages: upbit
      ? [
          { count: over.messagesPerSecond ?? 5, perMs: 1000 },
          { count: (over.messagesPerSecond ?? 5) * 20, perMs: MINUTE },
        ]
      : [{ count: over.messagesPerSecond ?? (spot ? 5 : 10), perMs: 1000 }],
    streams: upbit ? Number.POSITIVE_INFINITY : 1024,
    connects: upbit ? { count: over.connects ?? 5, perMs: 1000 } : { count: over.connects ?? 300, perMs: 5 * MINUTE },
    backlogBytes: over.backlogBytes ?? 32 * 1024 * 1024,
    rest: upbit
      ? { weight: over.restPerSecond ?? 10, perMs: 1000 }
      : { weight: over.weightPerMinute ?? (spot ? 6000 : 2400), perMs: MINUTE },
    banMs: ms(over.banSeconds, 2 * MINUTE),
  };
}

export interface RestReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why a connection is refused, as an HTTP reply; or the form of its frames. */
export type Welcome =
  | { readonly ok: true; readonly form: number; readonly names: readonly string[] }
  | ({ readonly ok: false } & RestReply);

/** What a venue says and understands. */
export interface Protocol {
  welcome(path: string, query: URLSearchParams, request: IncomingMessage): Welcome;
  /** The connection stands: subscribe what its URL names. */
  opened(market: SimulatedMarket, outlet: Outlet, names: readonly string[]): void;
  message(market: SimulatedMarket, outlet: Outlet, text: string): void;
  /** Announces an early end, where the venue does such a thing. */
  announceEnd(market: SimulatedMarket, outlet: Outlet): void;
  rest(market: SimulatedMarket, path: string, query: URLSearchParams, request: IncomingMessage): RestReply;
}

export class SimulatedMarket {
  readonly key: MarketKey;
  readonly world: World;
  readonly limits: MarketLimits;
  readonly protocol: Protocol;
  /** Open connections in the order of their opening. */
  readonly outlets: Outlet[] = [];
  readonly attempts: number[] = [];
  skewMs = 0;
  /** How often the clock jumped. */
  epoch = 0;
  refusing = false;
  /** The timetable says: every REST request is answered 429. */
  restRefusing = false;
  restUsed = 0;
  restWindow = 0;
  restPushed = 0;
  bannedUntilMs = 0;
  readonly #nowMs: () => number;

  constructor(made: { key: MarketKey; world: World; limits: MarketLimits; protocol: Protocol; nowMs: () => number }) {
    this.key = made.key;
    this.world = made.world;
    this.limits = made.limits;
    this.protocol = made.protocol;
    this.#nowMs = made.nowMs;
  }

  /** Real time. */
  get nowMs(): number {
    return this.#nowMs();
  }

  /** What this venue's own clock shows. */
  get clockMs(): number {
    return Math.floor(this.#nowMs() + this.skewMs);
  }

  /** Counts a connection attempt; false when there were too many. */
  mayConnect(): boolean {
    return within(this.attempts, this.nowMs, this.limits.connects.count, this.limits.connects.perMs);
  }

  /** Counts a message of a client; false when it sends too many. */
  maySend(outlet: Outlet): boolean {
    const now = this.nowMs;
    outlet.lastIncomingMs = now;
    outlet.incoming.push(now);
    const longest = Math.max(...this.limits.messages.map((limit) => limit.perMs));
    while (outlet.incoming[0] !== undefined && outlet.incoming[0] <= now - longest) outlet.incoming.shift();
    return this.limits.messages.every(
      (limit) => outlet.incoming.filter((at) => at > now - limit.perMs).length <= limit.count,
    );
  }

  streamOf(symbol: string): SimulatedStream | undefined {
    return this.world.stream(this.key, symbol);
  }

  drop(outlet: Outlet): void {
    const at = this.outlets.indexOf(outlet);
    if (at >= 0) this.outlets.splice(at, 1);
    for (const stream of this.world.streams) if (stream.market === this.key) stream.remove(outlet);
  }

  /** Pings, ages and idle ends; called a few times a second. */
  tend(): void {
    const now = this.nowMs;
    for (const outlet of [...this.outlets]) {
      if (outlet.dead) continue;
      if (now - outlet.openedMs >= this.limits.ageMs) outlet.close(1001, 'age');
      else if (outlet.waitingPongMs > 0 && now - outlet.waitingPongMs >= this.limits.pongMs) {
        outlet.close(1008, 'pong timeout');
      } else if (this.limits.idleMs > 0 && now - outlet.lastIncomingMs >= this.limits.idleMs) outlet.cut('idle');
      else if (this.limits.pingMs > 0 && now - outlet.pingedMs >= this.limits.pingMs) outlet.ping(now);
    }
  }
}

/** Keeps the times of the window and says whether one more is allowed; a refused one is not counted. */
function within(times: number[], now: number, count: number, perMs: number): boolean {
  while (times[0] !== undefined && times[0] <= now - perMs) times.shift();
  if (times.length >= count) return false;
  times.push(now);
  return true;
}
