// Gaps and coverage as rows. Promises: the journal's side (open, narrow, close) is written by frame number, so a replay changes nothing;
// the job's side (repairing, attempts, given up) is never undone by a replay.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';
import type { Coverage, Gap, GapCause, GapState } from '../../../../src-shared/market/gap.ts';
import { Recent } from '../recent.ts';
import type { StreamKey } from './streams.ts';

/** What the journal says of a gap; the row's attempts belong to the repair job. */
export interface GapFact {
  readonly id: string;
  readonly stream: number;
  readonly key: StreamKey;
  /** null: leave the state as it is when the row exists, else open. */
  readonly state: GapState | null;
  readonly cause: GapCause;
  readonly fromUs: Us;
  readonly toUs: Us | null;
  readonly fromId: string | null;
  readonly toId: string | null;
  readonly deadlineUs: Us | null;
  /** Added to the evidence when it is not there yet. */
  readonly evidence: string | null;
  readonly openedUs: Us;
  readonly closedUs: Us | null;
  /** The journal frame that this fact comes from. */
  readonly frame: number;
}

export interface CoverageFact {
  readonly key: Omit<StreamKey, 'channel'>;
  readonly line: number;
  /** Journal line number and frame of the acknowledgement. */
  readonly connection: string;
  readonly fromUs: Us;
  readonly toUs: Us | null;
}

export interface GapFilter {
  readonly venue?: string | undefined;
  readonly market?: string | undefined;
  readonly symbol?: string | undefined;
  /** Of any of these. */
  readonly streams?: readonly Omit<StreamKey, 'channel'>[] | undefined;
  readonly states?: readonly GapState[] | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Overlapping [fromUs, toUs). */
  readonly fromUs?: Us | undefined;
  readonly toUs?: Us | undefined;
  /** Absent: by deadline. */
  readonly order?: 'deadline' | 'id' | undefined;
  /** The gap after which the list goes on. */
  readonly after?: Pick<Gap, 'id' | 'deadlineUs' | 'fromUs'> | undefined;
  readonly limit?: number | undefined;
}

/** A gap with its stream's number. */
export interface StoredGap extends Gap {
  readonly stream: number;
  readonly nextAttemptUs: Us | null;
}

export interface JobChange {
  readonly state?: GapState;
  readonly attempts?: number;
  readonly evidence?: string;
  readonly closedUs?: Us | null;
  readonly nextAttemptUs?: Us | null;
  readonly askedUs?: Us;
}

/** How the back-fill of a gap ended, where only the catalog still knows the gap. */
export interface GapEnd {
  readonly id: string;
  readonly state: GapState;
  readonly evidence: string;
  readonly closedUs: Us;
  readonly frame: number;
  /** What the venue was asked for: a gap that is more than that by now is not ended. null: not known. */
  readonly asked: {
    readonly fromId: string | null;
    readonly toId: string | null;
    readonly fromUs: Us;
    readonly toUs: Us;
  } | null;
}

/** Whether what was asked spans the gap as it is now. */
function spans(asked: NonNullable<GapEnd['asked']>, row: GapRow): boolean {
  if (asked.fromId !== null && row.from_id !== null && row.to_id !== null) {
    const end = asked.toId === null || BigInt(asked.toId) >= BigInt(row.to_id);
    return BigInt(asked.fromId) <= BigInt(row.from_id) && end;
  }
  return row.from_id === null && row.to_us !== null && asked.fromUs <= row.from_us && asked.toUs >= row.to_us;
}

export interface Gaps {
  /** Facts from the journal, in order. */
  apply(facts: readonly GapFact[]): void;
  /** Ends of back-fills; a gap that is settled, or was settled by a later frame, is left alone. */
  end(ends: readonly GapEnd[]): void;
  /**
   * The repair job's word on a gap. A gap that is repaired or a venue hole by the journal's evidence is left alone (false). Not synced by
   * itself: after a power cut the job tries again, which costs less than a sync for every attempt.
   */
  change(id: string, change: JobChange): boolean;
  get(id: string): StoredGap | undefined;
  list(filter?: GapFilter): StoredGap[];
  /**
   * Open gaps of a market whose end is known and whose next attempt has come: those with the nearest deadline first, then those without one,
   * then those whose deadline has passed, the youngest first.
   */
  due(market: { venue: string; market: string }, openedBeforeUs: Us, nowUs: Us, limit: number): StoredGap[];
  /** Those of them whose deadline has passed. */
  passed(market: { venue: string; market: string }, openedBeforeUs: Us, nowUs: Us, limit: number): StoredGap[];
  counts(): Record<GapState, number>;
  /** The newest journal frame that any gap speaks of; -1: none. */
  newestFrame(): number;
  /** Gaps that speak of a journal frame beyond this one. */
  beyond(frame: number): string[];
  /** Ids of gaps that were settled, or filled in part, after a mark; null when that is too long ago to know. */
  settledSince(mark: number): string[] | null;
  /** Gaps of a stream that are not settled can be asked for until this long after they began: its pace has changed. */
  redate(stream: number, reachUs: Us): void;
}

