// A venue market's REST endpoint as the collector asks it: in turn, within the venue's weight budget, and not at all while the
// venue wants to be left alone.
import { fail, type Result } from '../../src-shared/base/result.ts';
import { type HttpReply, httpFetch } from '../base/net.ts';
import type { Feed, HttpRequest } from '../feeds/feed.ts';
import { type Refusing, sharedTurns, type Turn } from './turns.ts';

export interface Rest {
  /** For how long the venue refuses this address, ms. */
  readonly closedMs: number;
  /** What it said of that, also between two questions of which it refused the first; null: it answers. */
  readonly refusing: Refusing | null;
  /** A 200 reply that is no refusal in disguise, or a failure; retry says whether asking again can help. Waits for its turn and the budget, also through a ban. */
  get(request: HttpRequest, signal?: AbortSignal, turn?: Turn): Promise<Result<HttpReply>>;
}

/** address: source address of this machine; null: the system's choice. Budgets count per address, as the venues do. */
export function openRest(feed: Feed, endpoint: string, address: string | null = null): Rest {
  const base = endpoint.replace(/\/+$/, '');
  const turns = sharedTurns(`rest ${base} ${address ?? ''}`.trimEnd(), feed.limits.rest);
  return {
    get closedMs() {
      return turns.closedMs;
    },
    get refusing() {
      return turns.refusing;
    },
    get: async (request, signal, turn = 'list') => {
      const answered = await turns.acquire(request.weight, turn, signal);
      if (!answered) return fail('http.cancelled', `${base}${request.path}: cancelled`);
      const reply = await httpFetch(base + request.path, {
        method: request.method,
        headers: request.headers,
        timeoutMs: 30_000,
        ...(address === null ? {} : { localAddress: address }),
        ...(signal ? { signal } : {}),
      });
      try {
        if (!reply.ok) {
          const cancelled = signal?.aborted === true || !reply.failure.retry;
          turns.heard(cancelled, cancelled ? null : reply.failure.message);
          return reply;
        }
        turns.heard(reply.value.status < 500);
        const trouble = troubleOf(feed, reply.value);
        // Told before the next one in the queue may go.
        if (trouble?.limits) turns.refused(trouble.waitMs, trouble.failure.message);
        else if (trouble && trouble.waitMs > 0) turns.away(trouble.waitMs, trouble.failure.message);
        else turns.granted();
        return trouble ? { ok: false, failure: trouble.failure } : reply;
      } finally {
        answered();
      }
    },
  };
}

/** What a reply refuses, or says that it cannot do; null: it is what was asked for. */
function troubleOf(feed: Feed, { status, headers, body }: HttpReply): ReturnType<Feed['restTrouble']> | null {
  const said = status === 200 ? (feed.statusIn?.(body) ?? 200) : status;
  return said === 200 ? null : feed.restTrouble(said, headers, body);
}

/** Tells apart what cancels a task from what may be tried again. */
export function isCancelled<T>(result: Result<T>): boolean {
  return !result.ok && (result.failure.code === 'http.cancelled' || result.failure.code === 'request.cancelled');
}
