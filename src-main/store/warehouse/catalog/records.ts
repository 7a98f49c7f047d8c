// What the store keeps of its own work: extract jobs, quarantine, sealed files, the ledger of notable events, single facts.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';
import { type ExtractJob, extractJobSchema } from '../../../../src-shared/contract/listings.ts';

export interface ExtractRecord {
  readonly job: ExtractJob;
  /** The request as it was asked, so that a restart can go on with it. */
  readonly input: unknown;
  readonly createdUs: Us;
}

export interface Jobs {
  put(record: ExtractRecord, updatedUs: Us): void;
  get(jobId: string): ExtractRecord | undefined;
  ofListing(listingId: string): ExtractRecord | undefined;
  /** Jobs of a coin around a moment that are done, newest first. */
  doneAround(coin: string, atUs: Us): ExtractRecord[];
  /** Newest first. */
  list(limit: number): ExtractRecord[];
  /** All that have not ended, newest first. */
  unended(): ExtractRecord[];
  /** Ids of all that are done and lacked something when they were written, newest first. */
  lacking(): string[];
  /** Those done that were begun since a time and called neither incomplete nor proven, with their windows. */
  unsure(sinceUs: Us): { readonly jobId: string; readonly fromUs: Us; readonly toUs: Us }[];
}

export interface Quarantined {
  readonly frame: number;
  /** -1: the whole frame; else the row inside it. */
  readonly item: number;
  readonly segment: number;
  readonly lineNo: number;
  readonly recvUs: Us;
  readonly reason: string;
  readonly bytes: number;
  readonly excerpt: string;
}

export interface Quarantine {
  put(entries: readonly Quarantined[]): void;
  list(limit: number): Quarantined[];
  count(): number;
}

export interface SealedFile {
  /** Relative to the data folder, with forward slashes. */
  readonly path: string;
  readonly channel: string;
  readonly hourUs: Us;
  readonly rows: number;
  readonly bytes: number;
  readonly fromUs: Us;
  readonly toUs: Us;
  readonly sha256: string | null;
  readonly state: 'live' | 'replaced';
  readonly createdUs: Us;
}

export interface SealedFiles {
  /** Adds files and marks others replaced, in one transaction. */
  put(files: readonly SealedFile[], replaced?: readonly string[]): void;
  forget(paths: readonly string[]): void;
  /** Live files whose hour overlaps [fromUs, toUs). */
  live(fromUs: Us, toUs: Us): SealedFile[];
  replaced(): SealedFile[];
  /** Hours that have live files. */
  hours(): Us[];
}

export interface LedgerEntry {
  readonly atUs: Us;
  readonly kind: string;
  readonly note: string;
}

export interface Ledger {
  /** key: entries of one key are written once. */
  add(entry: LedgerEntry, key?: string): void;
  /** Newest first. */
  list(limit: number): LedgerEntry[];
}

