// The extract job: waits until a window has passed and was read, asks for the gaps inside it, writes it, and writes it anew when a gap was filled later.
// Promises: a job that was asked for ends as done, failed or cancelled, also across restarts; a done one is never silently incomplete.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Failure, fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { formatIso, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { RequestParsed } from '../../../src-shared/contract/index.ts';
import { type ExtractJob, extractInputSchema } from '../../../src-shared/contract/listings.ts';
import type { Listing } from '../../../src-shared/market/listing.ts';
import { livingWriter } from '../../journal/lock.ts';
import { isUnheard, latenessOf, streamsOfCoin } from '../warehouse/coin.ts';
import { openLock } from '../warehouse/lock.ts';
import { openReissues } from './extract-again.ts';
import { openOutDir, removePartials, writeExtract } from './extract-files.ts';
import { type Job, type JobContext, knownUntilUs, pause } from './job.ts';
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
const LISTINGS_LOOKED_AT = 1000;
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
    reissues.done(run.job);
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

  const reissues = openReissues(context, {
    begin,
    endOf: (jobId) => running.get(jobId)?.ended,
    isSame,
    againMs,
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
      await reissues.start();
    },
    stop: async () => {
      draining = true;
      await reissues.stop();
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
