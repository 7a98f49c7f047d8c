// One simulated venue market: its connections, its clock, its limits. The venue's words are in its description (venue.ts).
import { formatIso } from '../../src-shared/base/time.ts';
import type { MarketLimits } from './limits.ts';
import { MINUTE_MS, type MinuteSum } from './minutes.ts';
import type { Outlet } from './outlet.ts';
import type { SimulatedStream } from './stream.ts';
import type { MarketKey, Protocol, VenueMarket } from './venue.ts';
import type { World } from './world.ts';

export class SimulatedMarket {
  readonly key: MarketKey;
  readonly venue: VenueMarket;
  readonly world: World;
  readonly limits: MarketLimits;
  readonly protocol: Protocol;
  /** Open connections in the order of their opening. */
  readonly outlets: Outlet[] = [];
  readonly attempts: number[] = [];
  /** Begin of the first minute that this venue knows from beginning to end, so that its candle is whole. */
  readonly wholeFromMs: number;
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
  /** What the venue did to its clients, how often: connections that it ended, by reason, connections and requests that it refused for a limit. */
  readonly enforced: Record<string, number> = {};
  readonly #nowMs: () => number;

  /** upSinceMs: since when it knows all that was printed; absent: it never was up before, so that what it printed is all that there ever was. */
  constructor(made: {
    venue: VenueMarket;
    world: World;
    limits: MarketLimits;
    nowMs: () => number;
    upSinceMs?: number;
  }) {
    this.key = made.venue.key;
    this.venue = made.venue;
    this.world = made.world;
    this.limits = made.limits;
    this.protocol = made.venue.protocol;
    this.#nowMs = made.nowMs;
    this.wholeFromMs = Math.ceil((made.upSinceMs ?? 0) / MINUTE_MS) * MINUTE_MS;
  }

  /** Real time. */
  get nowMs(): number {
    return this.#nowMs();
  }

  /** What this venue's own clock shows. */
  get clockMs(): number {
    return Math.floor(this.#nowMs() + this.skewMs);
  }

  /** Sums of the whole minutes that begin in [fromMs, toMs) and had a trade, oldest first. */
  minutes(stream: SimulatedStream, fromMs: number, toMs: number): MinuteSum[] {
    return stream.tape.minutes(Math.max(fromMs, this.wholeFromMs), toMs);
  }

  /**
   * Why candles from this time on are refused. A venue's candles forget no minute: to leave one out says that nothing was printed in it, and of
   * minutes before it was up, or of which an earlier run kept nothing, it cannot say that.
   */
  forgotten(fromMs: number): string | null {
    if (Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS >= this.wholeFromMs) return null;
    return `No candles before ${formatIso(this.wholeFromMs * 1000).slice(0, 16)}Z: the simulated venue knows of none`;
  }

  enforce(what: string): void {
    this.enforced[what] = (this.enforced[what] ?? 0) + 1;
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
    const longest = Math.max(0, ...this.limits.messages.map((limit) => limit.perMs));
    while (outlet.incoming[0] !== undefined && outlet.incoming[0] <= now - longest) outlet.incoming.shift();
    return this.limits.messages.every(
      (limit) => outlet.incoming.filter((at) => at > now - limit.perMs).length <= limit.count,
    );
  }

  streamOf(symbol: string): SimulatedStream | undefined {
    return this.world.stream(this.key, symbol);
  }

  /** Instruments open on this market. */
  get streams(): SimulatedStream[] {
    return this.world.inMarket(this.key);
  }

  drop(outlet: Outlet): void {
    const at = this.outlets.indexOf(outlet);
    if (at >= 0) this.outlets.splice(at, 1);
    if (outlet.ended !== null) this.enforce(outlet.ended);
    for (const stream of this.streams) stream.remove(outlet);
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
