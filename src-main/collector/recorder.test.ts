// The recorder as a whole, with a disk that stands still and gives no error: nothing may be lost unsaid.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import { silentLog } from '../base/log.ts';
import { begin, put, readAll } from '../journal/read-all.ts';
import { WallClock } from './clock.ts';
import { Recorder } from './recorder.ts';
import { within } from './rig.fixture.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'recorder-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('halts in the open while control records still find room, and goes on when there is room again', async () => {
  const dir = join(dataDir, 'journal');
  const journal = await begin(dir, { memoryBytes: 1024 ** 2, syncMs: 3_600_000 });
  const settings = settingsSchema.parse({ version: 1, disk: { haltBytes: 1 } });
  const recorder = new Recorder({
    dataDir,
    settings,
    journal,
    clock: new WallClock(),
    log: silentLog(),
    worker: null,
  });
  recorder.start();
  while (put(journal, 'x'.repeat(1000)) > 0);
  expect([journal.isStrained, recorder.meter().halt]).toEqual([false, null]);
  let told = 0;
  while (!journal.isStrained) {
    expect(journal.control(1, { type: 'alive', connection: 1 })).toBeGreaterThan(0);
    told += 1;
  }
  expect(told).toBeGreaterThan(1000);
  await expect.poll(() => recorder.meter().halt, within).toContain('the disk takes nothing');
  unwrap(await journal.flush());
  await expect.poll(() => recorder.meter().halt, within).toBeNull();
  await recorder.close('test over');
  const { records } = await readAll(dir);
  const types = records.flatMap(({ text }) => (text.startsWith('{') ? [JSON.parse(text).type] : []));
  expect(types.filter((type) => type !== 'alive')).toEqual(['start', 'halt', 'resume', 'stop']);
});

test('a clock that is set back is told before anything that has the new time', async () => {
  const dir = join(dataDir, 'journal');
  const set = { ms: 0 };
  const wall = (): number => performance.timeOrigin + performance.now() + set.ms;
  const system = { mono: () => performance.now(), sinceBoot: () => performance.now(), origin: performance.timeOrigin };
  const clock = new WallClock({ ...system, wall });
  const journal = await begin(dir, { nowUs: () => clock.nowUs() });
  const settings = settingsSchema.parse({ version: 1, disk: { haltBytes: 1 } });
  const recorder = new Recorder({ dataDir, settings, journal, clock, log: silentLog(), worker: null });
  recorder.start();
  set.ms = -3_600_000;
  await expect.poll(() => Math.abs(clock.nowUs() / 1000 - wall()) < 1000, within).toBe(true);
  await recorder.close('test over');
  const { records } = await readAll(dir);
  const said = records.map(({ text, recvUs }) => [JSON.parse(text).type, recvUs > wall() * 1000 + 1_800_000_000]);
  expect(said).toEqual([
    ['start', true],
    ['clock-set-back', false],
    ['stop', false],
  ]);
  const { fromUs } = JSON.parse(records[1]?.text ?? '') as { fromUs: number };
  expect(Math.abs(fromUs - (records[1]?.recvUs ?? 0) - 3_600_000_000)).toBeLessThan(1_000_000);
});
