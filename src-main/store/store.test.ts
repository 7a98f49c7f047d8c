// What kills a store, or its files, must cost nothing: every durable frame is stored once, whatever happened between.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HOUR_US } from '../../src-shared/base/time.ts';
import { openDuck, storeDuckSettings } from '../base/duck.ts';
import { openStore, SYMBOLS, writeJournal } from './store.fixture.ts';
import { openArchive } from './warehouse/archive.ts';
import { sealHour } from './warehouse/seal.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

const T0 = 1_790_000_000_000_000;
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-store-'));
});

afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** Each of the trades of writeJournal is there once, as live rows of its frame; gaps: none; the balance holds. */
async function expectWhole(warehouse: Warehouse, trades: number): Promise<void> {
  const [row] = await warehouse.writer.rows(
    'SELECT count(*) AS n, count(DISTINCT (stream, id)) AS keys, count(DISTINCT frame) AS frames, min(id) AS first, max(id) AS last FROM tick',
  );
  const last = 1000 + Math.ceil(trades / SYMBOLS.length) - 1;
  expect(row).toEqual({ n: trades, keys: trades, frames: trades, first: 1000, last });
  expect(warehouse.catalog.gaps.list().filter((gap) => gap.state !== 'repaired')).toEqual([]);
  expect(
    warehouse.catalog.streams
      .all()
      .map((stream) => stream.symbol)
      .toSorted(),
  ).toEqual([...SYMBOLS].toSorted());
}

/** Runs the store in a child until `kill` commits were seen and `afterMs` more have passed, then kills it; true: it was done before. */
function runAndKill(kill: number, afterMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.fixture.ts'), dataDir, '400'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let trouble = '';
    let timer: NodeJS.Timeout | undefined;
    child.stderr.on('data', (bytes: Buffer) => {
      trouble += bytes.toString();
    });
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.split('c').length > kill) timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve(false);
      else if (code === 0 && said.includes('done')) resolve(true);
      else reject(new Error(`the store ended with ${code ?? signal}: ${trouble}`));
    });
  });
}

describe('leaving on a disk that takes nothing more', () => {
  test('ends in order without a checkpoint, and the next start has all that was committed', async () => {
    await writeJournal(dataDir, { trades: 500, firstUs: T0 });
    const store = await openStore(dataDir);
    await store.caughtUp();
    const { writer } = store.warehouse;
    const run = writer.run.bind(writer);
    vi.spyOn(writer, 'run').mockImplementation((sql, ...more) =>
      sql === 'CHECKPOINT'
        ? Promise.reject(new Error('Could not remove file: Read-only file system'))
        : run(sql, ...more),
    );
    await store.close();
    const again = await openStore(dataDir);
    await again.caughtUp();
    await expectWhole(again.warehouse, 500);
    await again.close();
  });

  test.each([
    'ENOSPC: no space left on device',
    'IO Error: Could not write file: Read-only file system',
    'attempt to write a readonly database',
  ])(
    'ends in order without its last commit, and the next start reads it from the journal again: %s',
    async (reason) => {
      await writeJournal(dataDir, { trades: 500, firstUs: T0 });
      const store = await openStore(dataDir);
      await store.caughtUp();
      vi.spyOn(store.committer, 'commit').mockRejectedValue(new Error(reason));
      await writeJournal(dataDir, { trades: 500, firstUs: T0 }, 500);
      await vi.waitFor(() => expect(store.intake.status.trouble).toBe(reason), 60_000);
      await store.close();
      const again = await openStore(dataDir);
      await again.caughtUp();
      await expectWhole(again.warehouse, 1000);
      await again.close();
    },
  );
});

