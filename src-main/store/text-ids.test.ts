// Ids that prove nothing, of every kind, through journal, restart and DuckDB: each trade is stored once, under the very id that the venue gave.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from './store.fixture.ts';
import { KIND_SYMBOLS, kinds, writeKind } from './text-ids.fixture.ts';

const T0 = 1_790_000_000_000_000;
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-ids-'));
});

afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

for (const kind of kinds) {
  test(`${kind.name}: two lines, and what is told again after a restart, give each trade once`, async () => {
    await writeKind(dataDir, kind, { from: 0, to: 6000, firstUs: T0, lines: 2, connection: 1 });
    const first = await openStore(dataDir, { batchFrames: 1000, readBytes: 64 * 1024 });
    await first.caughtUp();
    expect(first.committer.last.totals).toMatchObject({ stored: 6000, duplicates: 6000, rejectedRows: 0 });
    await first.close();
    await writeKind(dataDir, kind, { from: 6000, to: 7000, firstUs: T0, lines: 1, connection: null });
    await writeKind(dataDir, kind, { from: 4000, to: 9000, firstUs: T0, lines: 2, connection: 2 });
    const second = await openStore(dataDir, { batchFrames: 1000, readBytes: 64 * 1024 });
    await second.caughtUp();
    expect(second.committer.last.totals).toMatchObject({ stored: 9000, ticks: 23_000, rejectedRows: 0 });
    const rows = await second.warehouse.writer.rows(
      'SELECT stream, coalesce(CAST(id AS VARCHAR), id_text) AS id, (id IS NULL) = (id_text IS NOT NULL) AS one FROM tick ORDER BY stream, event_us, id',
    );
    const symbolOf = new Map(second.warehouse.catalog.streams.all().map((stream) => [stream.no, stream.symbol]));
    const stored = rows.map((row) => `${symbolOf.get(Number(row.stream))} ${row.id}`);
    expect(rows.every((row) => row.one)).toBe(true);
    const given = Array.from({ length: 9000 }, (_, total) => {
      const id = kind.id(Math.floor(total / KIND_SYMBOLS), total, T0 + total * 200);
      return `${kind.symbol(total % KIND_SYMBOLS)} ${id}`;
    });
    expect(stored.toSorted()).toEqual(given.toSorted());
    await second.close();
  });
}
