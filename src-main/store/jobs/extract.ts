// The extract job: waits until a window has passed and was read, asks for the gaps inside it, writes it, and writes it anew when a gap was filled later.
// Promises: a job that was asked for ends as done, failed or cancelled, also across restarts; a done one is never silently incomplete.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Failure, fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import {
  DAY_US,
  formatIso,
  HOUR_US,
  MINUTE_US,
  SECOND_US,
  type Us,
  type Window,
} from '../../../src-shared/base/time.ts';
import type { RequestParsed } from '../../../src-shared/contract/index.ts';
import { type ExtractJob, extractInputSchema } from '../../../src-shared/contract/listings.ts';
import type { Verdict } from '../../../src-shared/market/gap.ts';
import type { Listing, Manifest } from '../../../src-shared/market/listing.ts';
import { livingWriter } from '../../journal/lock.ts';
import type { ExtractRecord } from '../warehouse/catalog.ts';
import { isUnheard, judgeCoin, latenessOf, streamsOfCoin, weakest } from '../warehouse/coin.ts';
import { openLock } from '../warehouse/lock.ts';
import { mark } from '../warehouse/recent.ts';
import { gapTouches } from '../warehouse/verdict.ts';
import { openOutDir, removePartials, writeExtract } from './extract-files.ts';
import { type Job, type JobContext, knownUntilUs, pause, repeating } from './job.ts';
import type { Pages } from './pages.ts';
import type { Recover } from './recover.ts';

export type ExtractInput = RequestParsed<'listings.extract'>;

export interface Extracts extends Job {
  /** Starts a job; it runs on by itself. */
  begin(input: ExtractInput, cause?: ExtractJob['cause']): Promise<Result<{ jobId: string }>>;
  wait(jobId: string, signal: AbortSignal): Promise<Result<ExtractJob>>;
  cancel(jobId: string): Result<Record<string, never>>;
  get(jobId: string): ExtractJob | undefined;
  /** The newest job of a listing. */
  ofListing(listingId: string): ExtractJob | undefined;
}

export interface ExtractOptions {
  /** How long open gaps are waited for before the writing goes on without them. */
  readonly repairMs?: number;
  /** How long the store may lag behind the end of a passed window before the writing goes on and says so. */
  readonly readMs?: number;
  /** How long a new version that failed is left alone before it is tried again. */
  readonly againMs?: number;
  /** How long an automatic extract that failed waits before its second try; each further wait is four times as long. */
  readonly retryMs?: number;
}

/** So often an automatic extract is tried, for nobody stands beside it who would ask again. */
const TRIES = 5;
const SHOWN = 50;
/** Gaps change in swarms: extracts are looked at once in a while, not at every change. */
const REISSUE_MS = 1000;
/** The rest after each SHOWN extracts that were looked at. */
const REISSUE_REST_MS = 100;
const LISTINGS_LOOKED_AT = 1000;
/** Comparisons and lines found dead tell within this time what an extract lacks that was not called incomplete. */
const UNSURE_US = 7 * DAY_US;
/** After its writing an extract that waits for proof is judged again. */
const AGAIN_US = [20 * SECOND_US, MINUTE_US, 5 * MINUTE_US, 30 * MINUTE_US, 3 * HOUR_US, DAY_US] as const;
const WORST_FIRST: readonly Verdict[] = ['incomplete', 'unproved', 'covered', 'proven'];
/** Trades come this long after their window at most. */
const READ_BEYOND_US = 30 * SECOND_US;
/** Gaps settled since the last look that are held against windows one by one. */
const SETTLED_LOOKED_AT = 1000;
const ENDED: ReadonlySet<ExtractJob['state']> = new Set(['done', 'failed', 'cancelled']);

interface Running {
  job: ExtractJob;
  readonly input: ExtractInput;
  readonly createdUs: Us;
  readonly stopping: AbortController;
  readonly ended: Promise<ExtractJob>;
}

type Outcome = Result<Pick<ExtractJob, 'folder' | 'manifest' | 'note'>>;

