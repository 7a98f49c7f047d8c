// The one loop from journal to warehouse: reads what is durable, decodes into one set of columns while the other is being committed.
// Promises: at most two batches in memory; a commit that the disk refuses is tried again with the same batch; nothing is skipped.
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../src-shared/base/result.ts';
import { HOUR_US, type Us } from '../../src-shared/base/time.ts';
import { RecordKind } from '../../src-shared/market/frame.ts';
import type { JournalBatch, JournalReader } from '../journal/reader.ts';
import { applyControl, parseControl } from './control-records.ts';
import { storeFacts } from './facts.ts';
import { LineLife } from './line-life.ts';
import { TickColumns } from './pipeline/columns.ts';
import type { Outcome } from './pipeline/outcome.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import type { LineLogFact } from './warehouse/catalog/line-log.ts';
import type { Committed, Committer, JournalPosition } from './warehouse/commit.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

export interface IntakeOptions {
  /** Records of one batch, about. */
  readonly batchFrames?: number;
  /** A batch is committed when it is this old, or half of it when nothing more waits. */
  readonly batchMs?: number;
  /** Bytes read from the journal at a time: as long as the process decodes without a pause. */
  readonly readBytes?: number;
  readonly nowUs: () => Us;
}

export interface Delay {
  readonly atMs: number;
  readonly newest: number;
  readonly oldest: number;
}

/** What the meter needs to know. */
export interface IntakeStatus {
  readonly committed: Committed;
  /** Receive time of the oldest record that was read and is not committed; null: none. */
  readonly oldestWaitingUs: Us | null;
  /** Nothing durable was left to read at the last look. */
  readonly caughtUp: boolean;
  readonly ticksByVenue: Outcome['ticksByVenue'];
  /** Receive to queryable of the last commits, ms: of the newest and of the oldest record of each. */
  readonly delaysMs: readonly Delay[];
  /** Durable to queryable of the same. */
  readonly storingMs: readonly Delay[];
  /** Why commits fail at the moment; null: they do not. */
  readonly trouble: string | null;
}

/** Every so many commits the whole state is written and older states are dropped. */
const FULL_EVERY = 256;
const IDLE_MS = 5;
/** With no record for this long, gaps within their grace are told. */
const QUIET_MS = 1000;
const RETRY_MS = 1000;
const DELAYS_KEPT_MS = 5000;
const SYNCS_KEPT = 2048;

export class Intake {
  readonly #warehouse: Warehouse;
  readonly #reader: JournalReader;
  readonly #pipeline: Pipeline;
  readonly #committer: Committer;
  readonly #options: Required<IntakeOptions>;
  #spare: TickColumns[] = [new TickColumns(), new TickColumns()];
  #position: JournalPosition | null;
  #begunMs = 0;
  #begunUs: Us | null = null;
  #committingUs: Us | null = null;
  #committing: Promise<void> | null = null;
  #failed: unknown;
  #stopping = false;
  #caughtUp = false;
  #lastRecordMs = performance.now();
  #commits = 0;
  #ticksByVenue: Outcome['ticksByVenue'] = {};
  #delays: Delay[] = [];
  #storing: Delay[] = [];
  /** Syncs of the journal that were seen, oldest first. */
  #syncs: { readonly frame: number; readonly atUs: Us }[] = [];
  #begunFrame = 0;
  #trouble: string | null = null;
  /** The disk refused a commit that nobody tries again, for the store leaves. */
  #leftBehind = false;
  readonly #life = new LineLife();

  constructor(
    parts: { warehouse: Warehouse; reader: JournalReader; pipeline: Pipeline; committer: Committer },
    options: IntakeOptions,
  ) {
    this.#warehouse = parts.warehouse;
    this.#reader = parts.reader;
    this.#pipeline = parts.pipeline;
    this.#committer = parts.committer;
    this.#position = parts.committer.last.position;
    this.#options = { batchFrames: 122_880, batchMs: 200, readBytes: 2 * 1024 ** 2, ...options };
  }

  get status(): IntakeStatus {
    return {
      committed: this.#committer.last,
      oldestWaitingUs: this.#committingUs ?? this.#begunUs,
      caughtUp: this.#caughtUp,
      ticksByVenue: this.#ticksByVenue,
      delaysMs: this.#delays,
      storingMs: this.#storing,
      trouble: this.#trouble,
    };
  }

