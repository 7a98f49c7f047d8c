// Reading a venue's symbol list, which can be 10 MB: long lists are read on a thread of their own, so that no frame waits
// for it. The last list is kept on disk, so that a restart subscribes at once.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { type Instrument, instrumentSchema, marketSchema, venueSchema } from '../../src-shared/market/instrument.ts';
import { replaceFile } from '../base/files.ts';
import type { Feed } from '../feeds/feed.ts';

const taskSchema = z.object({ venue: venueSchema, market: marketSchema, body: z.instanceof(Uint8Array) });
const INLINE_BYTES = 128 * 1024;
const READ_MS = 30_000;

/** worker: an entry that calls readListOnThread when it finds itself on a thread; null: read here. */
export async function readList(
  feed: Feed,
  body: Uint8Array,
  worker: URL | null,
): Promise<Result<readonly Instrument[]>> {
  if (worker === null || body.length < INLINE_BYTES) return feed.instruments.parse(body);
  const task = { venue: feed.venue, market: feed.market, body };
  return new Promise((resolve) => {
    const thread = new Worker(worker, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 256 } });
    const trouble = (words: string): void =>
      resolve(
        fail('instruments.thread', `${feed.venue} ${feed.market}: symbol list not read: ${words}`, { retry: true }),
      );
    const timer = setTimeout(() => {
      trouble(`no result within ${READ_MS} ms`);
      void thread.terminate();
    }, READ_MS);
    thread.once('message', (result: Result<readonly Instrument[]>) => resolve(result));
    thread.once('error', (error) => trouble(reasonOf(error)));
    thread.once('exit', (code) => {
      clearTimeout(timer);
      trouble(`the thread ended with ${code}`);
    });
  });
}

/** The thread's side. */
export function readListOnThread(feedOf: (venue: Feed['venue'], market: Feed['market']) => Feed | undefined): void {
  const task = taskSchema.parse(workerData);
  const feed = feedOf(task.venue, task.market);
  parentPort?.postMessage(
    feed?.instruments.parse(task.body) ?? fail('instruments.feed', `no feed for ${task.venue} ${task.market}`),
  );
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

export async function keep(path: string, list: readonly Instrument[]): Promise<Result<void>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, JSON.stringify(list));
    return ok(undefined);
  } catch (error) {
    return fail('instruments.kept', `${path}: ${reasonOf(error)}`, { retry: true });
  }
}
