// The raw log: journal segments that the store has passed are compressed, kept for their days, then removed.
// Promises: nothing is removed that a rebuild of the hot hours would still need.
import { join } from 'node:path';
import { DAY_US, HOUR_US, MINUTE_US, type Us } from '../../../src-shared/base/time.ts';
import { compressPassed, removeOld } from '../../journal/archive.ts';
import { openLock } from '../warehouse/lock.ts';
import { type Job, type JobContext, repeating } from './job.ts';

export interface Retention extends Job {
  /** Removes what is older than this even before its days are over, to make room. Gives the bytes that were freed. */
  prune(keepUs: Us): Promise<number>;
}

const EVERY_MS = 30_000;
/** Segments compressed in one turn: the job never takes the processor for long. */
const SEGMENTS = 4;

export function openRetention(context: JobContext): Retention {
  const { warehouse } = context;
  const folder = join(context.archive.dataDir, 'journal');

  /** The disk job asks on its own: two that remove at once would each find the other's segments gone. */
  const removing = openLock();
  const prune = (keepUs: Us): Promise<number> => removing.run(() => remove(keepUs));

  const remove = async (keepUs: Us): Promise<number> => {
    const { segment, offset, frame } = context.position();
    if (frame < 0) return 0;
    const oldest = await oldestHotUs();
    const beforeUs = Math.min(context.nowUs() - keepUs, oldest - HOUR_US);
    const removed = await removeOld(folder, beforeUs, { segment, offset, frame });
    if (!removed.ok) {
      warehouse.note('retention', removed.failure.message);
      return 0;
    }
    if (removed.value.segments > 0) warehouse.log.info({ ...removed.value }, 'raw log removed');
    return removed.value.bytes;
  };

  /** Hot rows can be rebuilt only from the journal: it is kept from their oldest receive time on. */
  const oldestHotUs = async (): Promise<Us> => {
    const [row] = await context.archive.rows('SELECT min(recv_us) AS us FROM tick');
    return row?.us === null || row?.us === undefined ? context.nowUs() - MINUTE_US : Number(row.us);
  };

  const job = repeating(EVERY_MS, async (signal) => {
    const { segment, offset, frame } = context.position();
    if (frame < 0) return;
    const compressed = await compressPassed(folder, { segment, offset, frame }, { segments: SEGMENTS, signal });
    if (!compressed.ok) warehouse.note('retention', compressed.failure.message);
    await prune(context.settings.retention.rawDays * DAY_US);
  });
  return { ...job, prune };
}
