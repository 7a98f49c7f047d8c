// The disk: how much is free, how fast it fills, and the ladder that is walked when it runs out: warn, prune the raw log, halt in the open, resume.
// Promises: room for the catalog and the record of the halt is reserved beforehand; a disk that cannot be asked or written counts as failed.
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../../src-shared/base/result.ts';
import { HOUR_US, type Us } from '../../../src-shared/base/time.ts';
import type { StoreMeter } from '../../../src-shared/contract/archive.ts';
import { diskSpace } from '../../base/files.ts';
import { type Job, type JobContext, repeating } from './job.ts';
import type { Retention } from './retention.ts';

export type DiskState = StoreMeter['disk'];

export interface Disk extends Job {
  /** The newest look, for the meter. */
  state(): DiskState;
}

const EVERY_MS = 2000;
const WALK_EVERY_US = 30_000_000;
/** The rate is the slope of the free space over this long. */
const RATE_OVER_US = 15 * 60 * 1_000_000;
const TELL_EVERY_US = 10_000_000;
const RESERVE_BYTES = 16 * 1024 ** 2;

interface Look {
  readonly atUs: Us;
  readonly freeBytes: number;
}

/** Hours until the disk is at its halt mark, from looks in time; null while it does not fill or too little is known. */
export function fullInHours(looks: readonly Look[], haltBytes: number): number | null {
  const first = looks[0];
  const last = looks.at(-1);
  if (!first || !last || last.atUs - first.atUs < 60 * 1_000_000) return null;
  const perUs = (first.freeBytes - last.freeBytes) / (last.atUs - first.atUs);
  if (perUs <= 0) return null;
  return Math.round((Math.max(0, last.freeBytes - haltBytes) / perUs / HOUR_US) * 10) / 10;
}

async function usedBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await orGone(readdir(folder, { withFileTypes: true }), [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await usedBytes(path);
    else if (entry.isFile()) sum += (await orGone(stat(path), null))?.size ?? 0;
  }
  return sum;
}

/** Files come and go while they are counted; only their absence is expected. */
async function orGone<T, A>(found: Promise<T>, absent: A): Promise<T | A> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return absent;
    throw error;
  }
}

export function openDisk(context: JobContext, retention: Retention): Disk {
  const { dataDir } = context.archive;
  const reserve = join(dataDir, 'reserve.bin');
  let state: DiskState = { freeBytes: 0, usedBytes: 0, fullInHours: null, state: 'ok', note: null };
  let looks: Look[] = [];
  let walkedUs = Number.NEGATIVE_INFINITY;
  let halted = false;
  /** The store before this one may have had recording stopped: a full disk ends stores too, and they come up when it has space again. */
  let unsure = true;
  let toldUs = Number.NEGATIVE_INFINITY;

  const holdReserve = async (): Promise<void> => {
    const handle = await open(reserve, 'a');
    try {
      const { size } = await handle.stat();
      const block = Buffer.alloc(1024 ** 2);
      for (let at = size; at < RESERVE_BYTES; at += block.length) await handle.write(block);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };

  const walk = async (): Promise<void> => {
    const nowUs = context.nowUs();
    const marks = context.settings.disk;
    const { freeBytes } = await diskSpace(dataDir);
    if (nowUs - walkedUs > WALK_EVERY_US) {
      walkedUs = nowUs;
      state = { ...state, usedBytes: await usedBytes(dataDir) };
    }
    looks = [...looks.filter((look) => nowUs - look.atUs < RATE_OVER_US), { atUs: nowUs, freeBytes }];
    state = { ...state, freeBytes, fullInHours: fullInHours(looks, marks.haltBytes) };
    const mib = Math.floor(freeBytes / 1024 ** 2);

    if (freeBytes < marks.haltBytes) {
      await retention.prune(0);
      await rm(reserve, { force: true });
      const note = `${mib} MiB free, below the ${Math.floor(marks.haltBytes / 1024 ** 2)} MiB at which recording stops; free some space and it goes on by itself`;
      if (!halted) {
        halted = true;
        context.warehouse.note('disk', note);
      }
      state = { ...state, state: 'halted', note };
      // Said again from time to time: a recorder that was restarted meanwhile knows nothing of it.
      if (nowUs - toldUs < TELL_EVERY_US) return;
      const asked = await context.ask('recording.halt', { reason: note, by: 'store' });
      if (asked.ok) toldUs = nowUs;
      else state = { ...state, note: `${note} (the recorder did not answer: ${asked.failure.message})` };
      return;
    }
    // Recording resumes with some room to spare, so that it does not stop again at once.
    const enough = freeBytes >= marks.haltBytes * 1.25;
    if (halted && !enough) return;
    if (enough && (halted || unsure)) {
      const asked = await context.ask('recording.resume', { by: 'store' });
      if (halted && !asked.ok) {
        state = { ...state, note: `space is back, but recording could not resume: ${asked.failure.message}` };
        return;
      }
      // A recorder that does not run is not halted when it does.
      unsure = !asked.ok && asked.failure.retry;
    }
    if (halted) {
      halted = false;
      toldUs = Number.NEGATIVE_INFINITY;
      context.warehouse.note('disk', `${mib} MiB free: recording resumed`);
    }
    if (freeBytes < Math.max(marks.haltBytes * 2, marks.warnBytes / 2)) {
      const freed = await retention.prune(0);
      state = {
        ...state,
        state: 'pruning',
        note: `${mib} MiB free: the raw log is not kept (${Math.floor(freed / 1024 ** 2)} MiB removed just now)`,
      };
      return;
    }
    if (freeBytes > marks.warnBytes) await holdReserve();
    state =
      freeBytes < marks.warnBytes
        ? {
            ...state,
            state: 'warn',
            note: `${mib} MiB free, less than the ${Math.floor(marks.warnBytes / 1024 ** 2)} MiB of the warning mark`,
          }
        : { ...state, state: 'ok', note: null };
  };

  const job = repeating(EVERY_MS, async () => {
    try {
      await walk();
    } catch (error) {
      const note = `the disk of ${dataDir} cannot be used: ${reasonOf(error)}`;
      if (state.state !== 'failed') context.warehouse.note('disk', note);
      state = { ...state, state: 'failed', note };
    }
  });
  return { ...job, state: () => state };
}
