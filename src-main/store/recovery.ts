// Where the store goes on after a start: from its last commit; or, with the hot database lost, from the journal where the hot hours begin.

import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { reasonOf } from '../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US, type Us } from '../../src-shared/base/time.ts';
import { type Totals, totalsSchema } from '../../src-shared/contract/archive.ts';
import { listSegments, SEGMENT_HEADER } from '../journal/segment.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { type Committed, type JournalPosition, noTotals, positionSchema } from './warehouse/commit.ts';
import { quote } from './warehouse/rows-sql.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** Keys of streams whose ids prove nothing are remembered this far back, and this many of them; older ones the warehouse is asked for. */
const REMEMBER_US = 120_000_000;
const REMEMBER_KEYS = 200_000;

const carriedSchema = z.looseObject({ carry: z.looseObject({ recvUs: z.number() }) });
const statesSchema = z.array(z.tuple([z.number(), z.string()]));

export interface Recovered {
  readonly pipeline: Pipeline;
  readonly committed: Committed;
}

/**
 * The pipeline as of the last commit, and what is committed. State that cannot be read back, as a different version may have
 * written it, is damage like any other: the hot hours are then rebuilt from the journal. fresh: a pipeline that knows the catalog's streams.
 */
export async function recover(warehouse: Warehouse, fresh: () => Pipeline): Promise<Recovered> {
  const recovered = await lastCommit(warehouse, fresh);
  const { pipeline, committed } = recovered;
  const { gaps } = warehouse.catalog;
  pipeline.toldAhead(gaps.beyond(committed.position?.frame ?? -1), (id) => gaps.get(id) !== undefined);
  return recovered;
}

async function lastCommit(warehouse: Warehouse, fresh: () => Pipeline): Promise<Recovered> {
  const { writer } = warehouse;
  const [row] = await writer.rows(
    'SELECT commit_no, segment, "offset", frame, totals FROM commit_log ORDER BY commit_no DESC LIMIT 1',
  );
  if (!row) return await rebuild(warehouse, fresh);
  const rows = await writer.rows('SELECT stream, arg_max(state, commit_no) AS state FROM stream_state GROUP BY stream');
  const states = rows.map((one) => [Number(one.stream), String(one.state)] as const);
  const restored = restore(warehouse, fresh, String(row.totals), states);
  if (!restored) {
    await writer.run('BEGIN');
    for (const table of ['tick', 'sighting', 'stream_state', 'commit_log']) await writer.run(`DELETE FROM ${table}`);
    await writer.run('COMMIT');
    return await rebuild(warehouse, fresh);
  }
  const { pipeline, totals, recvUs } = restored;
  await remember(warehouse, pipeline, recvUs);
  return {
    pipeline,
    committed: {
      commitNo: Number(row.commit_no),
      position: { segment: Number(row.segment), offset: Number(row.offset), frame: Number(row.frame) },
      totals,
      recvUs,
    },
  };
}

async function remember({ writer }: Warehouse, pipeline: Pipeline, recvUs: Us): Promise<void> {
  const streams = `stream IN (${pipeline.keyedStreams().join(', ') || '-1'})`;
  let horizonUs = recvUs - REMEMBER_US;
  const seconds = await writer.rows(
    `SELECT event_us // ${SECOND_US} AS second, count(*) AS n FROM tick WHERE event_us > ${horizonUs} AND ${streams} GROUP BY 1 ORDER BY 1 DESC`,
  );
  let keysKept = 0;
  for (const { second, n } of seconds) {
    keysKept += Number(n);
    if (keysKept <= REMEMBER_KEYS) continue;
    horizonUs = Math.max(horizonUs, (Number(second) + 1) * SECOND_US - 1);
    break;
  }
  const keys = writer.stream(
    `SELECT stream, id, id_text, event_us FROM tick WHERE event_us > ${horizonUs} AND ${streams} ORDER BY event_us`,
  );
  for await (const part of keys) {
    const [stream, id, idText, eventUs] = part.columns;
    for (let at = 0; at < part.rows; at += 1) {
      pipeline.remember(Number(stream?.[at]), keyOf(id?.[at] ?? idText?.[at]), Number(eventUs?.[at]));
    }
  }
  pipeline.setHorizon(horizonUs);
}

/** As decoders give ids: a number while it is safe, else its text. */
function keyOf(cell: unknown): number | string {
  return typeof cell === 'number' ? cell : String(cell);
}

interface Restored {
  readonly pipeline: Pipeline;
  readonly totals: Totals;
  readonly recvUs: Us;
}

/** undefined: the text is not what this version writes; the ledger says so. */
function restore(
  warehouse: Warehouse,
  fresh: () => Pipeline,
  log: string,
  states: readonly (readonly [number, string])[],
): Restored | undefined {
  try {
    const pipeline = fresh();
    const parsed: unknown = JSON.parse(log);
    const { carry } = carriedSchema.parse(parsed);
    pipeline.restoreCarry(JSON.stringify(carry));
    for (const [no, text] of states) pipeline.restore(no, text);
    return { pipeline, totals: totalsSchema.parse(parsed), recvUs: carry.recvUs };
  } catch (error) {
    warehouse.note('state', `the state of the streams cannot be read back (${reasonOf(error).slice(0, 300)})`);
    return undefined;
  }
}

async function rebuild(warehouse: Warehouse, fresh: () => Pipeline): Promise<Recovered> {
  const { catalog } = warehouse;
  const frame = catalog.facts.get('hot-from-frame');
  const start = frame === undefined ? undefined : catalog.segments.before(Number(frame));
  const states = start && statesSchema.parse(JSON.parse(zstdDecompressSync(start.states).toString()));
  const restored = start && states && restore(warehouse, fresh, start.totals, states);
  if (restored) {
    const { pipeline, totals, recvUs } = restored;
    pipeline.setHorizon(null);
    warehouse.note('rebuild', `the hot hours are rebuilt from journal segment ${start.segment}`);
    const position = positionSchema.parse(JSON.parse(start.position));
    return { pipeline, committed: { commitNo: start.commitNo, position, totals, recvUs } };
  }
  const pipeline = fresh();
  pipeline.setHorizon(null);
  const position = await afterSealed(warehouse);
  if (position) warehouse.note('rebuild', `the hot hours are rebuilt from journal segment ${position.segment}`);
  return { pipeline, committed: { commitNo: 0, position, totals: noTotals, recvUs: 0 } };
}

/**
 * With neither state nor catalog: sealed hours are safe, so the journal is read again from the segment that holds the first
 * live frame of the newest sealed hour. null: from the oldest record kept.
 */
async function afterSealed(warehouse: Warehouse): Promise<JournalPosition | null> {
  const { catalog, writer, dataDir } = warehouse;
  const newest = catalog.sealed.hours().at(-1);
  if (newest === undefined) return null;
  const paths = catalog.sealed.live(newest, newest + HOUR_US).map((file) => quote(join(dataDir, file.path)));
  const [row] = await writer.rows(
    `SELECT min(frame) AS frame FROM read_parquet([${paths.join(', ')}], hive_partitioning = false) WHERE origin = 'live'`,
  );
  if (row?.frame === null || row?.frame === undefined) return null;
  const first = (await listSegments(join(dataDir, 'journal')))
    .map((segment) => segment.first)
    .filter((segment) => segment <= Number(row.frame))
    .at(-1);
  return first === undefined ? null : { segment: first, offset: SEGMENT_HEADER, frame: first - 1 };
}