export interface Coverages {
  apply(facts: readonly CoverageFact[]): void;
  /** Intervals overlapping [fromUs, toUs). */
  list(filter: CoverageFilter): Coverage[];
  /** The same, each with the journal line that it came on. */
  carried(filter: CoverageFilter): (Coverage & { readonly lineNo: number })[];
}

interface CoverageFilter extends IntervalFilter {
  readonly fromUs: Us;
  readonly toUs: Us;
}

interface GapRow {
  id: string;
  stream: number;
  venue: Gap['venue'];
  market: Gap['market'];
  symbol: string;
  channel: string;
  state: GapState;
  cause: GapCause;
  from_us: number;
  to_us: number | null;
  from_id: string | null;
  to_id: string | null;
  deadline_us: number | null;
  attempts: number;
  evidence: string;
  opened_us: number;
  closed_us: number | null;
  frame: number;
  next_attempt_us: number | null;
  asked_us: number | null;
}

function evidenceOf(text: string): string[] {
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter((entry): entry is string => typeof entry === 'string') : [];
}

const EVIDENCE_KEPT = 20;

function withEvidence(text: string, more: string | null | undefined): string {
  if (!more) return text;
  const list = evidenceOf(text);
  if (list.includes(more)) return text;
  return JSON.stringify([...list, more].slice(-EVIDENCE_KEPT));
}

function gapOf(row: GapRow): StoredGap {
  return {
    id: row.id,
    stream: row.stream,
    venue: row.venue,
    market: row.market,
    symbol: row.symbol,
    channel: row.channel,
    state: row.state,
    cause: row.cause,
    fromUs: row.from_us,
    toUs: row.to_us,
    fromId: row.from_id,
    toId: row.to_id,
    deadlineUs: row.deadline_us,
    attempts: row.attempts,
    askedUs: row.asked_us,
    evidence: evidenceOf(row.evidence),
    openedUs: row.opened_us,
    closedUs: row.closed_us,
    nextAttemptUs: row.next_attempt_us,
  };
}

const isSettled = (state: GapState): boolean => state === 'repaired' || state === 'venue-hole';

