// The journal gives back exactly what was synced, whatever happened to the files: rolls, cuts, flipped bits, lost segments.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { flushed, openLog } from '../base/log.ts';
import { compressPassed, removeOld } from './archive.ts';
import { LINES_NAME, readLines } from './lines.ts';
import { LOCK_NAME } from './lock.ts';
import { begin, dataOf, put, readAll } from './read-all.ts';
import { openReader, type Position } from './reader.ts';
import { listSegments, SEGMENT_HEADER } from './segment.ts';
import { openJournal } from './writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const spotLine = { venue: 'binance', market: 'spot', line: 0, role: 'live', slot: 0 } as const;

test('a lock that cannot be removed, as on a disk that became read-only, is told and ends nothing', async () => {
  const log = openLog(dir, 'collector');
  const writer = await begin(dir, { log });
  // A folder stands in the way also for a user who may do everything.
  rmSync(join(dir, LOCK_NAME));
  mkdirSync(join(dir, LOCK_NAME));
  await writer.close();
  await flushed(log);
  expect(readFileSync(join(dir, 'logs', 'collector.log'), 'utf8')).toMatch(/EISDIR.*"lock not removed"\}\n$/);
});

describe('writer and reader', () => {
  test('records come back as they went in, with their lines, after the writer has gone and come again', async () => {
    const first = await begin(dir);
    const line = first.line(spotLine);
    expect(put(first, 'one', line)).toBe(2);
    first.append(line, RecordKind.data, Origin.backfill, 5, 6, Buffer.alloc(0));
    await first.close();
    const second = await begin(dir);
    expect(second.recovery).toEqual({ lastFrame: 3, cutBytes: 0, damaged: 0, clean: true });
    expect(second.line(spotLine)).toBe(line);
    expect(second.line({ ...spotLine, slot: 1 })).toBe(line + 1);
    put(second, 'two', line);
    unwrap(await second.flush());
    const seen = await readAll(dir);
    expect(seen.records.map((record) => [record.frame, record.line, record.kind])).toEqual([
      [1, 0, 1],
      [2, line, 0],
      [3, line, 0],
      [4, 0, 1],
      [5, line, 0],
    ]);
    expect(seen.records[2]).toMatchObject({ text: '', origin: 1, recvUs: 5 });
    expect(JSON.parse(seen.records[0]?.text ?? '')).toMatchObject({ type: 'start', clean: true, cutBytes: 0 });
    expect(seen.damage).toEqual([]);
    const reader = openReader(dir, null);
    await reader.read();
    await reader.read();
    expect(reader.lines.get(line)).toEqual({ no: line, ...spotLine });
    await reader.close();
    await second.close();
  });

  test('a reader sees nothing that is not synced, and everything once it is', async () => {
    const journal = await begin(dir, { syncMs: 3_600_000 });
    unwrap(await journal.flush());
    put(journal, 'waits');
    await expect.poll(() => journal.stats().writes).toBeGreaterThan(1);
    expect(dataOf(await readAll(dir))).toEqual([]);
    unwrap(await journal.flush());
    expect(dataOf(await readAll(dir))).toEqual(['waits']);
    await journal.close();
  });

  test('without a readable sidecar nothing is durable until the writer publishes; a stand-alone reader takes the valid end', async () => {
    const journal = await begin(dir);
    put(journal, 'a');
    await journal.close();
    for (const damage of ['short', '']) {
      writeFileSync(join(dir, 'durable'), damage);
      expect((await readAll(dir)).records).toEqual([]);
      expect(dataOf(await readAll(dir, null, { standalone: true }))).toEqual(['a']);
    }
    rmSync(join(dir, 'durable'));
    expect((await readAll(dir)).records).toEqual([]);
    const again = await begin(dir);
    expect(dataOf(await readAll(dir))).toEqual(['a']);
    await again.close();
  });

  test('a sidecar that a power cut made older than what was read is no damage, and nothing is read twice', async () => {
    const journal = await begin(dir);
    put(journal, 'a');
    unwrap(await journal.flush());
    const old = readFileSync(join(dir, 'durable'));
    put(journal, 'b');
    unwrap(await journal.flush());
    const { position } = await readAll(dir);
    await journal.close();
    writeFileSync(join(dir, 'durable'), old);
    expect(await readAll(dir, position)).toEqual({ records: [], damage: [], position });
    const again = await begin(dir);
    put(again, 'c');
    unwrap(await again.flush());
    const seen = await readAll(dir, position);
    expect([dataOf(seen), seen.damage]).toEqual([['c'], []]);
    await again.close();
  });

  test('a position behind the end of the file is damage, told once', async () => {
    const journal = await begin(dir);
    put(journal, 'a');
    unwrap(await journal.flush());
    const { position } = await readAll(dir);
    const beyond = { ...(position as Position), offset: (position?.offset ?? 0) + 100 };
    const seen = await readAll(dir, beyond);
    expect(seen.damage.map(({ reason }) => reason)).toEqual([expect.stringContaining('lies behind the synced end')]);
    expect(seen.position).toEqual(position);
    await journal.close();
  });

  test('memory is bounded: what cannot be held is refused, control records still find room, and all that was taken is there', async () => {
    const journal = await begin(dir, { memoryBytes: 1024 ** 2 });
    const payload = 'x'.repeat(1000);
    const taken: number[] = [];
    let refused = 0;
    for (let i = 0; i < 2000; i += 1) {
      const frame = put(journal, payload);
      if (frame < 0) refused += 1;
      else taken.push(frame);
    }
    expect(refused).toBeGreaterThan(900);
    expect(journal.control(1, { type: 'lost', frames: refused, bytes: 1, fromUs: 1, toUs: 2 })).toBeGreaterThan(0);
    unwrap(await journal.flush());
    const seen = await readAll(dir);
    expect(seen.records.filter((record) => record.text === payload).map((record) => record.frame)).toEqual(taken);
    expect(put(journal, payload)).toBeGreaterThan(0);
    await journal.close();
    expect(put(journal, 'x'.repeat(49 * 1024 ** 2))).toBe(-1);
  });

  test('what is kept for control records above the bound is not filled up with data', async () => {
    const journal = await begin(dir, { memoryBytes: 1024 ** 2 });
    const payload = 'x'.repeat(1000);
    const fill = (): void => {
      while (put(journal, payload) > 0);
    };
    fill();
    for (let i = 0; i < 100; i += 1) {
      expect(journal.control(1, { type: 'alive', connection: i })).toBeGreaterThan(0);
      fill();
    }
    unwrap(await journal.flush());
    expect((await readAll(dir)).records.filter(({ text }) => text.includes('"alive"'))).toHaveLength(100);
    expect(put(journal, payload)).toBeGreaterThan(0);
    await journal.close();
  });

  test('a line that is named while the register is being written is in it before its first record is durable', async () => {
    const journal = await begin(dir);
    for (let slot = 0; slot < 20; slot += 1) {
      put(journal, 'first', journal.line({ ...spotLine, slot: slot * 2 }));
      // The writer has begun to write the register down.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      const line = journal.line({ ...spotLine, slot: slot * 2 + 1 });
      const frame = put(journal, 'second', line);
      await expect.poll(() => journal.stats().durableFrame, { interval: 1 }).toBeGreaterThanOrEqual(frame);
      expect([...(await readLines(join(dir, LINES_NAME))).lines.keys()]).toContain(line);
    }
    await journal.close();
  });

  test('what a failed sync left behind the end of a segment is not read twice when the next one begins', async () => {
    const journal = await begin(dir, { segmentMs: 500 });
    const first = put(journal, 'kept');
    unwrap(await journal.flush());
    const path = join(dir, (await listSegments(dir)).at(-1)?.name ?? '');
    const { size } = statSync(path);
    const handle = await open(path, 'r');
    const disk = Object.getPrototypeOf(handle) as { datasync(): Promise<void> };
    const sync = vi.spyOn(disk, 'datasync').mockRejectedValue(Object.assign(new Error('EIO'), { code: 'EIO' }));
    const began = performance.now();
    put(journal, 'again');
    await expect.poll(() => statSync(path).size).toBeGreaterThan(size);
    await expect.poll(() => journal.stats().trouble).not.toBeNull();
    // Its time is over before the disk takes anything again.
    await expect.poll(() => performance.now() - began).toBeGreaterThan(600);
    sync.mockRestore();
    await handle.close();
    await expect.poll(() => journal.stats().trouble).toBeNull();
    const last = put(journal, 'later');
    unwrap(await journal.flush());
    expect((await listSegments(dir)).length).toBe(2);
    const seen = await readAll(dir);
    expect(dataOf(seen)).toEqual(['kept', 'again', 'later']);
    expect(seen.records.map(({ frame }) => frame)).toEqual([1, first, first + 1, last]);
    expect(seen.damage).toEqual([]);
    await journal.close();
  });

  test('a second writer of the same folder is refused by name; the lock of a dead process is taken over', async () => {
    const journal = await begin(dir);
    const second = await openJournal(dir);
    expect(second).toMatchObject({ ok: false, failure: { code: 'journal.locked' } });
    await journal.close();
    for (const content of ['{"pid":1,"started":"another life"}', '{"pid":99999999,"started":"x"}', 'torn{']) {
      writeFileSync(join(dir, 'writer.lock'), content);
      await (await begin(dir)).close();
    }
  });

  test('records far larger than a read or a chunk come back whole', async () => {
    const journal = await begin(dir);
    const big = Buffer.alloc(17 * 1024 ** 2, 'big ');
    journal.append(1, RecordKind.data, Origin.live, 1, 1, big);
    put(journal, 'after');
    await journal.close();
    const reader = openReader(dir, null);
    const sizes: number[] = [];
    for (let batch = await reader.read(4096); batch; batch = await reader.read(4096)) {
      for (let i = 0; i < batch.count; i += 1) sizes.push(batch.payloadLength[i] as number);
    }
    await reader.close();
    expect(sizes.slice(1)).toEqual([big.length, 5]);
  });

  test('a row of the line register that cannot be read keeps its number taken', async () => {
    const journal = await begin(dir);
    expect([journal.line(spotLine), journal.line({ ...spotLine, line: 1 })]).toEqual([1, 2]);
    unwrap(await journal.flush());
    await journal.close();
    const path = join(dir, 'lines.jsonl');
    writeFileSync(path, `${readFileSync(path, 'utf8').replace('"no":2', '"no":')}{"no":3,"ven`);
    const again = await begin(dir);
    expect(again.line({ ...spotLine, line: 1 })).toBe(3);
    expect(again.line(spotLine)).toBe(1);
    await again.close();
  });
});

