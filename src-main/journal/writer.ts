// The journal's only writer. append() copies a record into memory and returns; a loop writes what has gathered, syncs it
// within syncMs, publishes how far it is durable, and rolls segments, all off the event loop.
// Records stay in memory until they are synced: after any disk error the same bytes are written again at the same place.
import { randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, Result } from '../../src-shared/base/result.ts';
import { fail, ok, reasonOf } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { syncDirectory } from '../base/files.ts';
import type { Log } from '../base/log.ts';
import { Backlog } from './backlog.ts';
import type { ControlRecord, JournalLine } from './control.ts';
import { DelayWindow } from './delay.ts';
import { DURABLE_BYTES, DURABLE_NAME, type Durable, encodeDurable } from './durable.ts';
import { LINES_NAME, LineRegister, readLines } from './lines.ts';
import { lockWriter, type WriterLock } from './lock.ts';
import { type Recovery, recover } from './recover.ts';
import { encodeSegmentHeader, SEGMENT_HEADER, segmentName } from './segment.ts';

export interface JournalOptions {
  /** A segment is left when it has grown over this (default 64 MB) ... */
  readonly segmentBytes?: number;
  /** ... or is older than this (default 10 min). */
  readonly segmentMs?: number;
  /** Longest wait from a record's arrival to the start of its sync (default 10 ms). */
  readonly syncMs?: number;
  /** Most bytes of records held that are not yet synced (default 64 MB). */
  readonly memoryBytes?: number;
  readonly log?: Log;
  /** Wall clock of control records, whole µs; give the one that receive times are taken from. */
  readonly nowUs?: () => number;
  /** Written into the `start` record (default "collector"). */
  readonly process?: string;
}

export interface JournalStats {
  readonly headFrame: number;
  readonly durableFrame: number;
  /** Record bytes synced over the life of the data folder. */
  readonly bytes: number;
  readonly bufferedBytes: number;
  readonly bufferLimitBytes: number;
  /** Records refused because the memory was full, since the process began. */
  readonly refused: number;
  /** Receive to durable over the last seconds, ms. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** What keeps records from being written, while it does. */
  readonly trouble: Failure | null;
  readonly writes: number;
  readonly syncs: number;
}

export interface JournalWriter {
  /** Frame number of the record, or -1: it cannot be held (memory full, payload over 48 MB); the caller counts and reports it. */
  append(lineNo: number, kind: RecordKind, origin: Origin, recvUs: number, monoUs: number, payload: Uint8Array): number;
  /** Appends what the recorder says of itself; a reserve above the memory bound is kept for these. recvUs: wall clock, default now. */
  control(lineNo: number, record: ControlRecord, recvUs?: number): number;
  /** The number of a line, the same for the life of the data folder. */
  line(key: Omit<JournalLine, 'no'>): number;
  /** Resolves when all that was appended before the call is synced; fails while the disk does not take it. */
  flush(): Promise<Result<void>>;
  stats(): JournalStats;
  /** At least a tenth of the memory for records is free: a loss is over. */
  readonly hasRoom: boolean;
  /** Called with a failure when records cannot be written, and with null when they can again. */
  onTrouble(listener: (failure: Failure | null) => void): void;
  /** Syncs, marks the journal as closed on purpose, gives the lock back. */
  close(): Promise<void>;
  readonly recovery: Recovery;
}

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
    const sidecar = await openSidecar(join(dir, DURABLE_NAME));
    const register = new LineRegister(join(dir, LINES_NAME), list);
    const writer = new Writer(dir, options, lock, recovered.durable, recovered, sidecar, register);
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
    // The folder may refuse this too (read-only): a lock left behind names a process that is seen to be gone.
    await lock
      ?.release()
      .catch((second: unknown) => options.log?.warn({ error: reasonOf(second) }, 'lock not removed'));
    return failure;
  }
}

async function openSidecar(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return open(path, 'w+');
  }
}

function systemUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

interface Segment {
  readonly first: number;
  readonly handle: FileHandle;
  /** Count of the backlog's stream at the segment's first record byte. */
  readonly base: number;
  readonly openedMs: number;
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
  #sidecar: FileHandle;
  readonly #sidecarBytes = Buffer.alloc(DURABLE_BYTES);
  readonly #backlog: Backlog;
  readonly #delay = new DelayWindow();
  readonly #nowUs: () => number;
  readonly #salt = randomInt(1, 0xffff_ffff);
  readonly #bytesBefore: number;

