// The raw log is removed once, whoever asks for it and however many ask at a time.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US } from '../../../src-shared/base/time.ts';
import { silentLog } from '../../base/log.ts';
import { compressPassed } from '../../journal/archive.ts';
import { begin, put } from '../../journal/read-all.ts';
import { listSegments } from '../../journal/segment.ts';
import type { JobContext } from './job.ts';
import { openRetention } from './retention.ts';

const PASSED = { segment: Number.MAX_SAFE_INTEGER, offset: 0, frame: Number.MAX_SAFE_INTEGER };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'retention-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the disk job and the job itself may remove at the same time', async () => {
  const folder = join(dir, 'journal');
  const journal = await begin(folder, { segmentBytes: 1 });
  for (let n = 0; n < 60; n += 1) {
    put(journal, `record ${n}`);
    unwrap(await journal.flush());
  }
  await journal.close();
  const last = (await listSegments(folder)).at(-1);
  unwrap(await compressPassed(folder, { ...PASSED, segment: last?.first ?? 0 }));
  const bytes = (await listSegments(folder))
    .filter(({ compressed }) => compressed)
    .reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0);

  const notes: string[] = [];
  const context = {
    archive: { dataDir: dir, rows: async () => [] },
    settings: { retention: { rawDays: 0 } },
    warehouse: { note: (_kind: string, text: string) => notes.push(text), log: silentLog() },
    nowUs: () => Date.now() * 1000 + 2 * HOUR_US,
    position: () => PASSED,
  } as unknown as JobContext;
  const retention = openRetention(context);
  const freed = await Promise.all([retention.prune(0), retention.prune(0), retention.prune(0)]);
  expect(notes).toEqual([]);
  expect(freed).toEqual([bytes, 0, 0]);
  expect((await listSegments(folder)).map(({ name }) => name)).toEqual([last?.name]);
});
