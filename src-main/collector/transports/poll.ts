// Asks a page again and again, politely: only what changed (ETag), slower after refusals, at once when asked to go on.
import type { Failure } from '../../../src-shared/base/result.ts';
import { Backoff, type HttpReply, httpFetch, pause, retryAfterMs } from '../../base/net.ts';

export interface PollRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PollOptions {
  readonly endpoint: string;
  readonly everyMs: number;
  readonly request: (etag: string | null) => PollRequest;
  /** A page came (status 200). False: it could not be kept, and is asked for again as if it had not come. */
  readonly page: (path: string, reply: HttpReply) => boolean;
  /** Any answer that shows the page to be reachable, changed or not. */
  readonly answered: () => void;
  readonly trouble: (failure: Failure) => void;
}

/** Longest pause after refusals, ms. */
const SLOWEST_MS = 60_000;

/** Polls until the signal is aborted. */
export async function poll(options: PollOptions, signal: AbortSignal): Promise<void> {
  const base = options.endpoint.replace(/\/+$/, '');
  const backoff = new Backoff(options.everyMs * 2, Math.max(SLOWEST_MS, options.everyMs));
  backoff.next();
  let etag: string | null = null;
  while (!signal.aborted) {
    const began = performance.now();
    const { path, headers } = options.request(etag);
    const timeoutMs = Math.max(5000, options.everyMs * 2);
    const reply = await httpFetch(base + path, { headers, timeoutMs, signal });
    let wait: number;
    if (reply.ok && (reply.value.status === 200 || reply.value.status === 304)) {
      backoff.reset();
      backoff.next();
      if (reply.value.status === 200) {
        etag = options.page(path, reply.value) ? (reply.value.headers.etag ?? null) : null;
      }
      options.answered();
      wait = Math.max(0, options.everyMs - (performance.now() - began));
    } else {
      if (signal.aborted) return;
      wait = backoff.next();
      if (reply.ok) {
        const { status, headers: said } = reply.value;
        wait = Math.max(wait, retryAfterMs(said, Date.now()) ?? 0);
        const message = `${base}${path} answered ${status}`;
        options.trouble({ code: 'notices.refused', message, retry: true });
      } else options.trouble(reply.failure);
    }
    if (!(await pause(wait, signal))) return;
  }
}
