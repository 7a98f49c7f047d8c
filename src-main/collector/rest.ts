// A venue market's REST endpoint as the collector asks it: within the venue's weight budget, and not at all while the venue
// wants to be left alone.
import { fail, type Result } from '../../src-shared/base/result.ts';
import { type HttpReply, httpFetch, sharedBudget } from '../base/net.ts';
import type { Feed, HttpRequest } from '../feeds/feed.ts';

export interface Rest {
  /** A 200 reply, or a failure; retry says whether asking again can help. Waits for the budget, also through a ban. */
  get(request: HttpRequest, signal?: AbortSignal): Promise<Result<HttpReply>>;
}

export function openRest(feed: Feed, endpoint: string): Rest {
  const base = endpoint.replace(/\/+$/, '');
  const budget = sharedBudget(`rest ${base}`, feed.limits.rest);
  return {
    get: async (request, signal) => {
      if (!(await budget.acquire(request.weight, signal))) {
        return fail('http.cancelled', `${base}${request.path}: cancelled`);
      }
      const reply = await httpFetch(base + request.path, {
        method: request.method,
        headers: request.headers,
        timeoutMs: 30_000,
        ...(signal ? { signal } : {}),
      });
      if (!reply.ok || reply.value.status === 200) return reply;
      const { status, headers, body } = reply.value;
      const { waitMs, failure } = feed.restTrouble(status, headers, body);
      if (waitMs > 0) budget.close(waitMs);
      return { ok: false, failure };
    },
  };
}

/** Tells apart what cancels a task from what may be tried again. */
export function isCancelled<T>(result: Result<T>): boolean {
  return !result.ok && (result.failure.code === 'http.cancelled' || result.failure.code === 'request.cancelled');
}
