// The journal gives back exactly what was synced, whatever happened to the files: rolls, cuts, flipped bits, lost segments.
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { compressPassed, removeOld } from './archive.ts';
import { cutToLastSync } from './power-cut.ts';
import { type Damage, openReader, type Position, type ReaderOptions } from './reader.ts';
import { listSegments, SEGMENT_HEADER } from './segment.ts';
import { type JournalOptions, type JournalWriter, openJournal } from './writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Seen {
  records: { frame: number; text: string; line: number; kind: number; origin: number; recvUs: number }[];
  damage: Damage[];
  position: Position | null;
}

async function readAll(
  folder: string,
  from: Position | null = null,
  options: ReaderOptions = {},
  maxBytes?: number,
): Promise<Seen> {
  const reader = openReader(folder, from, options);
  const seen: Seen = { records: [], damage: [], position: from };
  try {
    for (;;) {
      const batch = await reader.read(maxBytes);
      if (!batch) return seen;
      for (let i = 0; i < batch.count; i += 1) {
        const at = batch.payloadOffset[i] as number;
        seen.records.push({
          frame: batch.frame[i] as number,
          text: batch.bytes.toString('latin1', at, at + (batch.payloadLength[i] as number)),
          line: batch.lineNo[i] as number,
          kind: batch.kind[i] as number,
          origin: batch.origin[i] as number,
          recvUs: batch.recvUs[i] as number,
        });
      }
      seen.damage.push(...batch.damage);
      seen.position = batch.end;
    }
  } finally {
    await reader.close();
  }
}

async function begin(folder: string, options: JournalOptions = {}): Promise<JournalWriter> {
  return unwrap(await openJournal(folder, options));
}

function put(journal: JournalWriter, text: string, line = 1): number {
  return journal.append(line, RecordKind.data, Origin.live, 1_000_000, 2_000_000, Buffer.from(text, 'latin1'));
}

const dataOf = (seen: Seen): string[] =>
  seen.records.filter((record) => record.kind === RecordKind.data).map((record) => record.text);

const spotLine = { venue: 'binance', market: 'spot', line: 0, role: 'live', slot: 0 } as const;

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
    await expect.poll(() => journal.stats().trouble, { timeout: 5000 }).toBeNull();
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
    expect(unwrap(await removeOld(dir, 1)).segments).toBe(0);
    const removed = unwrap(await removeOld(dir, Date.now() * 1000 + 10_000_000));
    expect(removed.segments).toBe(done.segments);
    const after = await readAll(dir, { segment: 1, offset: SEGMENT_HEADER, frame: 0 });
    expect(after.damage[0]?.frames).toBe(middle.segment - 1);
    expect(after.records[0]?.frame).toBe(middle.segment);
    await journal.close();
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

// One journal of several sessions and segments, damaged anew for every property run.
async function build(folder: string): Promise<string[]> {
  const texts: string[] = [];
  for (let session = 0; session < 3; session += 1) {
    const journal = await begin(folder, { segmentBytes: 600 });
    journal.line(spotLine);
    for (let i = 0; i < 12; i += 1) {
      // Payloads that look like records must not be taken for any.
      const text = i % 4 === 0 ? 'TDKR'.repeat(i + 1) : `${session}.${i}`.repeat(i * 3);
      put(journal, text);
      texts.push(text);
      if (i % 3 === 0) unwrap(await journal.flush());
    }
    await journal.close();
  }
  return texts;
}

