// Which extraction belongs to which listing, and what its verdicts amount to.
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { type Verdict, verdicts } from '../../../src-shared/market/gap.ts';
import type { Listing, Manifest } from '../../../src-shared/market/listing.ts';

export type ListedListing = Listing & { readonly extract: ExtractJob | null };

export function isRunning(job: ExtractJob): boolean {
  return job.state === 'waiting' || job.state === 'repairing' || job.state === 'writing';
}

/** The job to show: the one started here, or the newest version of it; else a running one, else the newest that the store tells of. */
export function jobOf(
  listing: ListedListing,
  jobs: readonly ExtractJob[],
  startedId: string | undefined,
): ExtractJob | null {
  const own = jobs.filter(
    (job) => job.listingId === listing.id || (job.coin === listing.coin && job.atUs === listing.publishedUs),
  );
  const started = own.find((job) => job.jobId === startedId);
  return (
    (started && newestVersion(started, own)) ?? own.findLast((job) => isRunning(job)) ?? newest(own) ?? listing.extract
  );
}

/** A repair writes what was done here anew, as a job of its own: the same window in the same format. */
function newestVersion(job: ExtractJob, jobs: readonly ExtractJob[]): ExtractJob {
  const { manifest } = job;
  if (!manifest) return job;
  const versions = jobs.filter((other) => other.manifest && isSameOrder(other.manifest, manifest));
  return newest([job, ...versions]) ?? job;
}

function isSameOrder(a: Manifest, b: Manifest): boolean {
  return (
    a.window.fromUs === b.window.fromUs && a.window.toUs === b.window.toUs && a.files[0]?.format === b.files[0]?.format
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
