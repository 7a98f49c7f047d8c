// The journal's only writer. append() copies a record into memory and returns; a loop writes what has gathered, syncs it
// within syncMs, publishes how far it is durable, and rolls segments, all off the event loop.
// Records stay in memory until they are synced: after any disk error the same bytes are written again at the same place.
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, Result } from '../../src-shared/base/result.ts';
import { fail, ok, reasonOf } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Log } from '../base/log.ts';
import { Backlog } from './backlog.ts';
import type { ControlRecord, JournalLine } from './control.ts';
import { DelayWindow } from './delay.ts';
import { JournalDisk } from './disk.ts';
import type { Durable } from './durable.ts';
import type { JournalOptions, JournalStats, JournalWriter } from './journal.ts';
import { LINES_NAME, LineRegister, readLines } from './lines.ts';
import { lockWriter, type WriterLock } from './lock.ts';
import { type Recovery, recover } from './recover.ts';
import { SEGMENT_HEADER } from './segment.ts';

export type { JournalOptions, JournalStats, JournalWriter } from './journal.ts';

const MB = 1024 ** 2;
/** Pause between writes, so that a busy socket does not cost a system call per message. */
const WRITE_EVERY_MS = 2;
/** This much waiting is written without a pause. */
const WRITE_AT_BYTES = 256 * 1024;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 1000;
/** How long close() insists on a disk that does not take the rest. */
const CLOSE_MS = 5000;

/**
 * Opens the journal for writing: takes the lock, validates the tail, cuts what is torn, begins a new segment with a
 * `start` record and syncs it. Fails with journal.locked, or journal.open-failed (retry) when the disk refuses.
 */
export async function openJournal(dir: string, options: JournalOptions = {}): Promise<Result<JournalWriter>> {
  let lock: WriterLock | null = null;
  try {
    await mkdir(dir, { recursive: true });
    const locked = await lockWriter(dir);
    if (!locked.ok) return locked;
    lock = locked.value;
    const list = await readLines(join(dir, LINES_NAME));
    const recovered = await recover(dir);
    const salt = randomInt(1, 0xffff_ffff);
    const disk = await JournalDisk.open(dir, options.log, salt);
    const register = new LineRegister(join(dir, LINES_NAME), list);
    const writer = new Writer(dir, options, lock, recovered.durable, recovered, disk, salt, register);
    const note = [
      recovered.damaged > 0 ? `${recovered.damaged} unreadable bytes left in the last segment` : '',
      list.unreadable > 0 ? `${list.unreadable} unreadable rows in ${LINES_NAME}` : '',
    ];
    const { cutBytes, clean } = recovered;
    const name = options.process ?? 'collector';
    writer.control(0, { type: 'start', process: name, cutBytes, clean, note: note.filter(Boolean).join('; ') });
    const first = await writer.flush();
    if (!first.ok) {
      await writer.abandon();
      return fail('journal.open-failed', first.failure.message, { retry: true });
    }
    options.log?.info({ journal: dir, ...writer.recovery }, 'journal open');
    return ok(writer);
  } catch (error) {
    const failure = fail('journal.open-failed', `${dir}: ${reasonOf(error)}`, { retry: true });
    if (lock) await giveBack(lock, options.log);
    return failure;
  }
}

/** The folder may refuse this too (read-only): a lock left behind names a process that is seen to be gone. */
async function giveBack(lock: WriterLock, log: Log | undefined): Promise<void> {
  try {
    await lock.release();
  } catch (error) {
    log?.warn({ error: reasonOf(error) }, 'lock not removed');
  }
}

function systemUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

class Writer implements JournalWriter {
  readonly recovery: Recovery;
  readonly #dir: string;
  readonly #log: Log | undefined;
  readonly #segmentBytes: number;
  readonly #segmentMs: number;
  readonly #syncMs: number;
  readonly #lock: WriterLock;
  readonly #register: LineRegister;
  readonly #disk: JournalDisk;
  readonly #backlog: Backlog;
  readonly #delay = new DelayWindow();
  readonly #nowUs: () => number;
  readonly #bytesBefore: number;

  #durable: Durable;
  #syncedBytes = 0;
  #syncing: Promise<void> | null = null;
  #syncError: unknown = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #loop: Promise<void> | null = null;
  #wakeTimer: object | null = null;
  #lastWriteMs = 0;
  #waiters: { frame: number; done: (result: Result<void>) => void }[] = [];
  #trouble: Failure | null = null;
  #retryMs = RETRY_FIRST_MS;
  #listeners: ((failure: Failure | null) => void)[] = [];
  #closing = false;
  #reopen = false;
  #writes = 0;
  #syncs = 0;

