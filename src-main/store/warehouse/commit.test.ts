// What goes into the warehouse comes out digit by digit, once, with all lines that saw it; facts written twice change nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatDecimal } from '../../../src-shared/base/decimal.ts';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, hourOf } from '../../../src-shared/base/time.ts';
import { silentLog } from '../../base/log.ts';
import { TickColumns } from '../pipeline/columns.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { plainFeed } from '../pipeline/plain-feed.fixture.ts';
import { openArchive } from './archive.ts';
import { Committer, noTotals } from './commit.ts';
import { sealHour } from './seal.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const T0 = 1_790_000_000_000_000;
const LINES = [0, 1].map((line) => ({
  no: line + 1,
  venue: 'binance' as const,
  market: 'spot' as const,
  line,
  role: 'live' as const,
}));
let dataDir: string;
let warehouse: Warehouse;
let committer: Committer;
let pipeline: Pipeline;
let frame = 0;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-commit-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => T0 });
  pipeline = new Pipeline({ feedOf: () => plainFeed('unique'), noticeFeedOf: () => undefined, streams: [] });
  committer = await Committer.open(warehouse, { commitNo: 0, position: null, totals: noTotals, recvUs: 0 });
  pipeline.begin(new TickColumns(64));
  frame = 0;
});

afterEach(async () => {
  committer.close();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function send(text: string, line = 0): void {
  frame += 1;
  const bytes = Buffer.from(text);
  pipeline.data(LINES[line], line + 1, 0, frame, T0 + frame, bytes, 0, bytes.length);
}

async function commit(): Promise<void> {
  const outcome = pipeline.end({ all: true, full: false });
  const position = { segment: 1, offset: frame * 10, frame };
  await committer.commit(outcome, { position, full: false, segmentStart: false, renumbered: () => undefined });
  pipeline.begin(outcome.columns);
}

const digits = (most: number) =>
  fc.integer({ min: 1, max: most }).chain((length) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${length - 1}}$`)));
const decimalText = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('0', '7', '61837', '9007199254740993', '123456789012345678901'),
      fc.stringMatching(/^[0-9]{0,8}[1-9]0{0,4}$/),
    )
    .map((parts) => parts.join('.')),
  digits(25),
  fc.constantFrom(
    '0.00000001',
    '1.00000000',
    '1e-7',
    '2.5E+3',
    '999999999999999999',
    '99999999999999999.9',
    '9999999999999999999',
  ),
);
const idText = fc.oneof(digits(16), digits(18), digits(20), fc.uuid());

test('prices, quantities and ids come back as the venue wrote them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(idText, decimalText, decimalText), { minLength: 1, maxLength: 200 }),
      async (trades) => {
        const unique = [...new Map(trades.map((trade) => [trade[0], trade])).values()];
        const from = frame;
        for (const [id, price, qty] of unique) send(`S${from} ${id} ${price} ${qty} ${T0}`);
        await commit();
        const rows = await warehouse.writer.rows(
          `SELECT id, id_text, CAST(price AS VARCHAR) AS price, price_scale, price_text, CAST(qty AS VARCHAR) AS qty, qty_scale, qty_text FROM tick WHERE frame > ${from} ORDER BY frame`,
        );
        const back = rows.map((row) => [
          String(row.id ?? row.id_text),
          String(row.price_text ?? formatDecimal(BigInt(String(row.price)), Number(row.price_scale))),
          String(row.qty_text ?? formatDecimal(BigInt(String(row.qty)), Number(row.qty_scale))),
        ]);
        expect(back).toEqual(unique);
      },
    ),
    { numRuns: 25 },
  );
});

test('more rows than a chunk, with texts here and there, keep their places', async () => {
  for (let n = 0; n < 5000; n += 1) send(`BTC ${n % 997 === 0 ? `x${n}` : n} ${n + 1}.5 1 ${T0 + n}`);
  await commit();
  const rows = await warehouse.writer.rows(
    'SELECT count(*) AS n, sum(CASE WHEN id IS NULL THEN 1 ELSE 0 END) AS texts FROM tick WHERE price = (CASE WHEN id IS NULL THEN CAST(substr(id_text, 2) AS BIGINT) ELSE id END) * 10 + 15',
  );
  expect(rows).toEqual([{ n: 5000, texts: 6 }]);
});

test('a copy on the other line in a later batch is a sighting, and an old key is found again', async () => {
  send(`BTC 1 1 1 ${T0}`, 0);
  send(`BTC x 1 1 ${T0}`, 0);
  await commit();
  send(`BTC 1 1 1 ${T0}`, 1);
  send(`BTC x 1 1 ${T0}`, 1);
  await commit();
  expect(await warehouse.writer.rows('SELECT * FROM sighting')).toEqual([
    { stream: 1, id: 1, id_text: null, lines: 2 },
    { stream: 1, id: null, id_text: 'x', lines: 2 },
  ]);
  // A start that remembers nothing: the hot rows are asked.
  pipeline = new Pipeline({
    feedOf: () => plainFeed('unique'),
    noticeFeedOf: () => undefined,
    streams: warehouse.catalog.streams.all(),
  });
  pipeline.setHorizon(T0 + 1);
  pipeline.begin(new TickColumns(64));
  send(`BTC 1 1 1 ${T0}`, 1);
  send(`BTC x 1 1 ${T0}`, 1);
  send(`BTC 2 1 1 ${T0}`, 1);
  await commit();
  expect(await warehouse.writer.rows('SELECT count(*) AS n FROM tick')).toEqual([{ n: 3 }]);
  expect(committer.last.totals).toMatchObject({ ticks: 7, stored: 3, duplicates: 4 });
});

test('a sealed file that is gone or damaged does not stop the record: what it may hold is stored, and told', async () => {
  const hour = hourOf(T0);
  send(`BTC 1 1 1 ${T0}`);
  await commit();
  unwrap(await sealHour(openArchive(warehouse, () => T0).sealing, hour));
  send(`BTC 2 1 1 ${T0 + 1}`);
  await commit();
  unwrap(await sealHour(openArchive(warehouse, () => T0).sealing, hour));
  const paths = warehouse.catalog.sealed.live(hour, hour + HOUR_US).map(({ path }) => join(dataDir, path));
  expect(paths).toHaveLength(2);
  const late = async () => {
    pipeline = new Pipeline({
      feedOf: () => plainFeed('unique'),
      noticeFeedOf: () => undefined,
      streams: warehouse.catalog.streams.all(),
    });
    pipeline.setHorizon(T0 + 5);
    pipeline.begin(new TickColumns(64));
    for (const id of [1, 2, 3]) send(`BTC ${id} 1 1 ${T0 + id - 1}`, 1);
    await commit();
    const rows = await warehouse.writer.rows('SELECT id FROM tick ORDER BY id');
    await warehouse.writer.run('DELETE FROM tick');
    return rows.map(({ id }) => id);
  };
  expect(await late()).toEqual([3]);
  rmSync(paths[0] ?? '');
  expect(await late()).toEqual([1, 3]);
  writeFileSync(paths[0] ?? '', 'PAR1 not a parquet file');
  expect(await late()).toEqual([1, 3]);
  expect(warehouse.notes.filter((note) => note.includes('part-0001.parquet'))).toHaveLength(1);
});

test('a commit that fails leaves nothing, and can be tried again', async () => {
  send(`BTC 1 1 1 ${T0}`);
  const outcome = pipeline.end({ all: true, full: false });
  const options = {
    position: { segment: 1, offset: 10, frame },
    full: false,
    segmentStart: false,
    renumbered: () => undefined,
  };
  await warehouse.writer.run('ALTER TABLE commit_log RENAME TO elsewhere');
  await expect(committer.commit(outcome, options)).rejects.toThrow();
  await warehouse.writer.run('ALTER TABLE elsewhere RENAME TO commit_log');
  expect(await warehouse.writer.rows('SELECT count(*) AS n FROM tick')).toEqual([{ n: 0 }]);
  await committer.commit(outcome, options);
  expect(await warehouse.writer.rows('SELECT count(*) AS n FROM tick')).toEqual([{ n: 1 }]);
  expect(committer.last.totals).toMatchObject({ ticks: 1, stored: 1 });
});

test('facts whose rows a crash took are ahead of the rows until the next life has read them again', async () => {
  const key = { venue: 'binance' as const, market: 'spot' as const, symbol: 'BTC', channel: 'trade' };
  const gap = { id: '1-5', stream: 1, key, state: 'repaired' as const, cause: 'disconnect' as const };
  const bounds = { fromUs: T0, toUs: T0 + 1, fromId: null, toId: null, deadlineUs: null, evidence: null };
  const next = async (position: { segment: number; offset: number; frame: number } | null) => {
    committer.close();
    await warehouse.close();
    warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => T0 });
    const before = await warehouse.halfway.over(0);
    committer = await Committer.open(warehouse, { commitNo: 1, position, totals: noTotals, recvUs: T0 });
    return [before, await warehouse.halfway.over(0)];
  };
  send(`BTC 1 1 1 ${T0}`);
  await commit();
  const position = { segment: 1, offset: 10, frame: 1 };
  expect(await next(position)).toEqual([true, true]);
  // The batch of frames 2 and 3 wrote its facts; the process ended before its rows were there.
  warehouse.catalog.gaps.apply([{ ...gap, ...bounds, openedUs: T0, closedUs: T0, frame: 3 }]);
  expect(await next(position)).toEqual([false, false]);
  send(`BTC 2 1 1 ${T0}`);
  await commit();
  expect(await warehouse.halfway.over(0)).toBe(false);
  send(`BTC 3 1 1 ${T0}`);
  await commit();
  expect(await warehouse.halfway.over(0)).toBe(true);
  // A journal that was lost never comes to that frame.
  warehouse.catalog.gaps.apply([{ ...gap, ...bounds, id: '1-6', openedUs: T0, closedUs: T0, frame: 9 }]);
  expect(await next({ ...position, frame: 3 })).toEqual([false, false]);
  committer.allRead();
  expect(await warehouse.halfway.over(0)).toBe(true);
});

test('gap facts replayed change nothing that a job has done since', () => {
  const { gaps } = warehouse.catalog;
  const fact = {
    id: '1-5',
    stream: 1,
    key: { venue: 'binance' as const, market: 'spot' as const, symbol: 'BTC', channel: 'trade' },
    state: null,
    cause: 'sequence' as const,
    fromUs: T0,
    toUs: T0 + 1,
    fromId: '5',
    toId: '9',
    deadlineUs: null,
    evidence: null,
    openedUs: T0,
    closedUs: null,
    frame: 10,
  };
  gaps.apply([fact]);
  gaps.change('1-5', { state: 'repairing', attempts: 2, evidence: 'asked' });
  gaps.apply([fact, { ...fact, toId: '7', frame: 9 }]);
  expect(gaps.get('1-5')).toMatchObject({ state: 'repairing', attempts: 2, toId: '9', evidence: ['asked'] });
  gaps.apply([{ ...fact, state: 'repaired', evidence: 'all came', closedUs: T0 + 5, frame: 20 }]);
  expect(gaps.change('1-5', { state: 'open' })).toBe(false);
  gaps.end([{ id: '1-5', state: 'unrecoverable', evidence: 'nothing', closedUs: T0, frame: 30, asked: null }]);
  expect(gaps.get('1-5')).toMatchObject({ state: 'repaired', attempts: 2, evidence: ['asked', 'all came'] });
  // The answer to a question that was smaller than the gap is now ends nothing.
  gaps.apply([{ ...fact, id: '1-6', fromId: null, toId: null, fromUs: T0, toUs: T0 + 9 }]);
  const end = { id: '1-6', state: 'repaired', evidence: 'all', closedUs: T0, frame: 30 } as const;
  const asked = { fromId: null, toId: null, fromUs: T0, toUs: T0 + 8 };
  gaps.end([{ ...end, asked }]);
  expect(gaps.get('1-6')?.state).toBe('open');
  gaps.end([{ ...end, asked: { ...asked, toUs: T0 + 9 } }]);
  expect(gaps.get('1-6')?.state).toBe('repaired');
});
