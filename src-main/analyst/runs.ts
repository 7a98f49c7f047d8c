// Runs of SQL: two at a time, each within its limits, their rows in tables of the sandbox until they are released or room is needed.
// Promises: a run is answered for whatever becomes of it, also over the end of the process; what is refused never starts.
import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../src-shared/base/result.ts';
import type { Run } from '../../src-shared/contract/analysis.ts';
import type { Reach } from '../../src-shared/contract/days.ts';
import type { RequestOutput, RequestParsed } from '../../src-shared/contract/index.ts';
import type { Duck, DuckConnection } from '../base/duck.ts';
import type { PreparedQuery } from '../base/duck-query.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { type Bounded, bounded } from './bounded.ts';
import type { History } from './history.ts';
import { openResultTable, type ResultTable, shownColumns } from './result-table.ts';
import type { SnapshotSource } from './snapshot.ts';
import { type Checked, checkStatement, type TextPlace } from './statement.ts';
import { troubleOf } from './trouble.ts';
import { macros, putUp } from './views.ts';

export interface RunsOptions {
  readonly duck: Duck;
  readonly memoryLimitBytes: number;
  readonly dataDir: string;
  readonly ask: ParentPort['ask'];
  readonly snapshots: SnapshotSource;
  readonly history: History;
  readonly nowUs: () => number;
  /** Something about the runs is not what it was. */
  readonly changed: () => void;
  /** Ends the process at once, with the reason kept for the next one. */
  readonly lastResort: (why: string) => void;
}

type RunInput = RequestParsed<'analysis.run'>;

interface Live {
  run: Run;
  readonly input: RunInput;
  readonly checked: Checked;
  bounds: Bounded | undefined;
  connection: DuckConnection | undefined;
  table: ResultTable | undefined;
  cancelled: boolean;
  readonly ended: PromiseWithResolvers<void>;
}

const AT_ONCE = 2;
const WAITING = 50;
const HELD_RESULTS = 12;
/** Above this share of the memory limit older results make room before a run begins. */
const ROOM = 0.5;
/** Runs that ended and whose state is still told without asking the history. */
const RECENT = 50;