  constructor(
    dir: string,
    options: JournalOptions,
    lock: WriterLock,
    durable: Durable,
    recovery: Recovery,
    disk: JournalDisk,
    salt: number,
    register: LineRegister,
  ) {
    this.#dir = dir;
    this.#log = options.log;
    this.#segmentBytes = options.segmentBytes ?? 64 * MB;
    this.#segmentMs = options.segmentMs ?? 600_000;
    this.#syncMs = options.syncMs ?? 5;
    this.#lock = lock;
    this.#nowUs = options.nowUs ?? systemUs;
    this.#durable = durable;
    this.#bytesBefore = durable.bytes;
    const { lastFrame, cutBytes, damaged, clean } = recovery;
    this.recovery = { lastFrame, cutBytes, damaged, clean };
    this.#disk = disk;
    this.#register = register;
    this.#backlog = new Backlog(options.memoryBytes ?? 64 * MB, lastFrame, salt);
  }

  append(
    lineNo: number,
    kind: RecordKind,
    origin: Origin,
    recvUs: number,
    monoUs: number,
    payload: Uint8Array,
  ): number {
    const frame = this.#backlog.append(lineNo, kind, origin, recvUs, monoUs, payload);
    if (frame > 0 && this.#wakeTimer === null && this.#loop === null) this.#schedule();
    return frame;
  }

  control(lineNo: number, record: ControlRecord, recvUs = this.#nowUs()): number {
    const payload = Buffer.from(JSON.stringify(record), 'utf8');
    return this.append(lineNo, RecordKind.control, Origin.live, recvUs, Math.floor(performance.now() * 1000), payload);
  }

  refuse(): void {
    this.#backlog.refused += 1;
  }

  line(key: Omit<JournalLine, 'no'>): number {
    return this.#register.number(key);
  }

  /** Every line that ever had a number in this data folder. */
  get lines(): readonly JournalLine[] {
    return this.#register.lines;
  }

  flush(): Promise<Result<void>> {
    if (this.#durable.frame >= this.#backlog.headFrame && !this.#register.dirty) return Promise.resolve(ok(undefined));
    if (this.#trouble) return Promise.resolve({ ok: false, failure: this.#trouble });
    return new Promise((done) => {
      this.#waiters.push({ frame: this.#backlog.headFrame, done });
      if (this.#loop === null) this.#begin();
      else if (!this.#syncing) this.#startSync();
    });
  }

  stats(): JournalStats {
    return {
      headFrame: this.#backlog.headFrame,
      durableFrame: this.#durable.frame,
      bytes: this.#durable.bytes,
      bufferedBytes: this.#backlog.waitingBytes,
      bufferLimitBytes: this.#backlog.limitBytes,
      refused: this.#backlog.refused,
      delayMs: this.#delay.summary(performance.now()),
      trouble: this.#trouble,
      writes: this.#writes,
      syncs: this.#syncs,
    };
  }

  get hasRoom(): boolean {
    return this.#backlog.roomBytes * 10 >= this.#backlog.limitBytes;
  }

  get isStrained(): boolean {
    return this.#backlog.isStrained;
  }

  onTrouble(listener: (failure: Failure | null) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    const until = performance.now() + CLOSE_MS;
    for (;;) {
      const result = await this.flush();
      if (result.ok) break;
      if (performance.now() > until) {
        this.#log?.error({ failure: result.failure }, 'journal closed with records that the disk did not take');
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_FIRST_MS));
    }
    await this.#stop();
    try {
      if (!this.#trouble) await this.#publish({ ...this.#durable, closed: true });
      await this.#disk.syncSidecar();
    } catch (error) {
      // Everything is synced; the next start only takes it for a crash.
      this.#log?.warn({ error: reasonOf(error) }, 'journal not marked as closed');
    }
    await this.abandon();
  }

  /** Gives files and lock back without writing anything more. */
  async abandon(): Promise<void> {
    await this.#stop();
    await this.#disk.close();
    await giveBack(this.#lock, this.#log);
  }

  async #stop(): Promise<void> {
    this.#closing = true;
    await this.#loop;
    while (this.#syncing) await this.#syncing;
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
  }

  /** Called in the hot path when the loop sleeps. */
  #schedule(): void {
    if (this.#closing) return;
    const wait = WRITE_EVERY_MS - (performance.now() - this.#lastWriteMs);
    const begin = (): void => this.#begin();
    this.#wakeTimer = wait <= 0 ? setImmediate(begin) : setTimeout(begin, wait);
  }

  #begin(): void {
    this.#wakeTimer = null;
    if (this.#loop || this.#closing) return;
    this.#loop = this.#run().finally(() => {
      this.#loop = null;
      if (!this.#closing && (this.#backlog.unwrittenBytes > 0 || this.#syncError)) this.#schedule();
    });
  }

  /** Writes until nothing waits that is worth a write of its own. */
  async #run(): Promise<void> {
    for (;;) {
      try {
        if (this.#syncError) await this.#syncsDone();
        if (this.#reopen) await this.#disk.reopen();
        this.#reopen = false;
        if (this.#rollDue()) await this.#roll();
        // Last before the write, and until nothing is left: lines are named also while the register is being written.
        while (this.#register.dirty) await this.#register.save();
        if (this.#backlog.unwrittenBytes > 0) await this.#write();
        if (this.#trouble && this.#backlog.waitingBytes > 0) await this.#syncNow();
        this.#settled();
      } catch (error) {
        await this.#troubled(error);
        if (this.#closing) return;
        continue;
      }
      if (this.#waiters.length > 0 && !this.#syncing) this.#startSync();
      if (this.#closing || this.#backlog.unwrittenBytes < WRITE_AT_BYTES) return;
    }
  }

  #rollDue(): boolean {
    const { segment } = this.#disk;
    if (!segment) return this.#backlog.unwrittenBytes > 0;
    const used = this.#backlog.written - segment.base;
    if (used === 0 || this.#backlog.unwrittenBytes === 0) return false;
    return used + SEGMENT_HEADER >= this.#segmentBytes || performance.now() - segment.openedMs > this.#segmentMs;
  }

  async #roll(): Promise<void> {
    if (this.#disk.segment) await this.#syncNow();
    await this.#disk.roll(this.#backlog.writtenFrame + 1, this.#backlog.written, this.#nowUs());
  }

  async #write(): Promise<void> {
    const part = this.#backlog.gather();
    this.#lastWriteMs = performance.now();
    await this.#disk.write(part.buffers, part.from);
    this.#backlog.wrote(part);
    this.#writes += 1;
    this.#planSync();
  }

  #planSync(): void {
    if (this.#syncing || this.#syncTimer || this.#syncError || this.#closing) return;
    const age = performance.now() - this.#backlog.oldestMs;
    const wait = this.#syncMs - age;
    if (wait <= 0) this.#startSync();
    else this.#syncTimer = setTimeout(() => this.#startSync(), wait);
  }

  #startSync(insist = false): void {
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    // After a failed sync a later one proves nothing about the same bytes: they are written again first.
    if (this.#syncError || this.#syncing || (this.#trouble && !insist)) return;
    if (this.#backlog.written === this.#syncedBytes) return;
    this.#syncing = this.#sync()
      .catch((error: unknown) => {
        this.#syncError = error ?? new Error('sync failed');
        if (this.#loop === null && this.#wakeTimer === null) this.#schedule();
      })
      .finally(() => {
        this.#syncing = null;
        if (!this.#syncError && this.#backlog.written > this.#syncedBytes) {
          if (this.#waiters.length > 0) this.#startSync();
          else this.#planSync();
        }
      });
  }

  /** Waits until no sync runs, and passes on what one may have failed with. Only within the loop, so no write begins meanwhile. */
  async #syncsDone(): Promise<void> {
    while (this.#syncing) await this.#syncing;
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    if (this.#syncError) {
      const error = this.#syncError;
      this.#syncError = null;
      throw error;
    }
  }

  /** Syncs all that is written, in line with the loop. */
  async #syncNow(): Promise<void> {
    await this.#syncsDone();
    this.#startSync(true);
    await this.#syncsDone();
  }

  async #sync(): Promise<void> {
    const { segment } = this.#disk;
    if (!segment) return;
    const mark = this.#backlog.mark();
    await segment.handle.datasync();
    this.#syncs += 1;
    await this.#publish({
      segment: segment.first,
      offset: SEGMENT_HEADER + mark.count - segment.base,
      frame: mark.frame,
      bytes: this.#bytesBefore + mark.count,
      closed: false,
    });
    this.#syncedBytes = mark.count;
    this.#delay.add(performance.now(), mark.oldestMs, mark.newestMs, mark.records);
    this.#backlog.release(mark.count);
    this.#answer(mark.frame);
  }

  async #publish(durable: Durable): Promise<void> {
    await this.#disk.publish(durable, this.#nowUs());
    this.#durable = durable;
  }

  #answer(frame: number): void {
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter((waiter) => waiter.frame <= frame);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.frame > frame);
    for (const waiter of due) waiter.done(ok(undefined));
  }

  #settled(): void {
    if (this.#register.dirty === false && this.#durable.frame >= this.#backlog.headFrame) {
      this.#answer(Number.MAX_SAFE_INTEGER);
    }
    if (!this.#trouble) return;
    this.#trouble = null;
    this.#retryMs = RETRY_FIRST_MS;
    this.#log?.info('journal writes again');
    for (const listener of this.#listeners) listener(null);
  }

  /** Goes back to the last synced byte, says so, and waits before the next attempt. */
  async #troubled(error: unknown): Promise<void> {
    while (this.#syncing) await this.#syncing;
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    this.#syncError = null;
    this.#reopen = true;
    this.#backlog.rewind(this.#syncedBytes, this.#durable.frame);
    const { code } = error as NodeJS.ErrnoException;
    const name = code === 'ENOSPC' || code === 'EDQUOT' ? 'journal.disk-full' : 'journal.write-failed';
    const failure: Failure = { code: name, message: `${this.#dir}: ${reasonOf(error)}`, retry: true };
    const isNew = this.#trouble?.message !== failure.message;
    this.#trouble = failure;
    if (isNew) {
      this.#log?.error({ failure }, 'journal cannot write');
      for (const listener of this.#listeners) listener(failure);
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.done({ ok: false, failure });
    if (this.#closing) return;
    await new Promise((resolve) => setTimeout(resolve, this.#retryMs));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }
}
