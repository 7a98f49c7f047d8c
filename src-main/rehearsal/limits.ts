// A venue market's limits, true or as a recipe shortens them: the rehearsal enforces them by cutting and refusing, as the venue would.
import { z } from 'zod';

const positive = z.number().positive();

/** What replaces a venue's true limits; absent: the true ones. */
export const limitsSchema = z.strictObject({
  ageSeconds: positive.optional(),
  pingSeconds: positive.optional(),
  /** Silence after a ping that ends the connection. */
  pongSeconds: positive.optional(),
  /** No message from us for this long ends the connection, where the venue has such a rule. */
  idleSeconds: positive.optional(),
  messagesPerSecond: positive.optional(),
  /** Connection attempts per the venue's own window (Binance 5 min, Upbit 1 s). */
  connects: positive.optional(),
  /** Connections of one client that may stand at once. */
  connections: positive.optional(),
  weightPerMinute: positive.optional(),
  /** REST requests per second. */
  restPerSecond: positive.optional(),
  banSeconds: positive.optional(),
  /** A reader that is this far behind is cut. */
  backlogBytes: positive.optional(),
});
export type LimitOverrides = z.infer<typeof limitsSchema>;

export interface MarketLimits {
  readonly ageMs: number;
  /** Server pings; 0: this venue does not ping. */
  readonly pingMs: number;
  readonly pongMs: number;
  /** No message from the client for this long; 0: no such rule. */
  readonly idleMs: number;
  /** Messages of one connection. Empty: no limit. */
  readonly messages: readonly { readonly count: number; readonly perMs: number }[];
  /** Names on one connection; the venue's protocol enforces it in the venue's way. */
  readonly streams: number;
  /** Connection attempts per market. */
  readonly connects: { readonly count: number; readonly perMs: number };
  /** Connections that may stand at once over all markets of the venue. */
  readonly connections: number;
  readonly backlogBytes: number;
  readonly rest: { readonly weight: number; readonly perMs: number };
  readonly banMs: number;
}

const MINUTE = 60_000;
const BACKLOG_BYTES = 32 * 1024 * 1024;

/** A venue's true limits; what is left out does not exist there. */
export type TrueLimits = Partial<MarketLimits> & Pick<MarketLimits, 'connects' | 'rest'>;

/** The true limits with the recipe's in their place. A rule that the venue does not have is not invented by an override. */
export function limitsFrom(over: LimitOverrides, known: TrueLimits): MarketLimits {
  const ms = (seconds: number | undefined, otherwise: number): number =>
    seconds === undefined ? otherwise : seconds * 1000;
  const { messagesPerSecond } = over;
  const messages = known.messages ?? [];
  const first = messages[0];
  const share =
    messagesPerSecond === undefined || !first ? 1 : messagesPerSecond / ((first.count * 1000) / first.perMs);
  const restWeight =
    over.weightPerMinute !== undefined
      ? (over.weightPerMinute * known.rest.perMs) / MINUTE
      : over.restPerSecond !== undefined
        ? (over.restPerSecond * known.rest.perMs) / 1000
        : known.rest.weight;
  return {
    ageMs: ms(over.ageSeconds, known.ageMs ?? Number.POSITIVE_INFINITY),
    pingMs: known.pingMs ? ms(over.pingSeconds, known.pingMs) : 0,
    pongMs: ms(over.pongSeconds, known.pongMs ?? MINUTE),
    idleMs: known.idleMs ? ms(over.idleSeconds, known.idleMs) : 0,
    messages: messages.map(({ count, perMs }) => ({ count: count * share, perMs })),
    streams: known.streams ?? Number.POSITIVE_INFINITY,
    connects: { count: over.connects ?? known.connects.count, perMs: known.connects.perMs },
    connections: over.connections ?? known.connections ?? Number.POSITIVE_INFINITY,
    backlogBytes: over.backlogBytes ?? known.backlogBytes ?? BACKLOG_BYTES,
    rest: { weight: restWeight, perMs: known.rest.perMs },
    banMs: ms(over.banSeconds, known.banMs ?? 2 * MINUTE),
  };
}