describe('properties', () => {
  test('any appends, rolls and restarts read back the same, whatever the size of a read', async () => {
    const session = fc.array(fc.record({ length: fc.nat(3000), flush: fc.boolean() }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(session, { maxLength: 3 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(4000),
        async (sessions, segmentBytes, maxBytes) => {
          const folder = mkdtempSync(join(dir, 'run-'));
          const texts: string[] = [];
          for (const records of sessions) {
            const journal = await begin(folder, { segmentBytes });
            for (const { length, flush } of records) {
              const text = String(texts.length % 10).repeat(length);
              put(journal, text);
              texts.push(text);
              if (flush) unwrap(await journal.flush());
            }
            await journal.close();
          }
          const seen = await readAll(folder, null, {}, maxBytes);
          expect(dataOf(seen)).toEqual(texts);
          expect(seen.damage).toEqual([]);
          expect(seen.records.map((record) => record.frame)).toEqual(seen.records.map((_, index) => index + 1));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('bit flips anywhere: every other record is there, every lost one is counted, none is invented', async () => {
    await build(dir);
    const whole = await readAll(dir);
    const files = (await listSegments(dir)).map((file) => file.name);
    const flips = fc.array(fc.record({ file: fc.nat(files.length - 1), at: fc.nat(), bit: fc.nat(7) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(flips, fc.integer({ min: 1, max: 3000 }), async (changes, maxBytes) => {
        const folder = mkdtempSync(join(tmpdir(), 'flip-'));
        try {
          for (const name of [...files, 'durable', 'lines.jsonl']) copyFileSync(join(dir, name), join(folder, name));
          for (const { file, at, bit } of changes) {
            const path = join(folder, files[file] ?? '');
            const bytes = readFileSync(path);
            const index = at % bytes.length;
            bytes[index] = (bytes[index] as number) ^ (1 << bit);
            writeFileSync(path, bytes);
          }
          const seen = await readAll(folder, null, {}, maxBytes);
          const byFrame = new Map(whole.records.map((record) => [record.frame, record]));
          for (const record of seen.records) expect(record).toEqual(byFrame.get(record.frame));
          const frames = seen.records.map((record) => record.frame);
          expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
          expect(whole.records.length - seen.records.length).toBeLessThanOrEqual(changes.length * 20);
          const reported = seen.damage.reduce((sum, damage) => sum + damage.frames, 0);
          const tail = whole.records.length - (frames.at(-1) ?? 0);
          expect(reported).toBe(whole.records.length - seen.records.length - tail);
          if (seen.records.length < whole.records.length) expect(seen.damage.length).toBeGreaterThan(0);
          // What was damaged is kept, and a writer goes on behind it without giving a number twice.
          const next = await begin(folder);
          expect(next.recovery.lastFrame).toBe(whole.records.length);
          put(next, 'goes on');
          await next.close();
          const after = await readAll(folder);
          expect(after.records.slice(0, seen.records.length)).toEqual(seen.records);
          expect(dataOf(after).at(-1)).toBe('goes on');
          const allReported = after.damage.reduce((sum, damage) => sum + damage.frames, 0);
          expect(after.records.length + allReported).toBe(whole.records.length + 2);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the newest segment cut at any byte: the whole records before the cut stay, the torn one goes and is counted', async () => {
    await build(dir);
    const whole = await readAll(dir);
    const files = (await listSegments(dir)).map((file) => file.name);
    const last = files.at(-1) ?? '';
    const size = statSync(join(dir, last)).size;
    await fc.assert(
      fc.asyncProperty(fc.nat(size), fc.boolean(), async (at, keepSidecar) => {
        const folder = mkdtempSync(join(tmpdir(), 'cut-'));
        try {
          for (const name of [...files, 'durable', 'lines.jsonl']) copyFileSync(join(dir, name), join(folder, name));
          truncateSync(join(folder, last), at);
          if (!keepSidecar) rmSync(join(folder, 'durable'));
          const next = await begin(folder);
          put(next, 'goes on');
          await next.close();
          const seen = await readAll(folder);
          const kept = seen.records.slice(0, -2);
          expect(kept).toEqual(whole.records.slice(0, kept.length));
          expect(dataOf(seen).at(-1)).toBe('goes on');
          const lost = seen.damage.reduce((sum, damage) => sum + damage.frames, 0);
          if (keepSidecar) expect(kept.length + lost).toBe(whole.records.length);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a power cut at any time leaves exactly what was synced', async () => {
    const journal = await begin(dir, { segmentBytes: 3000, syncMs: 3_600_000 });
    const texts: string[] = [];
    let durable = 0;
    for (let i = 0; i < 60; i += 1) {
      texts.push(`${i}`.repeat(i));
      const writes = journal.stats().writes;
      put(journal, texts.at(-1) ?? '');
      await expect.poll(() => journal.stats().writes, { interval: 1 }).toBeGreaterThan(writes);
      if (i % 7 === 0) {
        unwrap(await journal.flush());
        durable = texts.length;
      }
      const copy = mkdtempSync(join(tmpdir(), 'power-'));
      cpSync(dir, copy, { recursive: true });
      cutToLastSync(copy);
      const next = await begin(copy);
      expect(next.recovery.cutBytes).toBe(0);
      const kept = dataOf(await readAll(copy));
      await next.close();
      rmSync(copy, { recursive: true });
      expect(kept.length).toBeGreaterThanOrEqual(durable);
      expect(kept).toEqual(texts.slice(0, kept.length));
    }
    await journal.close();
  });
});
