// The life of the lines as rows. Promises: bounded; the same facts written again, in whatever batches, leave the same rows.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';
import type { LineLogEntry } from '../../../../src-shared/contract/lines.ts';

export interface LineLogFact extends Omit<LineLogEntry, 'lastUs'> {
  readonly venue: string | null;
  readonly market: string | null;
}

export interface LineLog {
  put(facts: readonly LineLogFact[]): void;
  /** Newest first, with what concerned the whole recorder. */
  of(line: string, before: number | undefined, limit: number): LineLogEntry[];
  /** Of all lines, newest first. */
  latest(limit: number): LineLogEntry[];
}

/** Acknowledgements and refusals of one connection that follow each other within this time are one row. */
const FOLD_US: Us = 10_000_000;
/** A refusal is asked for again each minute and refused again. */
const REPEAT_US: Us = 180_000_000;
/** Rows that are kept, about; at some 150 bytes each. */
const KEPT = 200_000;
const PRUNE_EVERY = 5000;

interface Row {
  frame: number;
  last_frame: number;
  at_us: number;
  last_us: number;
  line: string | null;
  kind: LineLogEntry['kind'];
  connection: number | null;
  count: number;
  planned: number;
  note: string;
}

const COLUMNS = 'frame, last_frame, at_us, last_us, line, kind, connection, count, planned, note';

function entryOf(row: Row): LineLogEntry {
  const { frame, line, kind, connection, count, note } = row;
  return {
    frame,
    atUs: row.at_us,
    lastUs: row.last_us,
    line,
    kind,
    connection,
    count,
    planned: row.planned === 1,
    note,
  };
}

export function openLineLog(database: Database.Database, kept = KEPT): LineLog {
  const insert = database.prepare(
    `INSERT INTO line_log (frame, last_frame, at_us, last_us, line, venue, market, kind, connection, count, planned, note)
     VALUES (@frame, @frame, @atUs, @atUs, @line, @venue, @market, @kind, @connection, @count, @planned, @note)
     ON CONFLICT DO NOTHING`,
  );
  const newest = database.prepare<[string, number], Row>(
    `SELECT ${COLUMNS} FROM line_log WHERE line = ? AND frame <= ? ORDER BY frame DESC LIMIT 1`,
  );
  const widen = database.prepare(
    'UPDATE line_log SET last_frame = @lastFrame, last_us = @lastUs, count = @count WHERE frame = @frame',
  );
  const of = database.prepare<[{ line: string; before: number; limit: number }], Row>(
    `SELECT ${COLUMNS} FROM (
       SELECT * FROM (SELECT ${COLUMNS} FROM line_log WHERE line = @line AND frame < @before ORDER BY frame DESC LIMIT @limit)
       UNION ALL
       SELECT * FROM (SELECT ${COLUMNS} FROM line_log WHERE line IS NULL AND frame < @before ORDER BY frame DESC LIMIT @limit)
     ) ORDER BY frame DESC LIMIT @limit`,
  );
  const latest = database.prepare<[number], Row>(`SELECT ${COLUMNS} FROM line_log ORDER BY frame DESC LIMIT ?`);
  const prune = database.prepare(
    'DELETE FROM line_log WHERE frame < (SELECT frame FROM line_log ORDER BY frame DESC LIMIT 1 OFFSET ?)',
  );
  let written = 0;

  /** True when the fact is part of a row that is there, which holds it from now on. */
  const fold = (fact: LineLogFact): boolean => {
    if (fact.line === null || (fact.kind !== 'acknowledged' && fact.kind !== 'refused')) return false;
    const row = newest.get(fact.line, fact.frame);
    if (!row || row.kind !== fact.kind || row.connection !== fact.connection) return false;
    // A replay brings what is counted already.
    if (fact.frame <= row.last_frame) return true;
    const repeats = fact.kind === 'refused' && row.note === fact.note;
    if (fact.kind === 'refused' && !repeats) return false;
    if (fact.atUs - row.last_us > (repeats ? REPEAT_US : FOLD_US)) return false;
    const count = repeats ? row.count : row.count + fact.count;
    widen.run({ frame: row.frame, lastFrame: fact.frame, lastUs: fact.atUs, count });
    return true;
  };

  return {
    put: database.transaction((facts: readonly LineLogFact[]) => {
      for (const fact of facts) {
        if (fold(fact)) continue;
        written += insert.run({ ...fact, planned: fact.planned ? 1 : 0 }).changes;
      }
      if (written < PRUNE_EVERY) return;
      written = 0;
      prune.run(kept);
    }),
    of: (line, before, limit) => of.all({ line, before: before ?? Number.MAX_SAFE_INTEGER, limit }).map(entryOf),
    latest: (limit) => latest.all(limit).map(entryOf),
  };
}