export function openGaps(database: Database.Database): Gaps {
  const settledLately = new Recent<string>();
  /** Told too early when its transaction fails: that only makes whoever asks more careful. */
  const tell = (id: string, was: GapState | undefined, is: GapState): void => {
    const isNew = isSettled(is) ? !(was && isSettled(was)) : is === 'partial' && was !== 'partial';
    if (isNew) settledLately.add(id);
  };
  const find = database.prepare<[string], GapRow>('SELECT * FROM gap WHERE id = ?');
  const insert = database.prepare(
    `INSERT INTO gap (id, stream, venue, market, symbol, channel, state, cause, from_us, to_us, from_id, to_id, deadline_us, evidence, opened_us, closed_us, frame)
     VALUES (@id, @stream, @venue, @market, @symbol, @channel, @state, @cause, @fromUs, @toUs, @fromId, @toId, @deadlineUs, @evidence, @openedUs, @closedUs, @frame)`,
  );
  const update = database.prepare(
    'UPDATE gap SET state = @state, cause = @cause, from_us = @fromUs, to_us = @toUs, from_id = @fromId, to_id = @toId, deadline_us = @deadlineUs, evidence = @evidence, closed_us = @closedUs, frame = @frame WHERE id = @id',
  );
  const change = database.prepare(
    'UPDATE gap SET state = @state, attempts = @attempts, evidence = @evidence, closed_us = @closedUs, next_attempt_us = @nextAttemptUs, asked_us = @askedUs WHERE id = @id',
  );
  const finish = database.prepare(
    'UPDATE gap SET state = @state, evidence = @evidence, closed_us = @closedUs, frame = @frame WHERE id = @id',
  );
  const counts = database.prepare<[], { state: GapState; n: number }>(
    'SELECT state, count(*) AS n FROM gap GROUP BY state',
  );

  const newest = database.prepare<[], { frame: number | null }>('SELECT max(frame) AS frame FROM gap');
  const beyond = database.prepare<[number], { id: string }>('SELECT id FROM gap WHERE frame > ?');
  const redate = database.prepare(
    "UPDATE gap SET deadline_us = from_us + ? WHERE stream = ? AND state IN ('open', 'repairing', 'partial')",
  );
  const isDue =
    "state = 'open' AND venue = @venue AND market = @market AND to_us IS NOT NULL AND opened_us <= @openedUs AND (next_attempt_us IS NULL OR next_attempt_us <= @nowUs)";
  const due = database.prepare<unknown[], GapRow>(
    `SELECT * FROM gap WHERE ${isDue}
     ORDER BY CASE WHEN deadline_us > @nowUs THEN 0 WHEN deadline_us IS NULL THEN 1 ELSE 2 END,
       CASE WHEN deadline_us > @nowUs THEN deadline_us ELSE -deadline_us END, from_us, id LIMIT @limit`,
  );
  const passed = database.prepare<unknown[], GapRow>(
    `SELECT * FROM gap WHERE ${isDue} AND deadline_us <= @nowUs ORDER BY deadline_us, id LIMIT @limit`,
  );
  /** Runs a write without waiting for the disk; in WAL mode the next synced commit carries it. */
  const unsynced = <T>(write: () => T): T => {
    database.pragma('synchronous = NORMAL');
    try {
      return write();
    } finally {
      database.pragma('synchronous = FULL');
    }
  };

  const applyOne = (fact: GapFact): void => {
    const row = find.get(fact.id);
    if (!row || fact.frame > row.frame) tell(fact.id, row?.state, fact.state ?? row?.state ?? 'open');
    const values = {
      id: fact.id,
      cause: fact.cause,
      fromUs: fact.fromUs,
      toUs: fact.toUs,
      fromId: fact.fromId,
      toId: fact.toId,
      deadlineUs: fact.deadlineUs,
      frame: fact.frame,
    };
    if (!row) {
      insert.run({
        ...values,
        ...fact.key,
        stream: fact.stream,
        state: fact.state ?? 'open',
        evidence: withEvidence('[]', fact.evidence),
        openedUs: fact.openedUs,
        closedUs: fact.closedUs,
      });
    } else if (fact.frame > row.frame) {
      update.run({
        ...values,
        state: fact.state ?? row.state,
        evidence: withEvidence(row.evidence, fact.evidence),
        closedUs: fact.state === null ? row.closed_us : fact.closedUs,
      });
    }
  };

  const changeOne = database.transaction((id: string, wanted: JobChange): boolean => {
    const row = find.get(id);
    if (!row) return false;
    const settled = isSettled(row.state);
    tell(id, row.state, wanted.state ?? row.state);
    change.run({
      id,
      state: settled ? row.state : (wanted.state ?? row.state),
      attempts: wanted.attempts ?? row.attempts,
      evidence: withEvidence(row.evidence, wanted.evidence),
      closedUs: settled || wanted.closedUs === undefined ? row.closed_us : wanted.closedUs,
      nextAttemptUs: wanted.nextAttemptUs === undefined ? row.next_attempt_us : wanted.nextAttemptUs,
      askedUs: wanted.askedUs ?? row.asked_us,
    });
    return !settled || wanted.state === undefined;
  });

  return {
    apply: database.transaction((facts: readonly GapFact[]) => {
      for (const fact of facts) applyOne(fact);
    }),
    end: database.transaction((ends: readonly GapEnd[]) => {
      for (const fact of ends) {
        const row = find.get(fact.id);
        if (!row || fact.frame <= row.frame || isSettled(row.state)) continue;
        if (fact.asked && !spans(fact.asked, row)) continue;
        const { id, closedUs, frame } = fact;
        // What history gave mends a minute that differed only if the sum is right afterwards: whoever compares says so.
        const state = row.cause === 'volume' ? row.state : fact.state;
        tell(id, row.state, state);
        finish.run({
          id,
          state,
          closedUs: row.cause === 'volume' ? row.closed_us : closedUs,
          frame,
          evidence: withEvidence(row.evidence, fact.evidence),
        });
      }
    }),
    // Inside a transaction of many the level cannot be changed: that one is synced once, as a whole.
    change: (id, wanted) => (database.inTransaction ? changeOne(id, wanted) : unsynced(() => changeOne(id, wanted))),
    due: ({ venue, market }, openedUs, nowUs, limit) => due.all({ venue, market, openedUs, nowUs, limit }).map(gapOf),
    passed: ({ venue, market }, openedUs, nowUs, limit) =>
      passed.all({ venue, market, openedUs, nowUs, limit }).map(gapOf),
    get: (id) => {
      const row = find.get(id);
      return row && gapOf(row);
    },
    list: (filter = {}) => {
      const { where, values } = filterSql(filter);
      if (filter.streams) {
        where.push(`(venue, market, symbol) IN (VALUES ${filter.streams.map(() => '(?, ?, ?)').join(', ')})`);
        values.push(...filter.streams.flatMap(({ venue, market, symbol }) => [venue, market, symbol]));
      }
      if (filter.states) {
        where.push(`state IN (${filter.states.map(() => '?').join(', ')})`);
        values.push(...filter.states);
      }
      if (filter.ids) {
        where.push(`id IN (${filter.ids.map(() => '?').join(', ')})`);
        values.push(...filter.ids);
      }
      if (filter.after) {
        const { id, deadlineUs, fromUs } = filter.after;
        if (filter.order === 'id') {
          where.push('id > ?');
          values.push(id);
        } else {
          where.push('(deadline_us IS NULL, ifnull(deadline_us, 0), from_us, id) > (?, ?, ?, ?)');
          values.push(deadlineUs === null ? 1 : 0, deadlineUs ?? 0, fromUs, id);
        }
      }
      // A repair deadline may be near: those come first, then the oldest.
      const order = filter.order === 'id' ? 'id' : 'deadline_us IS NULL, deadline_us, from_us, id';
      const sql = `SELECT * FROM gap ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY ${order} LIMIT ?`;
      return database
        .prepare<unknown[], GapRow>(sql)
        .all(...values, filter.limit ?? 1_000_000)
        .map(gapOf);
    },
    newestFrame: () => newest.get()?.frame ?? -1,
    beyond: (frame) => beyond.all(frame).map(({ id }) => id),
    settledSince: (mark) => settledLately.since(mark),
    redate: (stream, reachUs) => {
      redate.run(reachUs, stream);
    },
    counts: () => {
      const found: Record<GapState, number> = {
        open: 0,
        repairing: 0,
        repaired: 0,
        partial: 0,
        unrecoverable: 0,
        'venue-hole': 0,
      };
      for (const { state, n } of counts.all()) found[state] = n;
      return found;
    },
  };
}