/** 45 s, 3 m 20 s, 2 h 11 m. */
function inWords(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} m ${two(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

/** A folder that cannot be made or written may be one on a disk that is full now. */
const mayPass = ({ code, retry }: Failure): boolean => retry || code === 'extract.out-dir';

const isSame = (a: ExtractInput, b: ExtractInput): boolean =>
  a.coin.trim().toUpperCase() === b.coin.trim().toUpperCase() &&
  a.atUs === b.atUs &&
  a.beforeUs === b.beforeUs &&
  a.afterUs === b.afterUs &&
  a.format === b.format &&
  a.outDir === b.outDir &&
  a.listingId === b.listingId;

export function openExtracts(
  context: JobContext,
  recover: Recover,
  pages: Pages,
  options: ExtractOptions = {},
): Extracts {
  const { catalog } = context.warehouse;
  const repairMs = options.repairMs ?? 15_000;
  const readMs = options.readMs ?? 30_000;
  const againMs = options.againMs ?? 600_000;
  const retryMs = options.retryMs ?? 5000;
  const running = new Map<string, Running>();
  const recent = new Map<string, ExtractJob>();
  const writing = openLock();
  /** Extracts that were written while the store was behind, with the end of their window. */
  const unread = new Map<string, Us>();
  /** Extracts that wait for proof, with the time at which each is judged again. */
  const provisional = new Map<string, Us>();
  let draining = false;

  const publish = (): void => {
    context.publish('listings.extracts', { jobs: [...recent.values()].toReversed() });
  };

  const keep = (job: ExtractJob): void => {
    recent.delete(job.jobId);
    recent.set(job.jobId, job);
    for (const [jobId, old] of recent) {
      if (recent.size <= SHOWN) break;
      if (ENDED.has(old.state)) recent.delete(jobId);
    }
    publish();
  };

  /** Progress is told, a new state is also kept. */
  const update = (run: Running, change: Partial<ExtractJob>): void => {
    const stateChanged = change.state !== undefined && change.state !== run.job.state;
    run.job = { ...run.job, ...change };
    if (stateChanged) catalog.jobs.put({ job: run.job, input: run.input, createdUs: run.createdUs }, context.nowUs());
    keep(run.job);
  };

  /** Throws when the catalog does not take the job; then nothing runs. */
  const launch = (job: ExtractJob, input: ExtractInput, createdUs: Us): void => {
    catalog.jobs.put({ job, input, createdUs }, context.nowUs());
    carryOut(job, input, createdUs);
  };

  /** A job that the catalog holds already: that it takes no news of it now is no reason to leave it. */
  const takeUp = (job: ExtractJob, input: ExtractInput, createdUs: Us): void => {
    try {
      catalog.jobs.put({ job, input, createdUs }, context.nowUs());
    } catch (error) {
      context.warehouse.log.error({ err: error, jobId: job.jobId }, `extract taken up unsaid: ${reasonOf(error)}`);
    }
    carryOut(job, input, createdUs);
  };

  const carryOut = (job: ExtractJob, input: ExtractInput, createdUs: Us): void => {
    let finish: (job: ExtractJob) => void = () => undefined;
    const ended = new Promise<ExtractJob>((resolve) => {
      finish = resolve;
    });
    const run: Running = { job, input, createdUs, stopping: new AbortController(), ended };
    running.set(job.jobId, run);
    keep(job);
    void attempt(run).then((outcome) => {
      running.delete(job.jobId);
      try {
        settleRun(run, outcome);
      } catch (error) {
        // The catalog does not take it now: the next start finds the job as it was, and takes it up.
        context.warehouse.log.error({ err: error, jobId: job.jobId }, `extract not settled: ${reasonOf(error)}`);
        keep(run.job);
      }
      finish(run.job);
    });
  };

  const settleRun = (run: Running, outcome: Outcome): void => {
    // A drain leaves the job as it is: the next start takes it up.
    if (draining && !outcome.ok) return;
    if (outcome.ok) update(run, { state: 'done', progress: 1, ...outcome.value });
    else if (run.stopping.signal.aborted) update(run, { state: 'cancelled', note: 'cancelled; nothing was written' });
    else update(run, { state: 'failed', note: outcome.failure.message });
    const { jobId, manifest } = run.job;
    if (manifest?.unread) unread.set(jobId, manifest.window.toUs);
    if (manifest?.provisional) {
      looked.add(jobId);
      lookAgain(jobId, manifest);
    }
  };

  /** Judges it at the next time that there is for it; false: there is none any more. */
  const lookAgain = (jobId: string, { createdUs }: Manifest): boolean => {
    const next = AGAIN_US.map((afterUs) => createdUs + afterUs).find((us) => us > context.nowUs());
    if (next === undefined) provisional.delete(jobId);
    else provisional.set(jobId, next);
    return next !== undefined;
  };

  /** An automatic one is tried again where that may help: the disk was full, or the catalog busy. */
  const attempt = async (run: Running): Promise<Outcome> => {
    for (let tries = 1; ; tries += 1) {
      const outcome = await workOnce(run);
      if (outcome.ok || tries >= TRIES || run.job.cause !== 'automatic' || !mayPass(outcome.failure)) return outcome;
      const { message } = outcome.failure;
      context.warehouse.log.warn({ jobId: run.job.jobId, tries }, `extract to be tried again: ${message}`);
      try {
        update(run, { state: 'waiting', progress: 0, note: message });
      } catch {
        // The catalog still says how far it was; it is shown as it is.
        keep(run.job);
      }
      if (!(await pause(retryMs * 4 ** (tries - 1), run.stopping.signal))) return outcome;
    }
  };

  /** What one extract throws ends this extract. Taken up again by a store that it had ended, it would end that one too. */
  const workOnce = async (run: Running): Promise<Outcome> => {
    try {
      return await work(run);
    } catch (error) {
      context.warehouse.log.error({ err: error, jobId: run.job.jobId }, `extract failed: ${reasonOf(error)}`);
      return fail('extract.failed', `the extract of ${run.job.coin} failed: ${reasonOf(error)}`, { retry: true });
    }
  };

  const work = async (run: Running): Promise<Outcome> => {
    const { input } = run;
    const { signal } = run.stopping;
    const window: Window = { fromUs: input.atUs - input.beforeUs, toUs: input.atUs + input.afterUs };
    const outDir = await openOutDir(context.archive.dataDir, input.outDir);
    if (!outDir.ok) return outDir;
    const notes: string[] = [];

    if (!(await passed(run, window, notes))) return fail('extract.cancelled', 'cancelled while waiting');
    const streams = streamsOfCoin(context.archive, context.settings, input.coin, window);
    if (await isRecording()) {
      const untilUs = Math.min(window.toUs, context.nowUs());
      const left = await pages.cover(streams.recorded, untilUs, repairMs, signal, (n) =>
        update(run, {
          state: 'repairing',
          progress: 0.03,
          note: `${n} streams are compared with the venue's newest trades`,
        }),
      );
      if (left > 0)
        notes.push(`${left} streams could not be compared with the venue's newest trades in ${repairMs / 1000} s`);
    }
    if (signal.aborted) return fail('extract.cancelled', 'cancelled while streams were compared');
    const open = streams.recorded.flatMap(({ venue, market, symbol }) =>
      catalog.gaps.list({ venue, market, symbol, ...window, states: ['open', 'repairing'] }).map((gap) => gap.id),
    );
    if (open.length > 0) {
      update(run, {
        state: 'repairing',
        progress: 0.05,
        note: `${open.length === 1 ? '1 open gap inside the window is' : `${open.length} open gaps inside the window are`} being asked for`,
      });
      recover.request(open);
      const left = await recover.settled(open, repairMs, signal);
      if (left.length > 0) {
        notes.push(
          `${left.length} of ${open.length} gaps were still open ${repairMs / 1000} s after they were asked for; a later repair writes a new version`,
        );
      }
    }
    if (signal.aborted) return fail('extract.cancelled', 'cancelled while gaps were asked for');

    const written = await writing.run(async () => {
      update(run, { state: 'writing', progress: 0.1, note: 'reading' });
      const listing =
        input.listingId === undefined ? announcedIn(input.coin, window) : catalog.listings.get(input.listingId);
      return await writeExtract(context.archive, context.settings, {
        coin: input.coin.trim().toUpperCase(),
        atUs: input.atUs,
        window,
        format: input.format,
        language: input.language ?? 'en',
        outDir: outDir.value,
        jobId: run.job.jobId,
        writer: context.writer,
        listing: listing ?? null,
        notes,
        readUntilUs: await knownUntilUs(context),
        unread: context.position().readUntilUs < window.toUs + latenessOf(streams),
        nowUs: context.nowUs(),
        signal,
        progress: (part, note) => update(run, { progress: part, note }),
      });
    });
    if (!written.ok) return written;
    const { folder, manifest } = written.value;
    const rows = manifest.files.reduce((sum, file) => sum + file.rows, 0);
    try {
      catalog.ledger.add({
        atUs: context.nowUs(),
        kind: 'extract',
        note: `${manifest.coin} around ${formatIso(input.atUs)}: ${rows} trades, ${manifest.verdict ?? 'incomplete'}, in ${folder}`,
      });
    } catch (error) {
      // The folder is there and whole, whatever the ledger says.
      context.warehouse.log.error({ err: error, folder }, `extract not in the ledger: ${reasonOf(error)}`);
    }
    const note = `${rows === 1 ? '1 trade' : `${rows} trades`}, ${[...(manifest.reasons ?? [])].join('; ')}`;
    return ok({ folder, manifest, note });
  };

  const isRecording = async (): Promise<boolean> =>
    (await livingWriter(join(context.archive.dataDir, 'journal'))) !== null;

  /** Waits until the window and its lateness have passed, by the clock and by what the store has read. */
  const passed = async (run: Running, window: Window, notes: string[]): Promise<boolean> => {
    const { signal } = run.stopping;
    const lateness = (): Us => latenessOf(streamsOfCoin(context.archive, context.settings, run.input.coin, window));
    let until = window.toUs + lateness();
    while (context.nowUs() < until) {
      const [end, last] = [window.toUs, until].map((us) => inWords(Math.ceil((us - context.nowUs()) / SECOND_US)));
      const waits =
        context.nowUs() < window.toUs ? `the window is over in ${end}` : `late trades are waited for, ${last} more`;
      update(run, { note: waits });
      if (!(await pause(Math.min(1000, Math.ceil((until - context.nowUs()) / 1000)), signal))) return false;
      until = window.toUs + lateness();
    }
    const since = performance.now();
    while ((await knownUntilUs(context)) < until) {
      const waited = performance.now() - since;
      // While nobody writes the journal nothing more can come; a recorder that is only restarting is back before that.
      const writer = await livingWriter(join(context.archive.dataDir, 'journal'));
      if (waited > (writer === null ? readMs / 6 : readMs)) {
        notes.push(
          writer === null
            ? `nothing is being recorded; the last record is of ${formatIso(context.position().recvUs)}`
            : `the store was still reading the journal of this window after ${Math.round(waited / 1000)} s`,
        );
        return true;
      }
      update(run, { note: 'the store is reading the last frames of the window' });
      if (!(await pause(100, signal))) return false;
    }
    const streams = streamsOfCoin(context.archive, context.settings, run.input.coin, window);
    while (isUnheard(context.archive, streams, window) && performance.now() - since < readMs) {
      if ((await livingWriter(join(context.archive.dataDir, 'journal'))) === null) break;
      update(run, { note: 'a line has been silent since the window: waiting for its sign of life' });
      if (!(await pause(100, signal))) return false;
    }
    return true;
  };

  /** What was announced of the coin inside a window that was asked for by hand; notices before sights in a venue's list, then the earliest. */
  const announcedIn = (coin: string, window: Window): Listing | undefined => {
    const wanted = coin.trim().toUpperCase();
    return catalog.listings
      .list(LISTINGS_LOOKED_AT)
      .filter((one) => one.coin === wanted && one.publishedUs >= window.fromUs && one.publishedUs < window.toUs)
      .toSorted(
        (a, b) => Number(b.source === 'notice') - Number(a.source === 'notice') || a.publishedUs - b.publishedUs,
      )[0];
  };

  const begin = async (
    input: ExtractInput,
    cause: ExtractJob['cause'] = 'asked',
  ): Promise<Result<{ jobId: string }>> => {
    const outDir = await openOutDir(context.archive.dataDir, input.outDir);
    if (!outDir.ok) return outDir;
    if (input.coin.trim() === '') return fail('extract.coin', 'name the coin to extract');
    if (input.beforeUs + input.afterUs === 0)
      return fail('extract.window', 'the window is empty: give seconds before or after');
    // The same window asked for twice while it is being written (by itself and by hand) is one extract, not two versions.
    const same = [...running.values()].find((run) => !run.stopping.signal.aborted && isSame(run.input, input));
    if (same) return ok({ jobId: same.job.jobId });
    const jobId = randomUUID();
    const job: ExtractJob = {
      jobId,
      coin: input.coin.trim().toUpperCase(),
      atUs: input.atUs,
      listingId: input.listingId ?? null,
      state: 'waiting',
      progress: 0,
      note: '',
      folder: null,
      manifest: null,
      cause,
    };
    try {
      launch(job, input, context.nowUs());
    } catch (error) {
      context.warehouse.log.error({ err: error, jobId }, `extract not begun: ${reasonOf(error)}`);
      return fail('extract.failed', `the extract of ${job.coin} failed: ${reasonOf(error)}`, { retry: true });
    }
    return ok({ jobId });
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
    if (!resting.has(jobId)) context.warehouse.note('extract', `${coin}: no new version after a repair: ${why}`);
    resting.set(jobId, performance.now() + againMs);
  };

  const settle = (jobId: string): void => {
    catalog.facts.set(`reissued:${jobId}`, formatIso(context.nowUs()));
    resting.delete(jobId);
    touched.delete(jobId);
    unread.delete(jobId);
    provisional.delete(jobId);
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
    provisional.delete(job.jobId);
    void running.get(begun.value.jobId)?.ended.then((version) => {
      if (version.state === 'failed') rest(job, version.note);
      // One that somebody cancelled is not wanted; one that a stop interrupted goes on at the next start.
      else if (ENDED.has(version.state)) settle(job.jobId);
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
      if (index > 0 && index % SHOWN === 0 && !(await pause(REISSUE_REST_MS, signal))) return;
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
  const reissuing = repeating(REISSUE_MS, async (signal) => {
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
  });

  return {
    start: async () => {
      const outDir = await openOutDir(context.archive.dataDir, undefined);
      if (outDir.ok) await removePartials(outDir.value);
      const newest = catalog.jobs.list(SHOWN);
      const shown = new Set(newest.map(({ job }) => job.jobId));
      const older = catalog.jobs.unended().filter(({ job }) => !shown.has(job.jobId));
      for (const record of [...newest, ...older].toReversed()) {
        const input = extractInputSchema.safeParse(record.input);
        if (ENDED.has(record.job.state) || !input.success) recent.set(record.job.jobId, record.job);
        else takeUp({ ...record.job, state: 'waiting', progress: 0 }, input.data, record.createdUs);
      }
      publish();
      context.warehouse.on('gaps', () => {
        gapsChanged = true;
      });
      await reissuing.start();
    },
    stop: async () => {
      draining = true;
      await reissuing.stop();
      const left = [...running.values()];
      for (const run of left) run.stopping.abort();
      await Promise.all(left.map((run) => run.ended));
    },
    begin,
    wait: async (jobId, signal) => {
      const run = running.get(jobId);
      if (run) {
        const gone = new Promise<null>((resolve) =>
          signal.addEventListener('abort', () => resolve(null), { once: true }),
        );
        const job = await Promise.race([run.ended, gone]);
        return job
          ? ok(job)
          : fail('request.cancelled', 'nobody waits for this extract any more; the job itself runs on');
      }
      const job = recent.get(jobId) ?? catalog.jobs.get(jobId)?.job;
      return job ? ok(job) : fail('extract.unknown-job', `there is no extract ${jobId}`);
    },
    cancel: (jobId) => {
      const run = running.get(jobId);
      if (run) {
        run.stopping.abort();
        return ok({});
      }
      return catalog.jobs.get(jobId) ? ok({}) : fail('extract.unknown-job', `there is no extract ${jobId}`);
    },
    get: (jobId) => running.get(jobId)?.job ?? recent.get(jobId) ?? catalog.jobs.get(jobId)?.job,
    ofListing: (listingId) => {
      const live = [...running.values()].find((run) => run.job.listingId === listingId);
      return live?.job ?? catalog.jobs.ofListing(listingId)?.job;
    },
  };
}
