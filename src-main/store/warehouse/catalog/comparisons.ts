// Comparisons that were asked for, stream by stream, so that a restart goes on with what is not done, and what came of one can be asked for later.
import type Database from 'better-sqlite3';
import { type ReconcileJob, reconcileJobSchema } from '../../../../src-shared/contract/gaps.ts';

export interface ComparisonRecord {
  readonly job: ReconcileJob;
  /** The order as it was given. */
  readonly input: unknown;
}

export interface Comparisons {
  put(record: ComparisonRecord): void;
  /** A stream of it is done, and the job says so; not synced by itself: a repeat after a power cut costs one question. */
  done(job: ReconcileJob, stream: number): void;
  /** The job has another state. */
  change(job: ReconcileJob): void;
  streamsDone(jobId: string): number[];
  /** Newest first. */
  list(limit: number): ComparisonRecord[];
  /** Forgets all but the newest `keep` of those that have ended. */
  prune(keep: number): void;
}

export function openComparisons(database: Database.Database): Comparisons {
  const insert = database.prepare(
    'INSERT INTO reconcile_job (job_id, state, started_us, input, job) VALUES (@jobId, @state, @startedUs, @input, @job)',
  );
  const change = database.prepare('UPDATE reconcile_job SET state = @state, job = @job WHERE job_id = @jobId');
  const insertDone = database.prepare(
    'INSERT INTO reconcile_done (job_id, stream) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const done = database.prepare<[string], { stream: number }>('SELECT stream FROM reconcile_done WHERE job_id = ?');
  const list = database.prepare<[number], { input: string; job: string }>(
    'SELECT input, job FROM reconcile_job ORDER BY started_us DESC, job_id LIMIT ?',
  );
  const old =
    "SELECT job_id FROM reconcile_job WHERE state <> 'running' ORDER BY started_us DESC, job_id LIMIT -1 OFFSET ?";
  const pruneDone = database.prepare(`DELETE FROM reconcile_done WHERE job_id IN (${old})`);
  const pruneJobs = database.prepare(`DELETE FROM reconcile_job WHERE job_id IN (${old})`);
  const write = (job: ReconcileJob): void => {
    change.run({ jobId: job.jobId, state: job.state, job: JSON.stringify(job) });
  };
  const writeDone = database.transaction((job: ReconcileJob, stream: number) => {
    insertDone.run(job.jobId, stream);
    write(job);
  });
  return {
    put: ({ job, input }) => {
      const { jobId, state, startedUs } = job;
      insert.run({ jobId, state, startedUs, input: JSON.stringify(input), job: JSON.stringify(job) });
    },
    done: (job, stream) => {
      database.pragma('synchronous = NORMAL');
      try {
        writeDone(job, stream);
      } finally {
        database.pragma('synchronous = FULL');
      }
    },
    change: write,
    streamsDone: (jobId) => done.all(jobId).map(({ stream }) => stream),
    list: (limit) =>
      list
        .all(limit)
        .map((row) => ({ job: reconcileJobSchema.parse(JSON.parse(row.job)), input: JSON.parse(row.input) })),
    prune: database.transaction((keep: number) => {
      pruneDone.run(keep);
      pruneJobs.run(keep);
    }),
  };
}
