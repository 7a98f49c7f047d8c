// The raw log: segments that the store has passed are compressed in place, and removed when they are old.
// A segment is deleted only after its compressed copy was synced and read back whole.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress, type ZstdDecompress } from 'node:zlib';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { syncDirectory } from '../base/files.ts';
import { decodeSegmentHeader, listSegments, type Position, SEGMENT_HEADER } from './segment.ts';

export interface CompressOptions {
  /** zstd level, default 3. */
  readonly level?: number;
  /** Most segments in one call, so that a job can stop between two; default all. */
  readonly segments?: number;
  readonly signal?: AbortSignal;
}

export interface Compressed {
  readonly segments: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Compresses every segment that lies wholly before `passed`. What is done stays done when a later one fails. */
export async function compressPassed(
  dir: string,
  passed: Position,
  options: CompressOptions = {},
): Promise<Result<Compressed>> {
  let segments = 0;
  let bytesBefore = 0;
  let bytesAfter = 0;
  try {
    for (const file of await listSegments(dir)) {
      if (file.compressed || file.first >= passed.segment) continue;
      if (options.signal?.aborted || segments >= (options.segments ?? Number.POSITIVE_INFINITY)) break;
      const from = join(dir, file.name);
      const to = `${from}.zst`;
      const beside = `${to}.new`;
      const before = (await stat(from)).size;
      await rm(beside, { force: true });
      const params = { [constants.ZSTD_c_compressionLevel]: options.level ?? 3, [constants.ZSTD_c_checksumFlag]: 1 };
      const signal = options.signal ? { signal: options.signal } : {};
      await pipeline(createReadStream(from), createZstdCompress({ params }), createWriteStream(beside), signal);
      const handle = await open(beside, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      const [plain, again] = [await digest(from, false), await digest(beside, true)];
      if (plain !== again) {
        await rm(beside, { force: true });
        return fail('journal.compress-failed', `${file.name}: the compressed copy does not read back the same`, {
          retry: true,
        });
      }
      await rename(beside, to);
      await syncDirectory(dir);
      await rm(from);
      segments += 1;
      bytesBefore += before;
      bytesAfter += (await stat(to)).size;
    }
    return ok({ segments, bytesBefore, bytesAfter });
  } catch (error) {
    return fail('journal.compress-failed', `${dir}: ${reasonOf(error)}`, { retry: true });
  }
}

async function digest(path: string, compressed: boolean): Promise<string> {
  const hash = createHash('sha256');
  const input = createReadStream(path);
  if (compressed) await pipeline(input, createZstdDecompress(), hash);
  else await pipeline(input, hash);
  return hash.digest('hex');
}

/**
 * Removes compressed segments whose every record was received before `beforeUs`. Plain segments are never removed: the
 * store may not have passed them. Nor are those that lie behind `passed`: a store that is being rebuilt reads compressed ones again.
 */
export async function removeOld(
  dir: string,
  beforeUs: number,
  passed: Position,
): Promise<Result<{ segments: number; bytes: number }>> {
  let segments = 0;
  let bytes = 0;
  try {
    const files = await listSegments(dir);
    for (const [index, file] of files.entries()) {
      const next = files[index + 1];
      // A segment ends when its successor begins; the last one may still be wanted to know where the journal ends.
      if (!next || !file.compressed || file.first >= passed.segment) break;
      const endUs = await createdUs(join(dir, next.name), next.compressed);
      if (endUs === null || endUs > beforeUs) break;
      const path = join(dir, file.name);
      const { size } = await stat(path);
      await rm(path);
      segments += 1;
      bytes += size;
    }
    if (segments > 0) await syncDirectory(dir);
    return ok({ segments, bytes });
  } catch (error) {
    return fail('journal.remove-failed', `${dir}: ${reasonOf(error)}`, { retry: true });
  }
}

/** When a segment was begun; null when its header does not say. */
async function createdUs(path: string, compressed: boolean): Promise<number | null> {
  const input = createReadStream(path);
  const source = compressed ? throughZstd(input) : input;
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of source) {
      parts.push(part as Buffer);
      length += (part as Buffer).length;
      if (length >= SEGMENT_HEADER) break;
    }
  } finally {
    input.destroy();
  }
  const header = decodeSegmentHeader(Buffer.concat(parts).subarray(0, SEGMENT_HEADER));
  return header.whole ? header.createdUs : null;
}

/** What goes wrong with the file goes wrong with what is read of it: pipe() alone passes no error on, and one that nobody hears ends the process. */
function throughZstd(input: ReadStream): ZstdDecompress {
  const plain = createZstdDecompress();
  input.on('error', (error) => plain.destroy(error));
  return input.pipe(plain);
}