export interface Facts {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** Where the store stood at the start of a journal segment; see resources/sql/0002. */
export interface SegmentStart {
  readonly segment: number;
  /** JSON of the journal position. */
  readonly position: string;
  readonly commitNo: number;
  readonly totals: string;
  readonly states: Uint8Array;
  readonly atUs: Us;
}

export interface SegmentStarts {
  put(start: SegmentStart): void;
  /** The newest at or before this frame. */
  before(frame: number): SegmentStart | undefined;
  /** Forgets all but the one that `frame` needs and later ones. */
  prune(frame: number): void;
}

interface JobRow {
  job: string;
  input: string;
  created_us: number;
}

function recordOf(row: JobRow): ExtractRecord {
  return { job: extractJobSchema.parse(JSON.parse(row.job)), input: JSON.parse(row.input), createdUs: row.created_us };
}

export function openJobs(database: Database.Database): Jobs {
  const upsert = database.prepare(
    `INSERT INTO extract_job (job_id, coin, at_us, listing_id, state, created_us, updated_us, input, job)
     VALUES (@jobId, @coin, @atUs, @listingId, @state, @createdUs, @updatedUs, @input, @text)
     ON CONFLICT DO UPDATE SET state = excluded.state, updated_us = excluded.updated_us, job = excluded.job`,
  );
  const get = database.prepare<[string], JobRow>('SELECT job, input, created_us FROM extract_job WHERE job_id = ?');
  const ofListing = database.prepare<[string], JobRow>(
    'SELECT job, input, created_us FROM extract_job WHERE listing_id = ? ORDER BY created_us DESC LIMIT 1',
  );
  const doneAround = database.prepare<[string, number], JobRow>(
    "SELECT job, input, created_us FROM extract_job WHERE coin = ? AND at_us = ? AND state = 'done' ORDER BY created_us DESC LIMIT 1000",
  );
  const list = database.prepare<[number], JobRow>(
    'SELECT job, input, created_us FROM extract_job ORDER BY created_us DESC LIMIT ?',
  );
  // Both conditions are those of an index, word for word: without it every job's text would be read.
  const unended = database.prepare<[], JobRow>(
    "SELECT job, input, created_us FROM extract_job WHERE state NOT IN ('done', 'failed', 'cancelled') ORDER BY created_us DESC",
  );
  const lacking = database.prepare<[], { id: string }>(
    `SELECT job_id AS id FROM extract_job
     WHERE state = 'done' AND coalesce(json_extract(job, '$.manifest.verdict'), 'incomplete') = 'incomplete' ORDER BY created_us DESC`,
  );
  const unsure = database.prepare<[number], { jobId: string; fromUs: number; toUs: number }>(
    `SELECT job_id AS jobId, json_extract(job, '$.manifest.window.fromUs') AS fromUs, json_extract(job, '$.manifest.window.toUs') AS toUs
     FROM extract_job WHERE state = 'done' AND created_us >= ? AND json_extract(job, '$.manifest.verdict') <> 'incomplete'`,
  );
  return {
    put: ({ job, input, createdUs }, updatedUs) => {
      const { jobId, coin, atUs, listingId, state } = job;
      upsert.run({
        jobId,
        coin,
        atUs,
        listingId,
        state,
        createdUs,
        updatedUs,
        input: JSON.stringify(input),
        text: JSON.stringify(job),
      });
    },
    get: (jobId) => {
      const row = get.get(jobId);
      return row && recordOf(row);
    },
    ofListing: (listingId) => {
      const row = ofListing.get(listingId);
      return row && recordOf(row);
    },
    doneAround: (coin, atUs) => doneAround.all(coin, atUs).map(recordOf),
    list: (limit) => list.all(limit).map(recordOf),
    unended: () => unended.all().map(recordOf),
    lacking: () => lacking.all().map((row) => row.id),
    unsure: (sinceUs) => unsure.all(sinceUs),
  };
}

export function openQuarantine(database: Database.Database): Quarantine {
  const insert = database.prepare(
    `INSERT INTO quarantine (frame, item, segment, line_no, recv_us, reason, bytes, excerpt)
     VALUES (@frame, @item, @segment, @lineNo, @recvUs, @reason, @bytes, @excerpt) ON CONFLICT DO NOTHING`,
  );
  const list = database.prepare<[number], Quarantined>(
    'SELECT frame, item, segment, line_no AS lineNo, recv_us AS recvUs, reason, bytes, excerpt FROM quarantine ORDER BY frame DESC, item LIMIT ?',
  );
  const count = database.prepare<[], { n: number }>('SELECT count(*) AS n FROM quarantine');
  return {
    put: database.transaction((entries: readonly Quarantined[]) => {
      for (const entry of entries) insert.run(entry);
    }),
    list: (limit) => list.all(limit),
    count: () => count.get()?.n ?? 0,
  };
}

const SEALED =
  'path, channel, hour_us AS hourUs, rows, bytes, from_us AS fromUs, to_us AS toUs, sha256, state, created_us AS createdUs';

export function openSealedFiles(database: Database.Database): SealedFiles {
  const insert = database.prepare(
    `INSERT INTO sealed_file (path, channel, hour_us, rows, bytes, from_us, to_us, sha256, state, created_us)
     VALUES (@path, @channel, @hourUs, @rows, @bytes, @fromUs, @toUs, @sha256, @state, @createdUs)
     ON CONFLICT DO UPDATE SET rows = excluded.rows, bytes = excluded.bytes, from_us = excluded.from_us, to_us = excluded.to_us, sha256 = excluded.sha256, state = excluded.state`,
  );
  const replace = database.prepare("UPDATE sealed_file SET state = 'replaced' WHERE path = ?");
  const remove = database.prepare('DELETE FROM sealed_file WHERE path = ?');
  const live = database.prepare<[number, number], SealedFile>(
    `SELECT ${SEALED} FROM sealed_file WHERE state = 'live' AND hour_us < ? AND hour_us + 3600000000 > ? ORDER BY hour_us, path`,
  );
  const replaced = database.prepare<[], SealedFile>(
    `SELECT ${SEALED} FROM sealed_file WHERE state = 'replaced' ORDER BY path`,
  );
  const hours = database.prepare<[], { hour: Us }>(
    "SELECT DISTINCT hour_us AS hour FROM sealed_file WHERE state = 'live' ORDER BY hour_us",
  );
  return {
    put: database.transaction((files: readonly SealedFile[], gone: readonly string[] = []) => {
      for (const file of files) insert.run(file);
      for (const path of gone) replace.run(path);
    }),
    forget: database.transaction((paths: readonly string[]) => {
      for (const path of paths) remove.run(path);
    }),
    live: (fromUs, toUs) => live.all(toUs, fromUs),
    replaced: () => replaced.all(),
    hours: () => hours.all().map((row) => row.hour),
  };
}

export function openLedger(database: Database.Database): Ledger {
  const insert = database.prepare(
    'INSERT INTO ledger (at_us, kind, note, key) VALUES (@atUs, @kind, @note, @key) ON CONFLICT DO NOTHING',
  );
  const list = database.prepare<[number], LedgerEntry>(
    'SELECT at_us AS atUs, kind, note FROM ledger ORDER BY no DESC LIMIT ?',
  );
  return {
    add: (entry, key) => {
      insert.run({ ...entry, key: key ?? null });
    },
    list: (limit) => list.all(limit),
  };
}

export function openFacts(database: Database.Database): Facts {
  const get = database.prepare<[string], { value: string }>('SELECT value FROM fact WHERE name = ?');
  const set = database.prepare(
    'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return {
    get: (name) => get.get(name)?.value,
    set: (name, value) => {
      set.run(name, value);
    },
  };
}

export function openSegmentStarts(database: Database.Database): SegmentStarts {
  const put = database.prepare(
    `INSERT INTO segment_start (segment, position, commit_no, totals, states, at_us) VALUES (@segment, @position, @commitNo, @totals, @states, @atUs)
     ON CONFLICT DO UPDATE SET position = excluded.position, commit_no = excluded.commit_no, totals = excluded.totals, states = excluded.states, at_us = excluded.at_us`,
  );
  const before = database.prepare<[number], SegmentStart>(
    'SELECT segment, position, commit_no AS commitNo, totals, states, at_us AS atUs FROM segment_start WHERE segment <= ? ORDER BY segment DESC LIMIT 1',
  );
  const prune = database.prepare(
    'DELETE FROM segment_start WHERE segment < (SELECT max(segment) FROM segment_start WHERE segment <= ?)',
  );
  return {
    put: (start) => {
      put.run({ ...start, states: Buffer.from(start.states) });
    },
    before: (frame) => before.get(frame),
    prune: (frame) => {
      prune.run(frame);
    },
  };
}
