// What a venue's refusal over REST means: how long to stay away, and whether asking again can help.
import type { Failure } from '../../src-shared/base/result.ts';
import type { Venue } from '../../src-shared/market/instrument.ts';

export interface RestRules {
  readonly venue: Venue;
  /** Wait after 429 without Retry-After, ms. */
  readonly limitedMs: number;
  /** Statuses that are bans of the address, and the wait when the reply does not say, ms. */
  readonly banned: readonly number[];
  readonly bannedMs: number;
  readonly serverErrorMs: number;
}

export interface RestTrouble {
  /** How long to stay away, ms. */
  readonly waitMs: number;
  /** The venue was asked too often: who goes on is banned, or is already. */
  readonly limits: boolean;
  readonly failure: Failure;
}

/** Codes: `<venue>.limited` (429), `<venue>.banned`, `<venue>.server` (5xx), `<venue>.refused` (anything else; asking the same again is useless). */
export function restTrouble(
  rules: RestRules,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): RestTrouble {
  const said = new TextDecoder().decode(body.subarray(0, 200)).replaceAll(/[^\P{C} ]+/gu, ' ');
  const failure = (kind: string, retry: boolean): Failure => ({
    code: `${rules.venue}.${kind}`,
    message: `${rules.venue} REST answered ${status}${said === '' ? '' : `: ${said}`}`,
    retry,
  });
  const after = retryAfterMs(headers);
  if (rules.banned.includes(status))
    return { waitMs: after ?? rules.bannedMs, limits: true, failure: failure('banned', true) };
  if (status === 429) return { waitMs: after ?? rules.limitedMs, limits: true, failure: failure('limited', true) };
  if (status >= 500 || status === 408)
    return { waitMs: after ?? rules.serverErrorMs, limits: false, failure: failure('server', true) };
  return { waitMs: after ?? 0, limits: false, failure: failure('refused', false) };
}

const LONGEST_WAIT_MS = 3 * 86_400_000;

/** Retry-After in seconds (the venues send no dates); undefined when absent or nonsense. */
function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'retry-after');
  const text = name === undefined ? undefined : headers[name];
  if (text === undefined || !/^\d{1,9}(?:\.\d+)?$/.test(text.trim())) return undefined;
  return Math.min(Math.ceil(Number(text) * 1000), LONGEST_WAIT_MS);
}
