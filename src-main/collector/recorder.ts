// The recorder: every line of the plan on one journal. Halts in the open when the disk does not take what comes, goes on by
// itself when it does, notices when the computer slept, and says four times a second how it is.
import { join } from 'node:path';
import type { Failure, Result } from '../../src-shared/base/result.ts';
import { fail, reasonOf } from '../../src-shared/base/result.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import type { Settings } from '../../src-shared/contract/settings.ts';
import { diskSpace } from '../base/files.ts';
import type { Log } from '../base/log.ts';
import { rssBytes } from '../base/resident.ts';
import type { Candle } from '../feeds/feed.ts';
import { feedOf, noticeFeedOf } from '../feeds/index.ts';
import type { JournalWriter } from '../journal/writer.ts';
import { askCandles, type CandleInput } from './candles.ts';
import type { WallClock } from './clock.ts';
import { Spares, Spread } from './gates.ts';
import { renewByHand, startByHand, stopByHand } from './hand.ts';
import { HeldHistory } from './held-history.ts';
import type { Line } from './line.ts';
import { LoopDelay } from './loop-delay.ts';
import { RecordedMarket } from './market.ts';
import { NoticeLine } from './notices.ts';
import { type MarketPlan, planMarkets, spareConnections, spareKey, untouched } from './plan.ts';
import { type Backfilled, type BackfillInput, backfill, notRecording } from './recovery.ts';

export interface RecorderOptions {
  readonly dataDir: string;
  readonly settings: Settings;
  readonly journal: JournalWriter;
  /** The one that the journal's control records use. */
  readonly clock: WallClock;
  readonly log: Log;
  /** Entry of the thread that reads long symbol lists; null: read in place. */
  readonly worker: URL | null;
}

type HaltCause = 'disk' | 'journal' | 'store' | 'asked';