interface IntervalFilter {
  readonly venue?: string | undefined;
  readonly market?: string | undefined;
  readonly symbol?: string | undefined;
  readonly fromUs?: Us | undefined;
  readonly toUs?: Us | undefined;
}

function filterSql(filter: IntervalFilter): { where: string[]; values: unknown[] } {
  const where: string[] = [];
  const values: unknown[] = [];
  for (const name of ['venue', 'market', 'symbol'] as const) {
    if (filter[name] === undefined) continue;
    where.push(`${name} = ?`);
    values.push(filter[name]);
  }
  if (filter.toUs !== undefined) {
    where.push('from_us < ?');
    values.push(filter.toUs);
  }
  if (filter.fromUs !== undefined) {
    where.push('(to_us IS NULL OR to_us >= ?)');
    values.push(filter.fromUs);
  }
  return { where, values };
}

export function openCoverage(database: Database.Database): Coverages {
  // An end once known stays: a replay of the acknowledgement alone must not open the interval again.
  const upsert = database.prepare(
    `INSERT INTO coverage (venue, market, symbol, line, connection, from_us, to_us) VALUES (@venue, @market, @symbol, @line, @connection, @fromUs, @toUs)
     ON CONFLICT DO UPDATE SET from_us = max(from_us, excluded.from_us), to_us = coalesce(excluded.to_us, to_us)`,
  );
  const read = (filter: CoverageFilter): (Coverage & { connection: string })[] => {
    const { where, values } = filterSql(filter);
    return database
      .prepare<unknown[], Coverage & { connection: string }>(
        `SELECT venue, market, symbol, line, connection, from_us AS fromUs, to_us AS toUs FROM coverage WHERE ${where.join(' AND ')} ORDER BY venue, market, symbol, line, from_us`,
      )
      .all(...values);
  };
  return {
    apply: database.transaction((facts: readonly CoverageFact[]) => {
      for (const { key, ...fact } of facts) upsert.run({ ...key, ...fact });
    }),
    list: (filter) => read(filter).map(({ connection: _, ...interval }) => interval),
    carried: (filter) =>
      read(filter).map(({ connection, ...interval }) => ({ ...interval, lineNo: Number.parseInt(connection, 10) })),
  };
}