export class Runs {
  readonly #options: RunsOptions;
  readonly #live = new Map<string, Live>();
  readonly #queue: Live[] = [];
  #running = 0;
  #memoryBytes = 0;
  #number = 0;
  #leaving = false;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#running > 0 || this.#queue.length > 0;
  }

  /** Newest first. */
  list(): Run[] {
    return [...this.#live.values()].reverse().map((live) => this.#told(live));
  }

  async begin(input: RunInput): Promise<Result<{ runId: string }>> {
    if (this.#leaving) return fail('analysis.ended', 'the analyst is leaving; ask again', { retry: true });
    if (this.#queue.length >= WAITING)
      return fail('analysis.busy', `${this.#queue.length} queries wait already; cancel some of them`, { retry: true });
    const checked = await this.#options.duck.with((connection) => checkStatement(connection, input.sql, macros));
    if (!checked.ok) return checked;
    const live: Live = {
      run: {
        runId: randomUUID(),
        sql: input.sql,
        title: input.title,
        parameters: input.parameters,
        state: 'queued',
        queuedUs: this.#options.nowUs(),
        startedUs: null,
        endedUs: null,
        elapsedMs: 0,
        columns: null,
        rows: 0,
        truncated: false,
        progress: null,
        memoryBytes: this.#memoryBytes,
        memoryLimitBytes: this.#options.memoryLimitBytes,
        reach: null,
        held: false,
        failure: null,
        failureAt: null,
      },
      input,
      checked: checked.value,
      bounds: undefined,
      connection: undefined,
      table: undefined,
      cancelled: false,
      ended: Promise.withResolvers(),
    };
    this.#live.set(live.run.runId, live);
    this.#queue.push(live);
    this.#options.history.put(live.run);
    this.#options.changed();
    this.#next();
    return ok({ runId: live.run.runId });
  }

  async wait(runId: string, signal: AbortSignal): Promise<Result<Run>> {
    const live = this.#live.get(runId);
    if (!live) return this.#past(runId);
    await Promise.race([live.ended.promise, aborted(signal)]);
    return signal.aborted ? fail('request.cancelled', 'nobody waits for the run any more') : ok(this.#told(live));
  }

  async rows({
    runId,
    offset,
    limit,
  }: RequestParsed<'analysis.rows'>): Promise<Result<RequestOutput<'analysis.rows'>>> {
    const table = this.#live.get(runId)?.table;
    if (!table)
      return fail('analysis.result-gone', 'the rows of this result are no longer in memory; run the query again');
    return ok({ rows: await table.page(offset, limit), offset, total: table.rows });
  }

  cancel(runId: string): Result<Record<string, never>> {
    const live = this.#live.get(runId);
    if (!live) return fail('analysis.unknown-run', `there is no run ${runId}`);
    live.cancelled = true;
    live.bounds?.end('cancel');
    const waiting = this.#queue.indexOf(live);
    if (waiting >= 0) {
      this.#queue.splice(waiting, 1);
      this.#end(live, {
        state: 'cancelled',
        failure: { code: 'analysis.cancelled', message: 'cancelled before it began', retry: false },
      });
    }
    return ok({});
  }

  async release(runId: string): Promise<Result<Record<string, never>>> {
    const live = this.#live.get(runId);
    if (live?.run.endedUs !== null && live?.table) await this.#drop(live);
    return ok({});
  }

  /** Reads what memory is used and how far the running ones are; for the four times a second. */
  async measure(): Promise<void> {
    for (const live of this.#live.values()) {
      if (live.run.state === 'running') live.run = { ...live.run, progress: live.connection?.progress() ?? null };
    }
    this.#memoryBytes = await this.#options.duck.with(async (connection) => {
      const [row] = await connection.rows('SELECT sum(memory_usage_bytes)::BIGINT AS bytes FROM duckdb_memory()');
      return Number(row?.bytes ?? 0);
    });
  }

  /** Interrupts everything; resolves when it has ended. */
  async leave(): Promise<void> {
    this.#leaving = true;
    for (const live of this.#queue.splice(0))
      this.#end(live, troubleOf('', { ...this.#limits(live), stop: 'leaving' }));
    const running = [...this.#live.values()].filter((live) => live.run.endedUs === null);
    for (const live of running) live.bounds?.end('leaving');
    await Promise.all(running.map((live) => live.ended.promise));
  }

  #past(runId: string): Result<Run> {
    const found = this.#options.history.list(1000, '').find((run) => run.runId === runId);
    return found ? ok(found) : fail('analysis.unknown-run', `there is no run ${runId}`);
  }

  #limits(live: Live): { memoryLimitBytes: number; timeLimitMs: number } {
    return { memoryLimitBytes: this.#options.memoryLimitBytes, timeLimitMs: live.input.timeLimitMs };
  }

  #told({ run, table }: Live): Run {
    const { nowUs } = this.#options;
    const elapsedMs = run.endedUs === null && run.startedUs !== null ? (nowUs() - run.startedUs) / 1000 : run.elapsedMs;
    return {
      ...run,
      elapsedMs,
      rows: table?.rows ?? run.rows,
      memoryBytes: this.#memoryBytes,
      held: table !== undefined,
    };
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const live = this.#queue.shift();
      if (!live) return;
      this.#running += 1;
      void this.#work(live).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #work(live: Live): Promise<void> {
    const { duck, nowUs, lastResort } = this.#options;
    await this.#makeRoom();
    live.run = { ...live.run, state: 'running', startedUs: nowUs() };
    this.#options.history.put(live.run);
    this.#options.changed();
    const connection = await duck.connect();
    live.connection = connection;
    const bounds = bounded(connection, live.input.timeLimitMs, lastResort);
    live.bounds = bounds;
    if (live.cancelled) bounds.end('cancel');
    let prepared: PreparedQuery | undefined;
    try {
      const up = await putUp(connection, this.#options.dataDir, live.checked.tables, live.input, this.#options);
      if (!up.ok) {
        this.#end(live, { state: 'failed', failure: up.failure });
        return;
      }
      bounds.signal.throwIfAborted();
      live.run = { ...live.run, reach: up.value };
      prepared = await connection.prepare(live.checked.sql);
      const unfit = parameterTrouble(prepared.parameters, live.input.parameters);
      if (unfit !== undefined) {
        this.#end(live, { state: 'failed', failure: { code: 'analysis.parameter', message: unfit, retry: false } });
        return;
      }
      await this.#collect(live, bounds, connection, prepared, up.value);
    } catch (error) {
      this.#end(live, troubleOf(error, { ...this.#limits(live), stop: bounds.stop }));
    } finally {
      bounds.over();
      prepared?.close();
      live.table?.seal();
      live.connection = undefined;
      connection.close();
    }
  }

  async #collect(
    live: Live,
    bounds: Bounded,
    connection: DuckConnection,
    prepared: PreparedQuery,
    reach: Reach | null,
  ): Promise<void> {
    this.#number += 1;
    const { duck } = this.#options;
    const name = `result_${this.#number}`;
    const values = live.input.parameters;
    const { maxRows } = live.input;
    const table = await openResultTable(duck, connection, name, live.checked, values, maxRows);
    bounds.signal.throwIfAborted();
    const open = await prepared.open(values);
    live.table = table;
    live.run = { ...live.run, columns: shownColumns(open.columns), reach };
    this.#options.changed();
    for (let chunk = await open.next(); chunk !== null; chunk = await open.next()) {
      bounds.signal.throwIfAborted();
      table.append(chunk);
      if (table.overfull) break;
    }
    table.flush();
    bounds.signal.throwIfAborted();
    this.#end(live, { state: 'done', failure: null, truncated: table.overfull });
  }

  #end(
    live: Live,
    how: {
      readonly state: Run['state'];
      readonly failure: Run['failure'];
      readonly at?: TextPlace | null;
      readonly truncated?: boolean;
    },
  ): void {
    const endedUs = this.#options.nowUs();
    live.run = {
      ...this.#told(live),
      state: how.state,
      failure: how.failure,
      failureAt: how.at ?? null,
      truncated: how.truncated ?? (how.state !== 'done' && (live.table?.rows ?? 0) > 0),
      endedUs,
      elapsedMs: live.run.startedUs === null ? 0 : (endedUs - live.run.startedUs) / 1000,
      progress: how.state === 'done' ? 1 : null,
    };
    this.#options.history.put({ ...live.run, held: false });
    live.ended.resolve();
    this.#options.changed();
    const over = [...this.#live.values()].filter((one) => one.run.endedUs !== null && !one.table);
    for (const old of over.slice(0, Math.max(0, over.length - RECENT))) this.#live.delete(old.run.runId);
  }

  async #makeRoom(): Promise<void> {
    const held = [...this.#live.values()].filter((live) => live.table && live.run.endedUs !== null);
    await this.measure();
    while (
      held.length > 0 &&
      (held.length >= HELD_RESULTS || this.#memoryBytes > this.#options.memoryLimitBytes * ROOM)
    ) {
      const oldest = held.shift();
      if (oldest) await this.#drop(oldest);
      await this.measure();
    }
  }

  async #drop(live: Live): Promise<void> {
    const { table } = live;
    live.run = { ...live.run, rows: table?.rows ?? live.run.rows };
    live.table = undefined;
    await table?.drop();
    this.#options.changed();
  }
}

/** What does not fit between the parameters of a statement and the values that were given; undefined when all fits. */
export function parameterTrouble(
  wanted: readonly string[],
  given: Readonly<Record<string, unknown>>,
): string | undefined {
  const positional = wanted.find((name) => /^\d+$/.test(name));
  if (positional !== undefined) return 'parameters are named here: write $name instead of ? or $1';
  const missing = wanted.filter((name) => !Object.hasOwn(given, name));
  return missing.length === 0 ? undefined : `no value was given for ${missing.map((name) => `$${name}`).join(', ')}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
