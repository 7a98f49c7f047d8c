// Where the store goes on after a start: from its last commit; or, with the hot database lost, from the journal where the hot hours begin.

import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { HOUR_US } from '../../src-shared/base/time.ts';
import { totalsSchema } from '../../src-shared/contract/archive.ts';
import { listSegments, SEGMENT_HEADER } from '../journal/segment.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { type Committed, type JournalPosition, noTotals, positionSchema } from './warehouse/commit.ts';
import { quote } from './warehouse/rows-sql.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** Keys of streams whose ids prove nothing are remembered this far back. */
const REMEMBER_US = 600_000_000;

const carriedSchema = z.looseObject({ carry: z.looseObject({ recvUs: z.number() }) });
const statesSchema = z.array(z.tuple([z.number(), z.string()]));

/** Restores the pipeline and says what is committed. */
export async function recover(warehouse: Warehouse, pipeline: Pipeline): Promise<Committed> {
  const { writer } = warehouse;
  const [row] = await writer.rows(
    'SELECT commit_no, segment, "offset", frame, totals FROM commit_log ORDER BY commit_no DESC LIMIT 1',
  );
  if (!row) return await rebuild(warehouse, pipeline);
  const states = await writer.rows(
    'SELECT stream, arg_max(state, commit_no) AS state FROM stream_state GROUP BY stream',
  );
  const { totals, recvUs } = restore(
    pipeline,
    String(row.totals),
    states.map((one) => [Number(one.stream), String(one.state)]),
  );
  const horizonUs = recvUs - REMEMBER_US;
  const keys = writer.stream(
    `SELECT stream, id, id_text, event_us FROM tick WHERE event_us > ${horizonUs} AND stream IN (${pipeline.keyedStreams().join(', ') || '-1'}) ORDER BY event_us`,
  );
  for await (const part of keys) {
    const [stream, id, idText, eventUs] = part.columns;
    for (let at = 0; at < part.rows; at += 1) {
      pipeline.remember(Number(stream?.[at]), keyOf(id?.[at] ?? idText?.[at]), Number(eventUs?.[at]));
    }
  }
  pipeline.setHorizon(horizonUs);
  return {
    commitNo: Number(row.commit_no),
    position: { segment: Number(row.segment), offset: Number(row.offset), frame: Number(row.frame) },
    totals,
    recvUs,
  };
}

/** As decoders give ids: a number while it is safe, else its text. */
function keyOf(cell: unknown): number | string {
  return typeof cell === 'number' ? cell : String(cell);
}

function restore(pipeline: Pipeline, log: string, states: readonly (readonly [number, string])[]) {
  const parsed: unknown = JSON.parse(log);
  const { carry } = carriedSchema.parse(parsed);
  pipeline.restoreCarry(JSON.stringify(carry));
  for (const [no, text] of states) pipeline.restore(no, text);
  return { totals: totalsSchema.parse(parsed), recvUs: carry.recvUs };
}

async function rebuild(warehouse: Warehouse, pipeline: Pipeline): Promise<Committed> {
  const { catalog } = warehouse;
  const frame = catalog.facts.get('hot-from-frame');
  const start = frame === undefined ? undefined : catalog.segments.before(Number(frame));
  if (start) {
    const states = statesSchema.parse(JSON.parse(zstdDecompressSync(start.states).toString()));
    const { totals, recvUs } = restore(pipeline, start.totals, states);
    pipeline.setHorizon(null);
    warehouse.note('rebuild', `the hot hours are rebuilt from journal segment ${start.segment}`);
    return { commitNo: start.commitNo, position: positionSchema.parse(JSON.parse(start.position)), totals, recvUs };
  }
  pipeline.setHorizon(null);
  const position = await afterSealed(warehouse);
  if (position) warehouse.note('rebuild', `the hot hours are rebuilt from journal segment ${position.segment}`);
  return { commitNo: 0, position, totals: noTotals, recvUs: 0 };
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