  /**
   * Runs until stop(); then what was read is committed, unless the disk refuses it: the next start reads it from the journal again. Throws
   * what cannot be mended by trying again.
   */
  async run(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      if (!this.#leftBehind) throw error;
      this.#warehouse.log.error({ reason: reasonOf(error) }, 'left before all that was read could be committed');
    }
  }

  async #run(): Promise<void> {
    this.#begin();
    while (!this.#stopping) {
      if (this.#failed) throw this.#failed;
      const batch = await this.#reader.read(this.#options.readBytes);
      this.#caughtUp = batch === null;
      if (batch) {
        if (this.#position && batch.count > 0 && batch.start.segment !== this.#position.segment) {
          await this.#finishSegment(batch.start);
        }
        this.#take(batch);
      }
      await this.#step(batch === null);
    }
    await this.#drain();
  }

  stop(): void {
    this.#stopping = true;
  }

  #begin(): void {
    const newest = this.#warehouse.catalog.sealed.hours().at(-1);
    this.#pipeline.sealedBeforeUs = newest === undefined ? 0 : newest + HOUR_US;
    this.#pipeline.begin(this.#spare.pop() ?? new TickColumns());
    this.#begunUs = null;
  }

  async #step(idle: boolean): Promise<void> {
    const { batchFrames, batchMs } = this.#options;
    const { frames } = this.#pipeline;
    const now = performance.now();
    const full = frames >= batchFrames;
    const due = frames > 0 && now - this.#begunMs >= (idle ? batchMs / 2 : batchMs);
    const quiet = idle && this.#pipeline.waitingGaps > 0 && now - this.#lastRecordMs > QUIET_MS;
    if (idle && frames === 0 && !this.#committing) this.#committer.allRead();
    if (this.#committing && full) await this.#committing;
    if (!this.#committing && (full || due || quiet)) this.#flush({ all: quiet, segmentStart: null });
    else if (idle) await sleep(IDLE_MS);
  }

  #take(batch: JournalBatch): void {
    const pipeline = this.#pipeline;
    const { lines } = this.#reader;
    const { bytes, kind, lineNo, origin, recvUs, frame, payloadOffset, payloadLength } = batch;
    const now = performance.now();
    if (pipeline.frames === 0) this.#begunMs = now;
    this.#lastRecordMs = now;
    const synced = this.#reader.synced();
    if (synced && synced.frame !== this.#syncs.at(-1)?.frame) this.#syncs.push(synced);
    if (this.#syncs.length > SYNCS_KEPT) this.#syncs.splice(0, SYNCS_KEPT / 2);
    if (pipeline.frames === 0) this.#begunFrame = frame[0] ?? 0;
    let nextDamage = 0;
    for (let at = 0; at <= batch.count; at += 1) {
      for (let damage = batch.damage[nextDamage]; damage && damage.index <= at; damage = batch.damage[nextDamage]) {
        nextDamage += 1;
        pipeline.damaged(damage.frames, damage.reason, damage.bytes);
        const where = `segment ${damage.segment} offset ${damage.offset}`;
        this.#warehouse.note('journal-damage', `journal ${where}: ${damage.reason}`, `journal-damage ${where}`);
      }
      if (at === batch.count) break;
      const no = lineNo[at] as number;
      const start = payloadOffset[at] as number;
      const end = start + (payloadLength[at] as number);
      const number = frame[at] as number;
      const us = recvUs[at] as number;
      if (kind[at] === RecordKind.data) {
        pipeline.data(lines.get(no), no, origin[at] as number, number, us, bytes, start, end);
        continue;
      }
      const record = parseControl(bytes.subarray(start, end));
      if (typeof record === 'string') {
        pipeline.refuse(number, us, no, record, bytes, start, end);
        continue;
      }
      pipeline.control(number, us);
      this.#life.saw(record, lines.get(no), lines, us, number);
      applyControl(record, lines.get(no), { recvUs: us, frame: number }, pipeline.lines);
    }
    if (batch.count > 0) this.#begunUs ??= recvUs[0] as number;
    this.#position = batch.end;
  }

  /** The store stands at the start of a segment: its whole state is kept, so that the hot hours can be rebuilt from here. */
  async #finishSegment(start: JournalPosition): Promise<void> {
    if (this.#committing) await this.#committing;
    if (this.#failed) throw this.#failed;
    this.#position = start;
    this.#flush({ all: false, segmentStart: start });
  }

  #flush(what: { all: boolean; segmentStart: JournalPosition | null }): void {
    const position = this.#position;
    if (!position) return;
    this.#commits += 1;
    const compact = this.#commits % FULL_EVERY === 0;
    const full = compact || what.segmentStart !== null;
    const outcome = this.#pipeline.end({ all: what.all, full });
    this.#committingUs = this.#begunUs;
    const span = { first: this.#begunFrame, last: position.frame };
    this.#begin();
    this.#committing = this.#commit(outcome, this.#life.take(), span, {
      position,
      full,
      segmentStart: what.segmentStart !== null,
      renumbered: (state) => this.#pipeline.renumbered(state),
    })
      .then(async () => {
        if (compact) await this.#committer.markHotStart();
      })
      .catch((error: unknown) => {
        this.#failed = error;
      })
      .finally(() => {
        this.#committing = null;
        this.#committingUs = null;
      });
  }

  async #commit(
    outcome: Outcome,
    life: readonly LineLogFact[],
    span: { readonly first: number; readonly last: number },
    options: Parameters<Committer['commit']>[1],
  ): Promise<void> {
    for (;;) {
      try {
        storeFacts(this.#warehouse, outcome);
        if (life.length > 0) this.#warehouse.catalog.lineLog.put(life);
        await this.#committer.commit(outcome, options);
        break;
      } catch (error) {
        const reason = reasonOf(error);
        // After an error inside its own files DuckDB refuses everything until it is opened anew: a new process does that.
        if (
          !/space|disk|read-?only|SQLITE_FULL|SQLITE_IOERR|ENOSPC|EACCES|EROFS/i.test(reason) ||
          /invalidated/i.test(reason)
        ) {
          throw error;
        }
        if (this.#trouble !== reason) this.#warehouse.log.error({ reason }, 'commit refused');
        this.#trouble = reason;
        this.#leftBehind = this.#stopping;
        if (this.#stopping) throw error;
        await sleep(RETRY_MS);
      }
    }
    this.#trouble = null;
    this.#ticksByVenue = outcome.ticksByVenue;
    const atMs = performance.now();
    if (outcome.counts.frames > 0) {
      const nowUs = this.#options.nowUs();
      this.#delays = this.#delays.filter((delay) => atMs - delay.atMs < DELAYS_KEPT_MS);
      this.#delays.push({
        atMs,
        newest: (nowUs - outcome.lastRecvUs) / 1000,
        oldest: (nowUs - outcome.firstRecvUs) / 1000,
      });
      this.#tellStoring(atMs, nowUs, span);
    }
    this.#spare.push(outcome.columns);
    this.#warehouse.emit('committed', { frame: options.position.frame });
    if (outcome.gaps.length > 0 || outcome.settled.length > 0) this.#warehouse.emit('gaps', undefined);
  }

  #tellStoring(atMs: number, nowUs: Us, span: { readonly first: number; readonly last: number }): void {
    const since = (frame: number): number | null => {
      const sync = this.#syncs.find((one) => one.frame >= frame);
      return sync ? Math.max(0, nowUs - sync.atUs) / 1000 : null;
    };
    const newest = since(span.last);
    const oldest = since(span.first);
    const done = this.#syncs.findIndex((one) => one.frame >= span.last);
    if (done > 0) this.#syncs.splice(0, done);
    if (newest === null || oldest === null) return;
    this.#storing = this.#storing.filter((delay) => atMs - delay.atMs < DELAYS_KEPT_MS);
    this.#storing.push({ atMs, newest, oldest });
  }

  async #drain(): Promise<void> {
    if (this.#committing) await this.#committing;
    if (this.#failed) throw this.#failed;
    this.#flush({ all: true, segmentStart: null });
    if (this.#committing) await this.#committing;
    if (this.#failed) throw this.#failed;
  }
}
