// What a power cut leaves of a journal at worst: everything up to the last sync and nothing behind it. For drills and
// tests, on a folder (or a copy of one) that no process is writing; reads and cuts in one go, without a pause.
import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Columns } from './batch.ts';
import { DURABLE_NAME, decodeDurable } from './durable.ts';
import { LOCK_NAME } from './lock.ts';
import { decodeSegmentHeader, type Position, SEGMENT_HEADER, type SegmentFile, sortSegments } from './segment.ts';

export interface PowerCut {
  /** Last frame that is left. */
  readonly frame: number;
  readonly droppedBytes: number;
  /** Whole records that were dropped, and the time that they span, from the last record left to the last one dropped. */
  readonly lostFrames: number;
  readonly lostUs: number;
}

/** Drops every byte that was not known to be synced, and the writer's lock. */
export function cutToLastSync(dir: string): PowerCut {
  const durable = decodeDurable(readFileSync(join(dir, DURABLE_NAME)));
  let droppedBytes = 0;
  let lostFrames = 0;
  let keptUs = 0;
  let lastUs = 0;
  const see = (file: SegmentFile, bytes: Buffer, from: number): void => {
    droppedBytes += bytes.length - from;
    for (const [frame, recvUs] of recordsOf(file, bytes)) {
      if (durable && frame <= durable.frame) {
        keptUs = recvUs;
      } else {
        lostFrames += 1;
        lastUs = Math.max(lastUs, recvUs);
      }
    }
  };
  for (const file of sortSegments(readdirSync(dir))) {
    if (file.compressed || (durable && file.first < durable.segment)) continue;
    const path = join(dir, file.name);
    const bytes = readFileSync(path);
    if (durable?.segment === file.first) {
      see(file, bytes, Math.min(durable.offset, bytes.length));
      if (bytes.length > durable.offset) truncateSync(path, durable.offset);
    } else {
      see(file, bytes, Math.min(SEGMENT_HEADER, bytes.length));
      rmSync(path);
    }
  }
  rmSync(join(dir, LOCK_NAME), { force: true });
  const lostUs = lostFrames > 0 && keptUs > 0 ? Math.max(0, lastUs - keptUs) : 0;
  return { frame: durable?.frame ?? 0, droppedBytes, lostFrames, lostUs };
}

function* recordsOf(file: SegmentFile, bytes: Buffer): Generator<[frame: number, recvUs: number]> {
  const salt = decodeSegmentHeader(bytes.subarray(0, SEGMENT_HEADER)).salts[0] ?? 0;
  const columns = new Columns();
  let at: Position = { segment: file.first, offset: SEGMENT_HEADER, frame: file.first - 1 };
  while (at.offset < bytes.length) {
    const rest = bytes.subarray(at.offset);
    columns.load(rest);
    columns.damage = [];
    at = columns.parse(at, rest.length, true, salt, Number.MAX_SAFE_INTEGER);
    for (let i = 0; i < columns.count; i += 1) yield [columns.frame[i] as number, columns.recvUs[i] as number];
  }
}