describe('disk trouble', () => {
  test('a segment that cannot be made is reported, held in memory, and written when it can', async () => {
    const journal = await begin(dir, { segmentBytes: 200 });
    unwrap(await journal.flush());
    // The next segment's name is taken by a folder: opening it fails like any refusing disk.
    const blocked = join(dir, `${String(journal.stats().headFrame + 2).padStart(20, '0')}.journal`);
    put(journal, 'y'.repeat(300));
    unwrap(await journal.flush());
    mkdirSync(blocked);
    const troubles: (string | null)[] = [];
    journal.onTrouble((failure) => troubles.push(failure?.code ?? null));
    put(journal, 'held');
    expect(await journal.flush()).toMatchObject({ ok: false, failure: { code: 'journal.write-failed', retry: true } });
    put(journal, 'too');
    rmSync(blocked, { recursive: true });
    await expect.poll(() => journal.stats().trouble, { timeout: 60_000 }).toBeNull();
    unwrap(await journal.flush());
    expect(troubles).toEqual(['journal.write-failed', null]);
    expect(dataOf(await readAll(dir)).slice(1)).toEqual(['held', 'too']);
    await journal.close();
  });

  test('a folder that cannot be made is a failure that names it', async () => {
    writeFileSync(join(dir, 'file'), '');
    expect(await openJournal(join(dir, 'file', 'journal'))).toMatchObject({
      ok: false,
      failure: { code: 'journal.open-failed', retry: true },
    });
  });
});

