// Which extraction belongs to which listing, and what its verdicts amount to.
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { type Verdict, verdicts } from '../../../src-shared/market/gap.ts';
import type { Listing } from '../../../src-shared/market/listing.ts';

export type ListedListing = Listing & { readonly extract: ExtractJob | null };

export function isRunning(job: ExtractJob): boolean {
  return job.state === 'waiting' || job.state === 'repairing' || job.state === 'writing';
}

/** The job to show: the one started here, else a running one, else the newest that the store tells of. */
export function jobOf(
  listing: ListedListing,
  jobs: readonly ExtractJob[],
  startedId: string | undefined,
): ExtractJob | null {
  const own = jobs.filter(
    (job) => job.listingId === listing.id || (job.coin === listing.coin && job.atUs === listing.publishedUs),
  );
  return (
    own.find((job) => job.jobId === startedId) ??
    own.findLast((job) => isRunning(job)) ??
    newest(own) ??
    listing.extract
  );
}

function newest(jobs: readonly ExtractJob[]): ExtractJob | undefined {
  let found: ExtractJob | undefined;
  for (const job of jobs) {
    if (!found || (job.manifest?.createdUs ?? 0) >= (found.manifest?.createdUs ?? 0)) found = job;
  }
  return found;
}

/** From best to worst, as declared: the last one present decides. */
export function worstVerdict(streams: readonly { readonly verdict: Verdict }[]): Verdict | null {
  let worst = -1;
  for (const stream of streams) worst = Math.max(worst, verdicts.indexOf(stream.verdict));
  return verdicts[worst] ?? null;
}

export function countVerdicts(
  streams: readonly { readonly verdict: Verdict }[],
): { verdict: Verdict; count: number }[] {
  return verdicts
    .map((verdict) => ({ verdict, count: streams.filter((stream) => stream.verdict === verdict).length }))
    .filter((entry) => entry.count > 0);
}
