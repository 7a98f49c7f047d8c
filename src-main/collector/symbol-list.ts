// Reading a venue's symbol list, which can be 10 MB: long replies are read on a thread of their own, so that no frame waits
// for it. The last list is kept on disk, so that a restart subscribes at once.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { type Instrument, instrumentSchema, marketSchema, venueSchema } from '../../src-shared/market/instrument.ts';
import { replaceFile } from '../base/files.ts';
import type { Feed, HttpRequest } from '../feeds/feed.ts';

const taskSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  body: z.instanceof(Uint8Array),
  what: z.enum(['list', 'turnover']),
  known: z.string().nullable(),
});
type What = z.infer<typeof taskSchema>['what'];
const INLINE_BYTES = 128 * 1024;
const READ_MS = 30_000;

export interface ListPage {
  readonly digest: string;
  /** null: as known. */
  readonly instruments: readonly Instrument[] | null;
  /** What to ask for the page after this one; null: this is the last. */
  readonly next: HttpRequest | null;
}

export type Turnover = ReadonlyMap<string, number>;

/**
 * One page of a list. known: digest of this page as it was last read, whose instruments are then not handed over again. worker: an entry that
 * calls readOnThread when it finds itself on a thread; null: read here.
 */
export function readPage(
  feed: Feed,
  body: Uint8Array,
  worker: URL | null,
  known: string | null,
): Promise<Result<ListPage>> {
  if (worker === null || body.length < INLINE_BYTES) return Promise.resolve(parsePage(feed, body, known));
  return onThread<ListPage>(feed, body, worker, 'list', known);
}

/** What each symbol turned over; where the feed says nothing of it, nothing is known. */
export function readTurnover(feed: Feed, body: Uint8Array, worker: URL | null): Promise<Result<Turnover>> {
  if (worker === null || body.length < INLINE_BYTES) return Promise.resolve(parseTurnover(feed, body));
  return onThread<Turnover>(feed, body, worker, 'turnover', null);
}

function parsePage(feed: Feed, body: Uint8Array, known: string | null): Result<ListPage> {
  const { instruments } = feed;
  const parsed = instruments.parse(body);
  if (!parsed.ok) return parsed;
  const digest = createHash('sha1').update(JSON.stringify(parsed.value)).digest('base64');
  return ok({
    digest,
    instruments: digest === known ? null : parsed.value,
    next: instruments.next?.(body) ?? null,
  });
}

function parseTurnover(feed: Feed, body: Uint8Array): Result<Turnover> {
  return feed.instruments.turnover?.parse(body) ?? ok(new Map());
}

function onThread<T>(feed: Feed, body: Uint8Array, worker: URL, what: What, known: string | null): Promise<Result<T>> {
  const task = { venue: feed.venue, market: feed.market, body, what, known };
  return new Promise((resolve) => {
    const trouble = (words: string): void =>
      resolve(fail('instruments.thread', `${feed.venue} ${feed.market}: ${what} not read: ${words}`, { retry: true }));
    let thread: Worker;
    try {
      thread = new Worker(worker, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 256 } });
    } catch (error) {
      // The system gives no further thread just now.
      trouble(reasonOf(error));
      return;
    }
    const timer = setTimeout(() => {
      trouble(`no result within ${READ_MS} ms`);
      void thread.terminate();
    }, READ_MS);
    thread.once('message', (result: Result<T>) => resolve(result));
    thread.once('error', (error) => trouble(reasonOf(error)));
    thread.once('exit', (code) => {
      clearTimeout(timer);
      trouble(`the thread ended with ${code}`);
    });
  });
}

/** The thread's side. */
export function readOnThread(feedOf: (venue: Feed['venue'], market: Feed['market']) => Feed | undefined): void {
  const { venue, market, body, what, known } = taskSchema.parse(workerData);
  const feed = feedOf(venue, market);
  if (!feed) parentPort?.postMessage(fail('instruments.feed', `no feed for ${venue} ${market}`));
  else parentPort?.postMessage(what === 'list' ? parsePage(feed, body, known) : parseTurnover(feed, body));
}

const keptSchema = z.array(instrumentSchema);

/** The list as it was last read, or null when there is none that can be used. */
export async function loadKept(path: string): Promise<Result<readonly Instrument[] | null>> {
  try {
    const parsed = keptSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return ok(parsed.success ? parsed.data : null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok(null);
    return fail('instruments.kept', `${path}: ${reasonOf(error)}`);
  }
}

const carriedSchema = z.array(z.string());

/** The symbols that were carried last, where not all can be; empty: not known. */
export async function loadCarried(path: string): Promise<Result<readonly string[]>> {
  try {
    const parsed = carriedSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return ok(parsed.success ? parsed.data : []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok([]);
    return fail('instruments.kept', `${path}: ${reasonOf(error)}`);
  }
}

export async function keep(path: string, list: readonly Instrument[] | readonly string[]): Promise<Result<void>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, JSON.stringify(list));
    return ok(undefined);
  } catch (error) {
    return fail('instruments.kept', `${path}: ${reasonOf(error)}`, { retry: true });
  }
}