describe('kill -9', () => {
  test('at random moments of commits: each durable frame is stored once', { timeout: 240_000 }, async () => {
    const trades = 20_000;
    await writeJournal(dataDir, { trades, firstUs: T0, segmentBytes: 512 * 1024 });
    let kills = 0;
    for (let round = 0; round < 8; round += 1) {
      if (await runAndKill(1 + Math.floor(Math.random() * 4), Math.random() * 12)) break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(3);
    const store = await openStore(dataDir);
    await store.caughtUp();
    await expectWhole(store.warehouse, trades);
    const { totals } = store.committer.last;
    expect(totals).toMatchObject({ data: trades, ticks: trades, stored: trades, duplicates: 0, rejected: 0 });
    expect(totals.frames).toBe(totals.control + totals.data);
    await store.close();
  });
});

describe('files that will not open', () => {
  const trades = 6000;

  async function record(): Promise<void> {
    await writeJournal(dataDir, { trades, firstUs: T0, segmentBytes: 256 * 1024 });
    const store = await openStore(dataDir, { batchFrames: 500 });
    await store.caughtUp();
    await store.close();
  }

  async function expectRebuilt(note: RegExp): Promise<void> {
    const store = await openStore(dataDir);
    await store.caughtUp();
    await expectWhole(store.warehouse, trades);
    expect(store.warehouse.notes.some((text) => note.test(text))).toBe(true);
    expect(store.warehouse.catalog.ledger.list(10).some((entry) => entry.kind === 'set-aside')).toBe(true);
    expect(readdirSync(join(dataDir, 'warehouse', 'set-aside')).length).toBe(1);
    await store.close();
  }

  test('a good catalog stays where it is, whatever else keeps it from opening', async () => {
    await record();
    const resources = process.env.TAPEDECK_RESOURCES;
    // Neither the file's fault nor one of those that are known: the program's own resources are not there.
    process.env.TAPEDECK_RESOURCES = join(dataDir, 'nowhere');
    try {
      await expect(openStore(dataDir)).rejects.toThrow(/ENOENT.*nowhere/);
      expect(existsSync(join(dataDir, 'warehouse', 'set-aside'))).toBe(false);
      // And a damaged one goes back where it was when no new one can take its place.
      const good = readFileSync(join(dataDir, 'catalog.sqlite'));
      const damaged = Buffer.alloc(30_000, 3);
      writeFileSync(join(dataDir, 'catalog.sqlite'), damaged);
      await expect(openStore(dataDir)).rejects.toThrow(/ENOENT.*nowhere/);
      expect(readFileSync(join(dataDir, 'catalog.sqlite')).equals(damaged)).toBe(true);
      expect(existsSync(join(dataDir, 'warehouse', 'hot.duckdb'))).toBe(true);
      expect(readdirSync(join(dataDir, 'warehouse', 'set-aside'))).toEqual([]);
      writeFileSync(join(dataDir, 'catalog.sqlite'), good);
    } finally {
      if (resources === undefined) delete process.env.TAPEDECK_RESOURCES;
      else process.env.TAPEDECK_RESOURCES = resources;
    }
    const store = await openStore(dataDir);
    await expectWhole(store.warehouse, trades);
    expect(store.warehouse.rebuilt).toBe(false);
    expect(store.warehouse.notes).toEqual([]);
    await store.close();
  });

  test('a hot database that cannot be reached is left where it is', async () => {
    await record();
    const hot = join(dataDir, 'warehouse', 'hot.duckdb');
    renameSync(hot, `${hot}.kept`);
    mkdirSync(hot);
    await expect(openStore(dataDir)).rejects.toThrow(/hot\.duckdb/);
    expect(existsSync(join(dataDir, 'warehouse', 'set-aside'))).toBe(false);
    rmSync(hot, { recursive: true });
    renameSync(`${hot}.kept`, hot);
    const store = await openStore(dataDir);
    await expectWhole(store.warehouse, trades);
    expect(store.warehouse.rebuilt).toBe(false);
    await store.close();
  });

  test('what was set aside is told by a later start when the one that did it could not', async () => {
    await record();
    writeFileSync(join(dataDir, 'catalog.sqlite'), Buffer.alloc(30_000, 3));
    // The catalog is begun anew, and then the hot database will not open for a reason of its own.
    const inTheWay = join(dataDir, 'warehouse', 'hot.opening');
    mkdirSync(inTheWay);
    await expect(openStore(dataDir)).rejects.toThrow(/EISDIR/);
    expect(readdirSync(join(dataDir, 'warehouse', 'set-aside')).length).toBe(1);
    rmSync(inTheWay, { recursive: true });
    await expectRebuilt(/catalog would not open/);
    const store = await openStore(dataDir);
    expect(store.warehouse.notes).toEqual([]);
    await store.close();
  });

  test('a damaged hot database is set aside and rebuilt from the journal', async () => {
    await record();
    writeFileSync(join(dataDir, 'warehouse', 'hot.duckdb'), Buffer.alloc(50_000, 7));
    await expectRebuilt(/hot database would not open/);
  });

  test('a hot database cut short is set aside and rebuilt', async () => {
    await record();
    truncateSync(join(dataDir, 'warehouse', 'hot.duckdb'), 13_000);
    await expectRebuilt(/hot database would not open/);
  });

  test('a hot database with damaged headers is set aside and rebuilt', async () => {
    await record();
    const path = join(dataDir, 'warehouse', 'hot.duckdb');
    const bytes = readFileSync(path);
    // Both of the headers that take turns.
    for (const at of [4096, 8192]) bytes.fill(0xa5, at, at + 64);
    writeFileSync(path, bytes);
    await expectRebuilt(/hot database would not open .*checksum/);
  });

  test('a hot database whose tables were only half made is set aside and rebuilt', async () => {
    await record();
    const path = join(dataDir, 'warehouse', 'hot.duckdb');
    rmSync(path);
    const duck = await openDuck(path, storeDuckSettings);
    await duck.with((connection) => connection.run('CREATE TABLE commit_log (commit_no BIGINT)'));
    duck.close();
    await expectRebuilt(/hot database would not open .*stream_state/);
  });

  test('starts that die while opening set the database aside', async () => {
    await record();
    writeFileSync(join(dataDir, 'warehouse', 'hot.opening'), '3');
    await expectRebuilt(/ended the store 3 times/);
    expect(existsSync(join(dataDir, 'warehouse', 'hot.opening'))).toBe(false);
  });

  test('a database that another process holds is left where it is', async () => {
    await record();
    const other = spawn(process.execPath, [
      join(import.meta.dirname, 'crash-child.fixture.ts'),
      dataDir,
      '400',
      'stay',
    ]);
    await once(other.stdout, 'data');
    await expect(openStore(dataDir)).rejects.toThrow(/lock/i);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const store = await openStore(dataDir);
    await expectWhole(store.warehouse, trades);
    expect(existsSync(join(dataDir, 'warehouse', 'set-aside'))).toBe(false);
    await store.close();
  });

  test('a damaged catalog is set aside, and everything hot is rebuilt', async () => {
    await record();
    writeFileSync(join(dataDir, 'catalog.sqlite'), Buffer.alloc(30_000, 3));
    await expectRebuilt(/catalog would not open/);
  });

  test('state that another version wrote is no reason to stop: the hot hours are rebuilt', async () => {
    await record();
    const store = await openStore(dataDir);
    await store.warehouse.writer.run('UPDATE stream_state SET state = \'{"unknown":1}\'');
    await store.close();
    const again = await openStore(dataDir);
    await again.caughtUp();
    await expectWhole(again.warehouse, trades);
    expect(again.warehouse.notes.some((text) => text.includes('cannot be read back'))).toBe(true);
    await again.close();
  });

  test('a WAL that is garbage, or was cut, costs nothing', async () => {
    await writeJournal(dataDir, { trades: 3000, firstUs: T0 });
    await runAndKill(2, 0);
    const wal = join(dataDir, 'warehouse', 'hot.duckdb.wal');
    if (existsSync(wal)) truncateSync(wal, 5000);
    else writeFileSync(wal, Buffer.alloc(5000, 9));
    const store = await openStore(dataDir);
    await store.caughtUp();
    await expectWhole(store.warehouse, 3000);
    await store.close();
  });
});

describe('hot database lost after an hour was sealed', () => {
  const trades = 6000;
  const hourUs = Math.ceil(T0 / HOUR_US) * HOUR_US;

  test.each([true, false])('sealed rows are not stored again (start of the hot rows known: %s)', async (marked) => {
    await writeJournal(dataDir, { trades, firstUs: hourUs - 3000 * 1000, segmentBytes: 256 * 1024 });
    const store = await openStore(dataDir, { batchFrames: 500, readBytes: 60_000 });
    await store.caughtUp();
    const { sealing } = openArchive(store.warehouse, () => hourUs * 2);
    const sealed = await sealHour(sealing, hourUs - HOUR_US);
    expect(sealed.ok && sealed.value.rows).toBe(3000);
    if (marked) await store.committer.markHotStart();
    const { totals } = store.committer.last;
    await store.close();

    rmSync(join(dataDir, 'warehouse', 'hot.duckdb'));
    const again = await openStore(dataDir);
    expect((again.recovered.position?.segment ?? 0) > 1).toBe(marked);
    await again.caughtUp();
    const { writer, catalog } = again.warehouse;
    const files = catalog.sealed.live(0, hourUs * 2).map((file) => `'${join(dataDir, file.path)}'`);
    expect(
      await writer.rows(`SELECT count(*) AS n, count(DISTINCT frame) AS frames FROM
        (SELECT frame FROM tick UNION ALL SELECT frame FROM read_parquet([${files.join(', ')}]))`),
    ).toEqual([{ n: trades, frames: trades }]);
    expect(await writer.rows('SELECT count(*) AS n FROM tick')).toEqual([{ n: 3000 }]);
    expect(again.committer.last.totals).toEqual(totals);
    expect(catalog.gaps.list()).toEqual([]);
    await again.close();
  });
});

test('a recorder that starts again goes on: no gap where ids run on, and the break is told as repaired', async () => {
  await writeJournal(dataDir, { trades: 500, firstUs: T0 });
  await writeJournal(dataDir, { trades: 500, firstUs: T0 }, 500);
  const store = await openStore(dataDir);
  await store.caughtUp();
  await expectWhole(store.warehouse, 1000);
  const coverage = store.warehouse.catalog.coverage.list({ fromUs: 0, toUs: T0 * 2 });
  expect(coverage.length).toBe(SYMBOLS.length * 2);
  expect(coverage.filter((one) => one.toUs === null).length).toBe(SYMBOLS.length);
  await store.close();
});
