// Repairs that were asked for, item by item, so that a restart goes on with what has not ended.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';

export interface RepairRecord {
  readonly jobId: string;
  readonly title: string;
  readonly state: 'running' | 'done' | 'cancelled';
  readonly startedUs: Us;
  readonly endedUs: Us | null;
}

/** A gap (item: its id, spec null) or an explicit window (spec: JSON of it). */
export interface RepairItem {
  readonly item: string;
  readonly spec: string | null;
  /** What became of it; null: still to be asked for. */
  readonly outcome: string | null;
}

export interface Repairs {
  put(record: RepairRecord, items: readonly Pick<RepairItem, 'item' | 'spec'>[]): void;
  /** Notes the end of an item; not synced by itself: a repeat after a power cut costs one question. */
  ended(jobId: string, item: string, outcome: string): void;
  /** The job has ended, as a whole. */
  finish(jobId: string, state: 'done' | 'cancelled', endedUs: Us): void;
  get(jobId: string): RepairRecord | undefined;
  items(jobId: string): RepairItem[];
  /** Newest first. */
  list(limit: number): RepairRecord[];
  /** Forgets all but the newest `keep` of those that have ended. */
  prune(keep: number): void;
}

export function openRepairs(database: Database.Database): Repairs {
  const columns = 'job_id AS jobId, title, state, started_us AS startedUs, ended_us AS endedUs';
  const insert = database.prepare(
    'INSERT INTO repair_job (job_id, title, state, started_us, ended_us) VALUES (@jobId, @title, @state, @startedUs, @endedUs)',
  );
  const insertItem = database.prepare(
    'INSERT INTO repair_item (job_id, item, spec) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const ended = database.prepare('UPDATE repair_item SET outcome = ? WHERE job_id = ? AND item = ?');
  const finish = database.prepare('UPDATE repair_job SET state = ?, ended_us = ? WHERE job_id = ?');
  const get = database.prepare<[string], RepairRecord>(`SELECT ${columns} FROM repair_job WHERE job_id = ?`);
  const items = database.prepare<[string], RepairItem>(
    'SELECT item, spec, outcome FROM repair_item WHERE job_id = ? ORDER BY item',
  );
  const list = database.prepare<[number], RepairRecord>(
    `SELECT ${columns} FROM repair_job ORDER BY started_us DESC, job_id LIMIT ?`,
  );
  const old = `SELECT job_id FROM repair_job WHERE state <> 'running' ORDER BY started_us DESC, job_id LIMIT -1 OFFSET ?`;
  const pruneItems = database.prepare(`DELETE FROM repair_item WHERE job_id IN (${old})`);
  const pruneJobs = database.prepare(`DELETE FROM repair_job WHERE job_id IN (${old})`);
  return {
    put: database.transaction((record: RepairRecord, wanted: readonly Pick<RepairItem, 'item' | 'spec'>[]) => {
      insert.run(record);
      for (const { item, spec } of wanted) insertItem.run(record.jobId, item, spec);
    }),
    ended: (jobId, item, outcome) => {
      if (database.inTransaction) {
        ended.run(outcome, jobId, item);
        return;
      }
      database.pragma('synchronous = NORMAL');
      try {
        ended.run(outcome, jobId, item);
      } finally {
        database.pragma('synchronous = FULL');
      }
    },
    finish: (jobId, state, endedUs) => {
      finish.run(state, endedUs, jobId);
    },
    get: (jobId) => get.get(jobId),
    items: (jobId) => items.all(jobId),
    list: (limit) => list.all(limit),
    prune: database.transaction((keep: number) => {
      pruneItems.run(keep);
      pruneJobs.run(keep);
    }),
  };
}
