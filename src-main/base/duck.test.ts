// Texts given to DuckDB side by side, without a string each: every row must read back its own, whatever its length and place.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Duck, openDuck, type PackedColumn, storeDuckSettings } from './duck.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-duck-'));
let duck: Duck;

beforeAll(async () => {
  duck = await openDuck(join(dir, 'texts.duckdb'), storeDuckSettings);
});

afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true, force: true });
});

function packed(texts: readonly (string | null)[]): PackedColumn {
  const rows = texts.flatMap((text, row) => (text === null ? [] : [row]));
  const parts = rows.map((row) => Buffer.from(texts[row] as string));
  let end = 0;
  const ends = parts.map((part) => {
    end += part.length;
    return end;
  });
  return { count: rows.length, rows: Int32Array.from(rows), ends: Int32Array.from(ends), bytes: Buffer.concat(parts) };
}

/** Appends, commits, and reads back in row order. */
async function through(table: string, batches: readonly (readonly (string | null)[])[]): Promise<unknown[]> {
  return await duck.with(async (connection) => {
    await connection.run(`CREATE TABLE ${table} (n INTEGER, text VARCHAR)`);
    const appender = await connection.appender(table, ['INTEGER', 'VARCHAR']);
    let from = 0;
    for (const texts of batches) {
      const numbers = Int32Array.from(texts, (_, row) => from + row);
      from += texts.length;
      await connection.run('BEGIN');
      appender.append([{ values: numbers, validity: null }, packed(texts)], texts.length);
      await connection.run('COMMIT');
    }
    appender.close();
    await connection.run('CHECKPOINT');
    return (await connection.rows(`SELECT text FROM ${table} ORDER BY n`)).map((row) => row.text);
  });
}

it('texts of every length around the inlined 12 bytes come back, in every place of a chunk', async () => {
  const texts = Array.from({ length: 5000 }, (_, row) => {
    if (row % 7 === 3) return null;
    const length = row % 81;
    return `${row}-${'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(3)}`.slice(0, length);
  });
  expect(await through('lengths', [texts])).toEqual(texts);
});

it('chunks with no text, one short text, one long text, or none but the last row follow each other', async () => {
  const none = new Array<string | null>(2048).fill(null);
  const batches = [
    none,
    none.with(5, 'short'),
    none.with(2047, '2a74ac78-1c5f-5b31-9112-a178eb6023af'),
    [...none, 'x'],
  ];
  expect(await through('sparse', batches)).toEqual(batches.flat());
  const uuids = Array.from({ length: 6000 }, (_, n) => `${n}`.padStart(36, '2a74ac78-1c5f-5b31-9112-'));
  expect(await through('uuids', [uuids, uuids.slice(0, 1), uuids.slice(10)])).toEqual([
    ...uuids,
    ...uuids.slice(0, 1),
    ...uuids.slice(10),
  ]);
});

it('texts beyond ASCII come back', async () => {
  const texts = Array.from({ length: 300 }, (_, row) => `${'비트코인 상장 안내 '.repeat(row % 4)}é${row}`);
  expect(await through('korean', [texts])).toEqual(texts);
});

// DuckDB brings an allocator of its own only there; elsewhere the system's decides.
it.runIf(process.platform === 'linux')(
  'gives memory that it freed back to the system, without a statement',
  () => {
    const told = execFileSync(process.execPath, [join(import.meta.dirname, 'given-back.fixture.ts')], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    const { heldMb, leastMb } = JSON.parse(told) as { heldMb: number; leastMb: number };
    expect(leastMb).toBeLessThan(heldMb - 60);
  },
  60_000,
);