  #segment: Segment | null = null;
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
    sidecar: FileHandle,
    register: LineRegister,
  ) {
    this.#dir = dir;
    this.#log = options.log;
    this.#segmentBytes = options.segmentBytes ?? 64 * MB;
    this.#segmentMs = options.segmentMs ?? 600_000;
    this.#syncMs = options.syncMs ?? 10;
    this.#lock = lock;
    this.#nowUs = options.nowUs ?? systemUs;
    this.#durable = durable;
    this.#bytesBefore = durable.bytes;
    const { lastFrame, cutBytes, damaged, clean } = recovery;
    this.recovery = { lastFrame, cutBytes, damaged, clean };
    this.#sidecar = sidecar;
    this.#register = register;
    this.#backlog = new Backlog(options.memoryBytes ?? 64 * MB, lastFrame, this.#salt);
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

  line(key: Omit<JournalLine, 'no'>): number {
    return this.#register.number(key);
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
    if (!this.#trouble) await this.#publish({ ...this.#durable, closed: true });
    await this.#sidecar.sync();
    await this.abandon();
  }

  /** Gives files and lock back without writing anything more. */
  async abandon(): Promise<void> {
    await this.#stop();
    if (this.#segment) await this.#close(this.#segment.handle);
    this.#segment = null;
    await this.#close(this.#sidecar);
    await this.#lock.release();
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
        if (this.#reopen) await this.#openAgain();
        if (this.#register.dirty) await this.#register.save();
        if (this.#rollDue()) await this.#roll();
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
    const segment = this.#segment;
    if (!segment) return this.#backlog.unwrittenBytes > 0;
    const used = this.#backlog.written - segment.base;
    if (used === 0 || this.#backlog.unwrittenBytes === 0) return false;
    return used + SEGMENT_HEADER >= this.#segmentBytes || performance.now() - segment.openedMs > this.#segmentMs;
  }

  async #roll(): Promise<void> {
    if (this.#segment) {
      await this.#syncNow();
      await this.#segment.handle.close();
      this.#segment = null;
    }
    const first = this.#backlog.writtenFrame + 1;
    const path = join(this.#dir, segmentName(first));
    const handle = await open(path, constants.O_CREAT | constants.O_RDWR);
    try {
      const { size } = await handle.stat();
      if (size > SEGMENT_HEADER) throw new Error(`${path} exists and holds ${size} bytes`);
      await writeAll(handle, [encodeSegmentHeader(first, this.#nowUs(), this.#salt)], 0);
      await handle.datasync();
      await syncDirectory(this.#dir);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#segment = { first, handle, base: this.#backlog.written, openedMs: performance.now() };
  }

  async #write(): Promise<void> {
    const segment = this.#segment as Segment;
    const part = this.#backlog.gather();
    this.#lastWriteMs = performance.now();
    await writeAll(segment.handle, part.buffers, SEGMENT_HEADER + part.from - segment.base);
    this.#backlog.wrote(part);
    this.#writes += 1;
    this.#planSync();
  }

  #planSync(): void {
    if (this.#syncing || this.#syncTimer || this.#closing) return;
    const age = performance.now() - this.#backlog.oldestMs;
    const wait = this.#syncMs - age;
    if (wait <= 0) this.#startSync();
    else this.#syncTimer = setTimeout(() => this.#startSync(), wait);
  }

  #startSync(insist = false): void {
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    if (this.#syncing || (this.#trouble && !insist) || this.#backlog.written === this.#syncedBytes) return;
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
    const segment = this.#segment;
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
    encodeDurable(this.#sidecarBytes, durable, this.#nowUs());
    await writeAll(this.#sidecar, [this.#sidecarBytes], 0);
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

  /** After trouble the files are opened anew: a handle may belong to a disk that was unmounted and is back. */
  async #openAgain(): Promise<void> {
    const sidecar = await openSidecar(join(this.#dir, DURABLE_NAME));
    await this.#close(this.#sidecar);
    this.#sidecar = sidecar;
    const segment = this.#segment;
    if (segment) {
      this.#segment = null;
      await this.#close(segment.handle);
      try {
        const handle = await open(join(this.#dir, segmentName(segment.first)), 'r+');
        this.#segment = { ...segment, handle };
      } catch (error) {
        // The segment itself is gone: what is not yet synced begins a new one.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          this.#segment = segment;
          throw error;
        }
      }
    }
    this.#reopen = false;
  }

  async #close(handle: FileHandle): Promise<void> {
    try {
      await handle.close();
    } catch (error) {
      this.#log?.warn({ error: reasonOf(error) }, 'file handle did not close cleanly');
    }
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

/** Writes all of it at a place in the file, whatever single calls take. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[], position: number): Promise<void> {
  let rest = [...buffers];
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest.slice(0, 512), at);
    if (bytesWritten === 0) throw Object.assign(new Error('the disk took no bytes'), { code: 'EIO' });
    at += bytesWritten;
    let done = bytesWritten;
    while (rest.length > 0 && done >= (rest[0] as Buffer).length) {
      done -= (rest[0] as Buffer).length;
      rest = rest.slice(1);
    }
    if (done > 0 && rest[0]) rest[0] = rest[0].subarray(done);
  }
}
