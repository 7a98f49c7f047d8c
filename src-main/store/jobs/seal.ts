// Seals closed hours when they are old enough, late rows of sealed hours after them, and compacts hours that gathered many files.
import { ok, type Result } from '../../../src-shared/base/result.ts';
import { HOUR_US, MINUTE_US, type Us } from '../../../src-shared/base/time.ts';
import { openLock } from '../warehouse/lock.ts';
import { closedHours, compactHour, recoverParts, sealHour } from '../warehouse/seal.ts';
import { type Job, type JobContext, repeating } from './job.ts';

export interface SealJob extends Job {
  /** Seals every hour that ended at or before this time. */
  seal(beforeUs: Us): Promise<Result<{ hours: number; rows: number }>>;
}

const EVERY_MS = 60_000;
/** Late rows come in drops: an hour that has files already is sealed again only when this long has passed. */
const LATE_EVERY_US = 10 * MINUTE_US;
const FILES_AT_MOST = 6;

export function openSealJob(context: JobContext): SealJob {
  const { archive, warehouse } = context;
  const one = openLock();
  const sealedAt = new Map<Us, Us>();
  let stopped = false;

  const seal = (beforeUs: Us, late: boolean): Promise<Result<{ hours: number; rows: number }>> =>
    one.run(async () => {
      let hours = 0;
      let rows = 0;
      let trouble: Result<never> | undefined;
      for (const { hourUs } of await closedHours(warehouse.duck, beforeUs)) {
        if (stopped) break;
        const last = sealedAt.get(hourUs);
        if (late && last !== undefined && context.nowUs() - last < LATE_EVERY_US) continue;
        const sealed = await sealHour(archive.sealing, hourUs);
        // What stops one hour (a file of it that is gone) must not keep all later ones hot.
        if (!sealed.ok) {
          trouble ??= sealed;
          continue;
        }
        sealedAt.set(hourUs, context.nowUs());
        if (sealed.value.rows === 0) continue;
        hours += 1;
        rows += sealed.value.rows;
        warehouse.log.info(
          { hourUs, rows: sealed.value.rows, files: sealed.value.files.length, known: sealed.value.known },
          'hour sealed',
        );
      }
      if (hours > 0) await warehouse.lock.run(() => warehouse.writer.run('CHECKPOINT'));
      return trouble ?? ok({ hours, rows });
    });

  const compact = async (): Promise<void> => {
    for (const hourUs of warehouse.catalog.sealed.hours()) {
      if (stopped) return;
      if (warehouse.catalog.sealed.live(hourUs, hourUs + HOUR_US).length < FILES_AT_MOST) continue;
      // A big hour is cut into several files on purpose; those stay.
      const files = warehouse.catalog.sealed.live(hourUs, hourUs + HOUR_US);
      if (files.reduce((sum, file) => sum + file.rows, 0) > 8_000_000) continue;
      const done = await one.run(() => compactHour(archive.sealing, hourUs));
      if (!done.ok) warehouse.note('seal', done.failure.message);
    }
  };

  const job = repeating(EVERY_MS, async () => {
    const sealed = await seal(context.nowUs() - context.settings.retention.hotHours * HOUR_US, true);
    if (!sealed.ok) warehouse.note('seal', sealed.failure.message);
    await compact();
  });
  return {
    start: async () => {
      const found = await recoverParts(archive.sealing);
      for (const path of found.damaged)
        warehouse.note('sealed-damaged', `a sealed file does not read and was put aside: ${path}`, path);
      for (const path of found.missing)
        warehouse.note('sealed-missing', `a sealed file is not on disk any more: ${path}`, path);
      if (found.adopted > 0)
        warehouse.note('sealed-adopted', `${found.adopted} sealed files were not in the catalog and are again`);
      await job.start();
    },
    stop: async () => {
      stopped = true;
      await job.stop();
    },
    seal: (beforeUs) => seal(beforeUs, false),
  };
}