describe('passed segments', () => {
  test('are compressed, read the same, and removed by age only when compressed', async () => {
    const journal = await begin(dir, { segmentBytes: 2000 });
    for (let i = 0; i < 50; i += 1) {
      put(journal, `record ${i} `.repeat(10));
      unwrap(await journal.flush());
    }
    const before = await readAll(dir);
    const middle = before.position as Position;
    const done = unwrap(await compressPassed(dir, middle));
    expect(done.segments).toBeGreaterThan(2);
    expect(done.bytesAfter).toBeLessThan(done.bytesBefore);
    expect(await readAll(dir)).toEqual(before);
    const passed = (segment: number) => ({ segment, offset: 64, frame: segment });
    const all = passed(Number.MAX_SAFE_INTEGER);
    expect(unwrap(await removeOld(dir, 1, all)).segments).toBe(0);
    // A store that is being rebuilt stands at the start again: all that it has still to read is kept, however old.
    expect(unwrap(await removeOld(dir, Date.now() * 1000 + 10_000_000, passed(1))).segments).toBe(0);
    const removed = unwrap(await removeOld(dir, Date.now() * 1000 + 10_000_000, all));
    expect(removed.segments).toBe(done.segments);
    const after = await readAll(dir, { segment: 1, offset: SEGMENT_HEADER, frame: 0 });
    expect(after.damage[0]?.frames).toBe(middle.segment - 1);
    expect(after.records[0]?.frame).toBe(middle.segment);
    await journal.close();
  });

  test('a segment that is not there when its age is asked is a failure, and ends nothing', async () => {
    const journal = await begin(dir, { segmentBytes: 500 });
    for (let i = 0; i < 20; i += 1) {
      put(journal, `record ${i} `.repeat(10));
      unwrap(await journal.flush());
    }
    await journal.close();
    unwrap(await compressPassed(dir, (await readAll(dir)).position as Position));
    const [, second] = await listSegments(dir);
    rmSync(join(dir, second?.name ?? ''));
    symlinkSync(join(dir, 'nowhere'), join(dir, second?.name ?? ''));
    const all = { segment: Number.MAX_SAFE_INTEGER, offset: SEGMENT_HEADER, frame: Number.MAX_SAFE_INTEGER };
    expect(await removeOld(dir, Date.now() * 1000, all)).toMatchObject({
      ok: false,
      failure: { code: 'journal.remove-failed', message: expect.stringContaining('ENOENT'), retry: true },
    });
  });

  test('a segment that a power cut brought back beside its compressed copy is read once, and goes again', async () => {
    const journal = await begin(dir, { segmentBytes: 500 });
    for (let i = 0; i < 20; i += 1) {
      put(journal, `record ${i} `.repeat(10));
      unwrap(await journal.flush());
    }
    await journal.close();
    const before = await readAll(dir);
    const segments = await listSegments(dir);
    const plain = segments.map(({ name }) => [join(dir, name), readFileSync(join(dir, name))] as const);
    const passed = before.position as Position;
    const done = unwrap(await compressPassed(dir, passed));
    expect(done.segments).toBeGreaterThan(2);
    for (const [path, bytes] of plain.slice(0, done.segments)) writeFileSync(path, bytes);
    expect(await readAll(dir)).toEqual(before);
    expect(unwrap(await compressPassed(dir, passed)).segments).toBe(done.segments);
    expect(await readAll(dir)).toEqual(before);
    expect(readdirSync(dir).filter((name) => name.endsWith('.journal'))).toHaveLength(segments.length - done.segments);
  });

  test('a damaged compressed segment gives its good beginning and a report', async () => {
    const journal = await begin(dir, { segmentBytes: 400_000 });
    for (let i = 0; i < 3000; i += 1) put(journal, `${i} ${Math.sin(i)}${Math.cos(i)}`.repeat(5));
    unwrap(await journal.flush());
    put(journal, 'next segment');
    await journal.close();
    const whole = await readAll(dir);
    const last = (await listSegments(dir)).at(-1)?.first ?? 0;
    unwrap(await compressPassed(dir, { segment: last, offset: SEGMENT_HEADER, frame: last - 1 }));
    const name = readdirSync(dir).find((entry) => entry.endsWith('.zst')) ?? '';
    truncateSync(join(dir, name), Math.floor(statSync(join(dir, name)).size / 2));
    const seen = await readAll(dir);
    expect(seen.damage.map((damage) => damage.reason).join()).toContain('compressed segment damaged');
    const lost = seen.damage.reduce((sum, damage) => sum + damage.frames, 0);
    expect(seen.records.length + lost).toBe(whole.records.length);
  });
});

