// New versions of extracts: of one that lacked something when that is filled, and of one whose proof came only after it was written.
// Promises: what a later look finds becomes a version of its own, once; what was written is never changed.
import { type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { DAY_US, formatIso, HOUR_US, MINUTE_US, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { RequestParsed } from '../../../src-shared/contract/index.ts';
import { type ExtractJob, extractInputSchema } from '../../../src-shared/contract/listings.ts';
import type { Verdict } from '../../../src-shared/market/gap.ts';
import type { Manifest } from '../../../src-shared/market/listing.ts';
import type { ExtractRecord } from '../warehouse/catalog.ts';
import { judgeCoin, weakest } from '../warehouse/coin.ts';
import { mark } from '../warehouse/recent.ts';
import { gapTouches } from '../warehouse/verdict.ts';
import { type Job, type JobContext, knownUntilUs, pause, repeating } from './job.ts';

type ExtractInput = RequestParsed<'listings.extract'>;

export interface Reissues extends Job {
  /** An extract was written. */
  done(job: ExtractJob): void;
}

/** What it needs of the jobs that write extracts. */
export interface ReissueParts {
  begin(input: ExtractInput, cause: ExtractJob['cause']): Promise<Result<{ jobId: string }>>;
  /** When a job that runs has ended; undefined: it does not run. */
  endOf(jobId: string): Promise<ExtractJob> | undefined;
  isSame(a: ExtractInput, b: ExtractInput): boolean;
  /** How long a new version that failed is left alone before it is tried again. */
  readonly againMs: number;
}

/** Extracts looked at in one go. */
const AT_ONCE = 50;
/** Gaps change in swarms: extracts are looked at once in a while, not at every change. */
const REISSUE_MS = 1000;
/** The rest after each AT_ONCE extracts that were looked at. */
const REISSUE_REST_MS = 100;
/** Comparisons and lines found dead tell within this time what an extract lacks that was not called incomplete. */
const UNSURE_US = 7 * DAY_US;
/** After its writing an extract that waits for proof is judged again. */
const AGAIN_US = [20 * SECOND_US, MINUTE_US, 5 * MINUTE_US, 30 * MINUTE_US, 3 * HOUR_US, DAY_US] as const;
const WORST_FIRST: readonly Verdict[] = ['incomplete', 'unproved', 'covered', 'proven'];
/** Trades come this long after their window at most. */
const READ_BEYOND_US = 30 * SECOND_US;
/** Gaps settled since the last look that are held against windows one by one. */
const SETTLED_LOOKED_AT = 1000;

export function openReissues(context: JobContext, { begin, endOf, isSame, againMs }: ReissueParts): Reissues {
  const { catalog } = context.warehouse;
  /** Extracts that were written while the store was behind, with the end of their window. */
  const unread = new Map<string, Us>();
  /** Extracts that wait for proof, with the time at which each is judged again. */
  const provisional = new Map<string, Us>();

  /** Judges it at the next time that there is for it; false: there is none any more. */
  const lookAgain = (jobId: string, { createdUs }: Manifest): boolean => {
    const next = AGAIN_US.map((afterUs) => createdUs + afterUs).find((us) => us > context.nowUs());
    if (next === undefined) provisional.delete(jobId);
    else provisional.set(jobId, next);
    return next !== undefined;
  };

  /**
   * filled: a gap that this extract lacks was filled after its rows were read. open: one may still be. What comparisons find later was no gap when
   * it was written, so gaps of its window that came later are looked at too; of what is proven a sum that differs changes nothing. read: what was received and not stored when it was written is stored by now.
   */
  const lacksOf = ({ manifest }: ExtractJob): { filled: boolean; open: boolean; read: boolean } => {
    const states = (manifest?.streams ?? []).flatMap(({ gaps, verdict, rows, venue, market, symbol, channel }) =>
      [
        ...gaps,
        // A line that was found dead only afterwards has its gap since then.
        ...catalog.gaps
          .list({ venue, market, symbol, ...manifest?.window })
          .filter((gap) => gap.channel === (channel ?? gap.channel))
          .map((gap) => gap.id),
      ]
        .map((id) => catalog.gaps.get(id))
        .filter((gap) => gap !== undefined)
        // Where ids proved it nothing was missing, whatever was thought of the time beside them.
        .filter((gap) => verdict !== 'proven' || (rows === 0 && gap.cause !== 'volume')),
    );
    // The time alone would not do: what was received before the extract began may have been stored after its rows were read.
    const was = manifest?.gapStates;
    return {
      filled: states.some(
        (gap) =>
          ['repaired', 'venue-hole', 'partial'].includes(gap.state) &&
          ((was !== undefined && was[gap.id] !== gap.state) || (gap.closedUs ?? 0) > (manifest?.createdUs ?? 0)),
      ),
      open: states.some((gap) => gap.state === 'open' || gap.state === 'repairing'),
      read: manifest?.unread === true && isRead(manifest.window.toUs),
    };
  };

  const isRead = (toUs: Us): boolean => context.position().readUntilUs >= toUs + READ_BEYOND_US;

  /** Extracts that were not called incomplete and whose window a gap touches that was filled since; those that were looked at in vain go. */
  const touched = new Set<string>();
  let toldMark = 0;

  const findTouched = (): void => {
    const settled = catalog.gaps.settledSince(toldMark);
    toldMark = mark();
    if (settled?.length === 0) return;
    // At a start, and after very many at once, all are looked at.
    const few = settled === null || settled.length > SETTLED_LOOKED_AT ? null : settled;
    const gaps = few?.flatMap((id) => catalog.gaps.get(id) ?? []);
    for (const { jobId, ...window } of catalog.jobs.unsure(context.nowUs() - UNSURE_US))
      if (!gaps || gaps.some((gap) => gapTouches(gap, window))) touched.add(jobId);
  };

  /** A later version of the same order holds what was filled, or is itself written anew. */
  const hasSuccessor = ({ job, createdUs }: ExtractRecord, input: ExtractInput): boolean =>
    catalog.jobs.doneAround(job.coin, job.atUs).some((other) => {
      const order = extractInputSchema.safeParse(other.input);
      return other.createdUs > createdUs && order.success && isSame(order.data, input);
    });

  /** Extracts whose new version failed: until when they are left alone. */
  const resting = new Map<string, number>();
  /** Those that wait for proof and were taken up since the start. */
  const looked = new Set<string>();

  const rest = ({ jobId, coin }: ExtractJob, why: string): void => {
    const isTold = resting.has(jobId);
    resting.set(jobId, performance.now() + againMs);
    if (isTold) return;
    const text = `${coin}: no new version after a repair: ${why}`;
    try {
      context.warehouse.note('extract', text);
    } catch (error) {
      // The catalog may be the reason.
      context.warehouse.log.error({ err: error, jobId }, text);
    }
  };

  const settle = (jobId: string): void => {
    catalog.facts.set(`reissued:${jobId}`, formatIso(context.nowUs()));
    resting.delete(jobId);
    touched.delete(jobId);
    unread.delete(jobId);
    provisional.delete(jobId);
  };

  /** What the catalog does not take now is found to have its successor at a later look. */
  const trySettle = (job: ExtractJob): void => {
    try {
      settle(job.jobId);
    } catch (error) {
      rest(job, reasonOf(error));
    }
  };

  const writeAnew = async (record: ExtractRecord, cause: ExtractJob['cause']): Promise<void> => {
    const { job } = record;
    const input = extractInputSchema.safeParse(record.input);
    if (!input.success || (resting.get(job.jobId) ?? 0) > performance.now()) return;
    if (hasSuccessor(record, input.data)) {
      settle(job.jobId);
      return;
    }
    // While the new version runs, asking for it again is the same job; the fact comes only when it is there.
    const begun = await begin(input.data, cause);
    if (!begun.ok) {
      rest(job, begun.failure.message);
      return;
    }
    unread.delete(job.jobId);
    void endOf(begun.value.jobId)?.then((version) => {
      if (version.state === 'failed') rest(job, version.note);
      // One that somebody cancelled is not wanted; one that a stop interrupted goes on at the next start.
      else if (version.state === 'done' || version.state === 'cancelled') trySettle(job);
    });
  };

  /** Whether what came since says more of it: of the whole, or, at the last time that it is looked at, of any of its streams. */
  const isBetter = async (job: ExtractJob, isLast: boolean): Promise<boolean> => {
    const { manifest } = job;
    if (!manifest) return false;
    const { coin, atUs } = job;
    const untilUs = await knownUntilUs(context);
    const judged = await judgeCoin(context.archive, context.settings, coin, manifest.window, atUs, untilUs);
    if (!judged.ok) return false;
    const rank = (verdict: Verdict | null | undefined): number => WORST_FIRST.indexOf(verdict ?? 'incomplete');
    if (rank(weakest(judged.value, coin).verdict) > rank(manifest.verdict)) return true;
    const was = new Map(manifest.streams.map((stream) => [`${stream.instrument} ${stream.channel}`, stream.verdict]));
    return (
      isLast &&
      judged.value.some((one) => rank(one.verdict) > rank(was.get(`${one.instrument} ${one.channel}`) ?? 'proven'))
    );
  };

  /** Extracts that wait for proof are judged again when their time has come, and written anew when they are worth more. */
  const judgeAgain = async (signal: AbortSignal): Promise<void> => {
    for (const [jobId, dueUs] of provisional) {
      if (signal.aborted) return;
      if (dueUs > context.nowUs() || resting.has(jobId)) continue;
      const record = catalog.jobs.get(jobId);
      const manifest = record?.job.manifest;
      if (!record || !manifest || catalog.facts.get(`reissued:${jobId}`) !== undefined) {
        provisional.delete(jobId);
        continue;
      }
      const isLast = !lookAgain(jobId, manifest);
      // A gap that is still asked for brings a new version by itself.
      try {
        if (!lacksOf(record.job).open && (await isBetter(record.job, isLast))) await writeAnew(record, 'proof');
      } catch (error) {
        // The next look may see it.
        context.warehouse.log.error({ err: error, jobId }, `extract not judged again: ${reasonOf(error)}`);
      }
    }
  };

  /** Done extracts with a gap that was open then and is filled now are written anew, once per job. */
  const reissue = async (signal: AbortSignal): Promise<void> => {
    findTouched();
    const wanted = new Set([...catalog.jobs.lacking(), ...touched]);
    const left = [...wanted].filter((jobId) => catalog.facts.get(`reissued:${jobId}`) === undefined);
    for (const jobId of touched) if (!left.includes(jobId)) touched.delete(jobId);
    for (const [index, jobId] of left.entries()) {
      // There may be years of them: the intake goes on in between.
      if (index > 0 && index % AT_ONCE === 0 && !(await pause(REISSUE_REST_MS, signal))) return;
      const record = catalog.jobs.get(jobId);
      if (record?.job.manifest?.unread) unread.set(jobId, record.job.manifest.window.toUs);
      // One whose times passed while no store ran is looked at once now.
      if (record?.job.manifest?.provisional && record.createdUs > context.nowUs() - UNSURE_US && !looked.has(jobId)) {
        looked.add(jobId);
        provisional.set(jobId, context.nowUs());
      }
      const { filled, open, read } = record ? lacksOf(record.job) : { filled: false, open: false, read: false };
      if (record && ((filled && !open) || read)) await writeAnew(record, 'repair');
      else {
        resting.delete(jobId);
        if (!open) touched.delete(jobId);
      }
    }
  };

  // At the start too: what was filled just before a restart, or failed then, is not forgotten.
  let gapsChanged = true;
  const look = async (signal: AbortSignal): Promise<void> => {
    const isDue = [...unread].some(([jobId, toUs]) => !resting.has(jobId) && isRead(toUs));
    if ([...provisional.values()].some((dueUs) => dueUs <= context.nowUs())) {
      if (!(await context.archive.halfway.over(0))) return;
      await judgeAgain(signal);
    }
    if (!gapsChanged && !isDue && ![...resting.values()].some((until) => until <= performance.now())) return;
    // What the catalog says to be filled is not to be read yet.
    if (!(await context.archive.halfway.over(0))) return;
    gapsChanged = false;
    await reissue(signal);
  };

  let trouble = '';
  const reissuing = repeating(REISSUE_MS, async (signal) => {
    try {
      await look(signal);
      trouble = '';
    } catch (error) {
      // The catalog cannot be read or written now: looked at again, and said once.
      gapsChanged = true;
      if (trouble !== reasonOf(error)) {
        trouble = reasonOf(error);
        context.warehouse.log.error({ err: error }, `extracts not looked at: ${trouble}`);
      }
      await pause(againMs / 10, signal);
    }
  });

  return {
    start: async () => {
      context.warehouse.on('gaps', () => {
        gapsChanged = true;
      });
      await reissuing.start();
    },
    stop: () => reissuing.stop(),
    done: ({ jobId, manifest }) => {
      if (manifest?.unread) unread.set(jobId, manifest.window.toUs);
      if (!manifest?.provisional) return;
      looked.add(jobId);
      lookAgain(jobId, manifest);
    },
  };
}
