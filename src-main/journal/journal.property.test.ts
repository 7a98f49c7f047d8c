// Whatever is appended, rolled, cut or flipped: what was synced comes back, what is damaged is reported, nothing is invented.
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
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
import { cutToLastSync } from './power-cut.ts';
import { begin, dataOf, put, readAll } from './read-all.ts';
import { listSegments } from './segment.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const spotLine = { venue: 'binance', market: 'spot', line: 0, role: 'live', slot: 0 } as const;

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
      { numRuns: 80 },
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
      { numRuns: 40 },
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