describe('positions that no longer fit', () => {
  test('in a cut segment, in a lost segment, behind the end of the journal: reported, and the rest is read', async () => {
    const journal = await begin(dir, { segmentBytes: 1 });
    for (const text of ['a', 'b', 'c', 'd']) {
      put(journal, text);
      unwrap(await journal.flush());
    }
    await journal.close();
    const files = await listSegments(dir);
    expect(files.length).toBe(5);
    const second = files[1]?.first ?? 0;
    const cut = await readAll(dir, { segment: second, offset: 9999, frame: second });
    expect(cut.damage[0]?.reason).toContain('behind the end of its segment');
    expect(dataOf(cut)).toEqual(['b', 'c', 'd']);
    rmSync(join(dir, files[2]?.name ?? ''));
    const lost = await readAll(dir);
    expect(dataOf(lost)).toEqual(['a', 'c', 'd']);
    expect(lost.damage.map((damage) => damage.frames)).toEqual([1]);
    const behind = await readAll(dir, { segment: 777, offset: 64, frame: 800 });
    expect(behind.damage[0]?.reason).toContain('the journal ends before it');
    expect(dataOf(behind)).toEqual(['d']);
  });

  test('frame numbers are never given twice, even when the files behind the sidecar are gone', async () => {
    const journal = await begin(dir, { segmentBytes: 1 });
    put(journal, 'a');
    unwrap(await journal.flush());
    put(journal, 'b');
    await journal.close();
    const files = await listSegments(dir);
    rmSync(join(dir, files.at(-1)?.name ?? ''));
    const again = await begin(dir);
    expect(again.recovery.lastFrame).toBe(3);
    expect(put(again, 'c')).toBe(5);
    await again.close();
    const seen = await readAll(dir);
    expect(dataOf(seen)).toEqual(['a', 'c']);
    expect(seen.damage.map((damage) => damage.frames)).toEqual([1]);
  });
});