const TICK_MS = 250;
const DISK_MS = 1000;
/** Room must come back to this share above the limit before recording goes on, so that it does not flap. */
const RESUME_SHARE = 1.05;

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #journal: JournalWriter;
  readonly #clock: WallClock;
  readonly #loopDelay = new LoopDelay();
  readonly #spread = new Spread();
  #settings: Settings;
  #markets: RecordedMarket[];
  #notices: NoticeLine[];
  readonly #halts = new Map<HaltCause, string>();
  readonly #stop = new AbortController();
  #strange: string[];
  #haltedUs = 0;
  #trouble: Failure | null = null;
  #tick: NodeJS.Timeout | null = null;
  #disk: NodeJS.Timeout | null = null;
  #diskBusy = false;
  #diskNote: string | null = null;
  readonly #held = new HeldHistory();
  #asleepUs: number | null = null;
  #rates = { atMs: performance.now(), frames: 0, bytes: 0, perSecond: 0, bytesPerSecond: 0 };

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#settings = options.settings;
    const { markets, unknown } = planMarkets(options.settings, feedOf);
    this.#strange = unknown;
    if (unknown.length > 0) options.log.warn({ unknown }, `no feed yet for ${unknown.join(', ')}`);
    this.#markets = this.#open(markets);
    this.#notices = this.#openNotices(options.settings);
  }

  start(): void {
    this.#journal.onTrouble((failure) => this.#onTrouble(failure));
    this.#retire();
    for (const market of this.#markets) market.start();
    for (const notices of this.#notices) notices.start();
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    this.#disk = setInterval(() => void this.#checkDisk(), DISK_MS);
    void this.#checkDisk();
  }

  get lines(): Line[] {
    return this.#markets.flatMap((market) => market.lines);
  }

  meter(): CollectorMeter {
    const stats = this.#journal.stats();
    const rates = this.#rate();
    const lines = this.#markets.flatMap((market) =>
      market.lines.map((line) => {
        const state = line.state();
        return { ...state, note: state.note ?? market.note };
      }),
    );
    const halt = this.#haltReason();
    return {
      atUs: this.#clock.nowUs(),
      recording: halt === null,
      halt,
      headFrame: stats.headFrame,
      durableFrame: stats.durableFrame,
      journalBytes: stats.bytes,
      bufferedBytes: stats.bufferedBytes,
      bufferLimitBytes: stats.bufferLimitBytes,
      lostFrames: stats.refused,
      durableDelayMs: stats.delayMs,
      loopDelayMs: this.#loopDelay.summary(),
      framesPerSecond: rates.perSecond,
      bytesPerSecond: rates.bytesPerSecond,
      rssBytes: rssBytes(),
      lines: [...lines, ...this.#notices.map((notices) => notices.state())],
      refusals: this.#markets.flatMap((market) => market.refusals(this.#clock.nowUs())),
    };
  }

  async backfill(input: BackfillInput, signal: AbortSignal): Promise<Result<Backfilled>> {
    const market = this.#markets.find(({ plan }) => plan.venue === input.venue && plan.market === input.market);
    if (!market) return fail('recording.not-recorded', `${input.venue}:${input.market} is not in the settings`);
    const halt = this.#haltReason();
    if (halt !== null) return { ok: false, failure: notRecording(halt) };
    const both = AbortSignal.any([signal, this.#stop.signal]);
    return backfill(market, input, {
      journal: this.#journal,
      clock: this.#clock,
      held: this.#held,
      halted: () => this.#haltReason(),
      signal: both,
    });
  }

  async candles(
    input: CandleInput & { readonly venue: string; readonly market: string },
    signal: AbortSignal,
  ): Promise<Result<{ candles: Candle[] }>> {
    const market = this.#markets.find(({ plan }) => plan.venue === input.venue && plan.market === input.market);
    if (!market) return fail('recording.not-recorded', `${input.venue}:${input.market} is not in the settings`);
    return askCandles(market, input, AbortSignal.any([signal, this.#stop.signal]));
  }

  renewLine(id: string): Result<{ waits: boolean }> {
    return renewByHand(this.#marketOf(id), id);
  }

  stopLine(id: string, evenIfLast: boolean): Result<Record<string, never>> {
    const stopped = stopByHand(this.#marketOf(id), id, evenIfLast);
    if (stopped.ok) this.#options.log.warn({ line: id }, `line ${id} was stopped by hand`);
    return stopped;
  }

  startLine(id: string): Result<Record<string, never>> {
    return startByHand(this.#marketOf(id), id);
  }

  /** The lines of the market that a line belongs to; none: there is no such line. */
  #marketOf(id: string): readonly Line[] {
    return this.#markets.find(({ lines }) => lines.some((line) => line.id === id))?.lines ?? [];
  }

  power(state: 'suspend' | 'resume'): void {
    if (state === 'suspend') {
      this.#asleepUs = this.#clock.nowUs();
      this.#journal.control(0, { type: 'suspend' }, this.#asleepUs);
      // On disk before the computer sleeps, as far as it lets us.
      void this.#journal.flush();
      return;
    }
    // The clock may have shown it already.
    const slept = this.#clock.check();
    this.#tellSetBack();
    const from = this.#asleepUs ?? slept;
    if (from !== null) this.#woke(from);
  }

  halt(cause: HaltCause, reason: string): void {
    const first = this.#halts.size === 0;
    this.#halts.set(cause, reason);
    if (!first) return;
    this.#haltedUs = this.#clock.nowUs();
    this.#journal.control(0, { type: 'halt', reason }, this.#haltedUs);
    this.#options.log.error({ cause, reason }, `recording halted: ${reason}`);
    for (const market of this.#markets) market.halt(reason);
    for (const notices of this.#notices) notices.halt(reason);
  }

  resume(cause: HaltCause): void {
    if (!this.#halts.delete(cause) || this.#halts.size > 0) return;
    this.#journal.control(0, { type: 'resume', haltedUs: this.#haltedUs });
    this.#options.log.info({ cause }, 'recording goes on');
    for (const market of this.#markets) market.resume();
    for (const notices of this.#notices) notices.resume();
  }

  /**
   * Other settings while it runs: a market whose plan is the same goes on untouched, the others close in the open and begin anew. Gives
   * the names of the markets and notice feeds that were changed.
   */
  async apply(settings: Settings): Promise<string[]> {
    const { markets: plans, unknown } = planMarkets(settings, feedOf);
    const before = this.#settings;
    this.#settings = settings;
    this.#strange = unknown;
    const kept = new Set(
      untouched(
        this.#markets.map(({ plan }) => plan),
        plans,
      ),
    );
    const leaving = this.#markets.filter(({ plan }) => !kept.has(plan));
    this.#markets = this.#markets.filter((market) => !leaving.includes(market));
    await Promise.all(leaving.map((market) => market.close('the settings changed')));
    const names = new Set(this.#markets.map(({ name }) => name));
    const opened = this.#open(plans.filter((plan) => !names.has(`${plan.venue}:${plan.market}`)));
    this.#markets = [...this.#markets, ...opened];
    this.#retire();
    const changed = new Set([...leaving, ...opened].map((market) => market.name));
    const noticesChanged = JSON.stringify(before.notices) !== JSON.stringify(settings.notices);
    if (noticesChanged) {
      await Promise.all(this.#notices.map((notices) => notices.close()));
      this.#notices = this.#openNotices(settings);
      changed.add('notices');
    }
    const halt = this.#halts.values().next().value;
    for (const market of opened) {
      if (halt !== undefined) market.halt(halt);
      market.start();
    }
    if (noticesChanged) {
      for (const notices of this.#notices) {
        if (halt !== undefined) notices.halt(halt);
        else notices.start();
      }
    }
    this.#options.log.info(
      { changed: [...changed] },
      `settings applied: ${[...changed].join(', ') || 'no line changed'}`,
    );
    return [...changed];
  }

  /** Lines closed in the open, everything synced, the journal marked as ended on purpose. */
  async close(reason: string): Promise<void> {
    if (this.#tick) clearInterval(this.#tick);
    if (this.#disk) clearInterval(this.#disk);
    this.#stop.abort();
    await Promise.all([
      ...this.#markets.map((market) => market.close(reason)),
      ...this.#notices.map((notices) => notices.close()),
    ]);
    this.#loopDelay.close();
    this.#journal.control(0, { type: 'stop', reason });
    await this.#journal.close();
  }

  #open(plans: readonly MarketPlan[]): RecordedMarket[] {
    const { journal, log, dataDir, worker } = this.#options;
    const spares = new Map([...spareConnections(plans)].map(([key, count]) => [key, new Spares(count)]));
    return plans.map((plan) => {
      const keptPath = join(dataDir, 'symbols', `${plan.venue}-${plan.market}.json`);
      return new RecordedMarket(plan, {
        journal,
        clock: this.#clock,
        log,
        keptPath,
        worker,
        spread: this.#spread,
        spares: (line) => spares.get(spareKey(plan, line)) ?? null,
      });
    });
  }

  #openNotices(settings: Settings): NoticeLine[] {
    const { journal, log } = this.#options;
    return Object.entries(settings.notices).flatMap(([venue, wanted]) => {
      const feed = noticeFeedOf(venue as keyof Settings['notices']);
      if (!wanted?.enabled || !feed) return [];
      const endpoint = wanted.endpoint ?? feed.defaults.rest;
      const everyMs = wanted.everySeconds * 1000;
      return [new NoticeLine({ feed, endpoint, everyMs, journal, clock: this.#clock, log })];
    });
  }

  /** What an earlier process recorded and the settings no longer ask for is not missing. */
  #retire(): void {
    const names = new Set(this.#markets.map(({ name }) => name));
    for (const { no, venue, market, role, twinOf } of this.#journal.lines) {
      if (role !== 'live' || twinOf !== undefined || names.has(`${venue}:${market}`)) continue;
      this.#journal.control(no, { type: 'wanted', symbols: [] });
    }
  }

  #haltReason(): string | null {
    const [first] = this.#halts.values();
    if (first !== undefined) return first;
    return this.#trouble?.message ?? (this.#markets.length === 0 && this.#strange.length > 0 ? this.#noFeed() : null);
  }

  #noFeed(): string {
    return `no feed yet for ${this.#strange.join(', ')}`;
  }

  #onTick(): void {
    const slept = this.#clock.check();
    this.#tellSetBack();
    // Nothing says that anything was missed; should this be a virtual computer that stood still, a dead connection is found at once.
    if (this.#clock.setForward) this.#renewAll('the clock of this computer was set forward');
    if (slept !== null) {
      if (this.#asleepUs === null) this.#journal.control(0, { type: 'suspend' }, slept);
      this.#woke(this.#asleepUs ?? slept);
    }
    const nowMs = performance.now();
    for (const market of this.#markets) market.tick(nowMs);
    // Short trouble is ridden out in memory; when that fills up the lines close, which a person can see, instead of losing frames.
    if (this.#trouble && !this.#halts.has('journal')) {
      const { bufferedBytes, bufferLimitBytes } = this.#journal.stats();
      if (bufferedBytes > bufferLimitBytes * 0.75) this.halt('journal', this.#trouble.message);
    }
    // A disk may also stand still without an error. Frames are then lost and told, but a close or a loss that cannot be held would leave
    // a line covered for good: as long as it can be said, the lines close.
    if (this.#journal.isStrained) this.halt('journal', 'the journal has no room left, for the disk takes nothing');
    else if (!this.#trouble && this.#halts.has('journal') && this.#journal.hasRoom) this.resume('journal');
  }

  /** Before anything that has the new time. */
  #tellSetBack(): void {
    const fromUs = this.#clock.setBackFromUs;
    if (fromUs === null) return;
    this.#journal.control(0, { type: 'clock-set-back', fromUs });
    this.#options.log.warn({ fromUs }, 'the clock of this computer was set back');
  }

  #onTrouble(failure: Failure | null): void {
    this.#trouble = failure;
    if (failure === null) this.resume('journal');
  }

  #woke(sleptFromUs: number): void {
    this.#asleepUs = null;
    this.#journal.control(0, { type: 'wake', sleptFromUs });
    this.#options.log.warn({ sleptFromUs }, 'the computer slept: every line is renewed');
    this.#renewAll('the computer slept');
  }

  #renewAll(reason: string): void {
    for (const line of this.lines) line.renew(reason, true);
  }

  async #checkDisk(): Promise<void> {
    if (this.#diskBusy) return;
    this.#diskBusy = true;
    try {
      const { freeBytes } = await diskSpace(this.#options.dataDir);
      const { haltBytes } = this.#settings.disk;
      this.#diskNote = null;
      if (freeBytes < haltBytes) {
        const mib = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;
        this.halt('disk', `disk: ${mib(freeBytes)} free, recording needs ${mib(haltBytes)}`);
      } else if (freeBytes >= haltBytes * RESUME_SHARE) this.resume('disk');
    } catch (error) {
      const note = reasonOf(error);
      if (note !== this.#diskNote) this.#options.log.warn({ note }, `free space cannot be read: ${note}`);
      this.#diskNote = note;
    } finally {
      this.#diskBusy = false;
    }
  }

  #rate(): { perSecond: number; bytesPerSecond: number } {
    const nowMs = performance.now();
    const passed = nowMs - this.#rates.atMs;
    if (passed < 900) return this.#rates;
    let frames = 0;
    let bytes = 0;
    for (const line of this.lines) {
      const state = line.state();
      frames += state.frames;
      bytes += state.bytes;
    }
    const per = (now: number, before: number): number => (Math.max(0, now - before) * 1000) / passed;
    this.#rates = {
      atMs: nowMs,
      frames,
      bytes,
      perSecond: per(frames, this.#rates.frames),
      bytesPerSecond: per(bytes, this.#rates.bytes),
    };
    return this.#rates;
  }
}
