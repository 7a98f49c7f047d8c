// The list of jobs. A job is its file and one line here.
import { openDisk } from './disk.ts';
import { type ExtractOptions, openExtracts } from './extract.ts';
import type { Job, JobContext } from './job.ts';
import { type ListingsOptions, openListings } from './listings.ts';
import { openPages } from './pages.ts';
import { openReconcile } from './reconcile.ts';
import { openReconcileJobs } from './reconcile-jobs.ts';
import { openRecover } from './recover.ts';
import { openRepairJobs } from './repairs.ts';
import { openRetention } from './retention.ts';
import { openSealJob } from './seal.ts';

export type Jobs = ReturnType<typeof openJobs>;

export function openJobs(context: JobContext, options: { extract?: ExtractOptions; listings?: ListingsOptions } = {}) {
  const reconcile = openReconcile(context);
  const recover = openRecover(context, reconcile.judge);
  const repairs = openRepairJobs(context, recover);
  const pages = openPages(context);
  const comparisons = openReconcileJobs(context, reconcile, pages);
  const seal = openSealJob(context);
  const retention = openRetention(context);
  const disk = openDisk(context, retention);
  const extracts = openExtracts(context, recover, pages, options.extract);
  const listings = openListings(context, extracts, options.listings);
  const all: readonly Job[] = [
    disk,
    seal,
    retention,
    recover,
    repairs,
    reconcile,
    pages,
    comparisons,
    extracts,
    listings,
  ];
  return {
    recover,
    repairs,
    reconcile,
    pages,
    comparisons,
    seal,
    retention,
    disk,
    extracts,
    listings,
    start: async (): Promise<void> => {
      for (const job of all) await job.start();
    },
    /** Ends all of them; what is unfinished is taken up at the next start. */
    stop: async (): Promise<void> => {
      await Promise.all(all.map((job) => job.stop()));
    },
  };
}
