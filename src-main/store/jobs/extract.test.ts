// An extract is what people act on: whole or not there, equal in every format, named for its holes, safe against hostile names.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail, type Result, unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { EventName } from '../../../src-shared/contract/index.ts';
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { manifestSchema } from '../../../src-shared/market/listing.ts';
import { silentLog } from '../../base/log.ts';
import { openJournal } from '../../journal/writer.ts';
import { openArchive } from '../warehouse/archive.ts';
import { judgeCoin } from '../warehouse/coin.ts';
import { drawCoin } from '../warehouse/coin-picture.ts';
import { openWarehouse, type Warehouse } from '../warehouse/warehouse.ts';
import { fullInHours } from './disk.ts';
import { folderCoin } from './extract-files.ts';
import { type Jobs, openJobs } from './index.ts';
import type { JobContext } from './job.ts';
import { backoffUs } from './recover.ts';

const AT = 1_763_600_400_000_000;
let dataDir = '';
let nowUs = AT + HOUR_US;
let warehouse: Warehouse;
let context: JobContext;
let jobs: Jobs;
let asked: { name: string; input: unknown }[] = [];
let answer: (name: string) => Result<never> = () => fail('process.gone', 'nobody there', { retry: true });
const published: { name: EventName; value: unknown }[] = [];

const settings = settingsSchema.parse({
  version: 1,
  venues: { binance: { markets: ['spot', 'perp'], lines: 2 }, upbit: { markets: ['spot'] } },
});

async function open(): Promise<void> {
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => nowUs });
  context = {
    warehouse,
    archive: openArchive(warehouse, () => nowUs),
    writer: 'Tapedeck 0.0.0',
    settings,
    ask: async (name, input) => {
      asked.push({ name, input });
      return answer(name);
    },
    publish: (name, value) => {
      published.push({ name, value });
    },
    nowUs: () => nowUs,
    position: () => ({ segment: 0, offset: 0, frame: 1000, recvUs: nowUs, readUntilUs: nowUs }),
  };
  jobs = openJobs(context, { extract: { repairMs: 300, readMs: 300 } });
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-extract-'));
  nowUs = AT + HOUR_US;
  asked = [];
  answer = () => fail('process.gone', 'nobody there', { retry: true });
  published.length = 0;
  await open();
  warehouse.catalog.streams.put(
    [
      { no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      { no: 2, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
      { no: 3, venue: 'binance', market: 'spot', symbol: 'OTHERUSDT', channel: 'trade' },
    ],
    AT,
  );
  const cover = (venue: 'binance' | 'upbit', symbol: string, line: number) => ({
    key: { venue, market: 'spot' as const, symbol },
    line,
    connection: `${line}`,
    fromUs: AT - HOUR_US,
    toUs: null,
  });
  warehouse.catalog.coverage.apply([
    cover('binance', 'ABCUSDT', 0),
    cover('upbit', 'KRW-ABC', 0),
    cover('upbit', 'KRW-ABC', 1),
  ]);
  const rows = [
    tick(1, '100', '100000000', 8, -20, 1),
    tick(1, '101', '250000000', 8, -0.5, 1),
    tick(1, '102', '300000000', 8, 19.999999, 3),
    tick(1, '103', '300000000', 8, 20, 1),
    tick(2, '17633998', '1060', 0, 0, 3),
    tick(3, '5', '1', 0, 0, 3),
  ];
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${rows.join(', ')}`));
});

afterEach(async () => {
  await jobs.stop();
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function tick(stream: number, id: string, price: string, scale: number, second: number, lines: number): string {
  const at = AT + Math.round(second * SECOND_US);
  return `(${stream}, ${id}, NULL, ${price}, ${scale}, NULL, 5, 3, NULL, 1, ${at}, ${at + 900}, 0, ${lines}, ${id}, 0)`;
}

async function extract(more: Partial<Parameters<Jobs['extracts']['begin']>[0]> = {}): Promise<ExtractJob> {
  const { jobId } = unwrap(
    await jobs.extracts.begin({
      coin: 'abc',
      atUs: AT,
      beforeUs: 20 * SECOND_US,
      afterUs: 20 * SECOND_US,
      format: 'parquet',
      ...more,
    }),
  );
  return unwrap(await jobs.extracts.wait(jobId, new AbortController().signal));
}

async function readBack(job: ExtractJob): Promise<unknown[]> {
  const file = job.manifest?.files[0];
  const path = join(job.folder ?? '', file?.path ?? '');
  const reader = { parquet: 'read_parquet($)', csv: 'read_csv($, all_varchar = true)', jsonl: 'read_json($)' }[
    file?.format ?? ''
  ];
  return await warehouse.duck.with((connection) =>
    connection.rows(
      `SELECT venue, market, symbol, channel, id::VARCHAR AS id, price, qty, "baseQty", side, "eventUs"::BIGINT AS "eventUs", "recvUs"::BIGINT AS "recvUs", origin, lines::VARCHAR AS lines FROM ${reader?.replace('$', `'${path}'`)}`,
    ),
  );
}

test('an extract that throws fails, says why, and leaves the store and the next one alone', async () => {
  // Who writes the journal cannot be read, as when no descriptor is left.
  const lock = join(dataDir, 'journal', 'writer.lock');
  mkdirSync(lock, { recursive: true });
  const failed = await extract();
  expect(failed).toMatchObject({ state: 'failed', note: expect.stringMatching(/^the extract of ABC failed: EISDIR/) });
  expect(warehouse.catalog.jobs.get(failed.jobId)?.job.state).toBe('failed');
  rmSync(lock, { recursive: true });
  expect((await extract()).state).toBe('done');
});

test('the three formats hold the same rows, digits exact, window half-open', async () => {
  const done = [];
  for (const format of ['parquet', 'csv', 'jsonl'] as const) done.push(await extract({ format }));
  expect(done.map((job) => job.state)).toEqual(['done', 'done', 'done']);
  const [parquet, csv, jsonl] = await Promise.all(done.map(readBack));
  expect(parquet).toHaveLength(4);
  expect(parquet?.[0]).toEqual({
    venue: 'binance',
    market: 'spot',
    symbol: 'ABCUSDT',
    channel: 'trade',
    id: '100',
    price: '1.00000000',
    qty: '0.005',
    baseQty: '0.005',
    side: 'buy',
    eventUs: AT - 20 * SECOND_US,
    recvUs: AT - 20 * SECOND_US + 900,
    origin: 'live',
    lines: '0',
  });
  expect(csv).toEqual(parquet);
  expect(jsonl).toEqual(parquet);
  const folders = done.map((job) => job.folder?.slice(join(dataDir, 'exports').length + 1));
  expect(folders).toEqual(['ABC-20251120T010000Z', 'ABC-20251120T010000Z-v2', 'ABC-20251120T010000Z-v3']);
});

test('the manifest says what is held: verdicts, clocks, checksums', async () => {
  const job = await extract();
  const folder = job.folder ?? '';
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  expect(manifest.streams.map(({ instrument, rows, verdict }) => [instrument, rows, verdict])).toEqual([
    ['binance:spot:ABCUSDT', 3, 'proven'],
    ['upbit:spot:KRW-ABC', 1, 'covered'],
  ]);
  expect(manifest.verdict).toBe('covered');
  expect(manifest.clocks.firstTradeUs).toEqual({ 'binance:spot:ABCUSDT': AT + 19_999_999, 'upbit:spot:KRW-ABC': AT });
  const file = readFileSync(join(folder, 'trades.parquet'));
  expect(manifest.files).toEqual([
    {
      path: 'trades.parquet',
      format: 'parquet',
      rows: 4,
      sha256: createHash('sha256').update(file).digest('hex'),
      bytes: file.length,
    },
  ]);
  expect(readdirSync(join(dataDir, 'exports')).filter((name) => name.startsWith('.'))).toEqual([]);
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(report).toContain('<svg');
  expect([manifest.writer, report.includes(' · Tapedeck 0.0.0</p>')]).toEqual(['Tapedeck 0.0.0', true]);
});

test('a coin that was never recorded is told so, never an empty success', async () => {
  const job = await extract({ coin: 'NOPE' });
  expect(job.state).toBe('done');
  expect(job.manifest?.verdict).toBe('incomplete');
  expect(job.manifest?.streams.map((stream) => stream.verdict)).toEqual(['incomplete', 'incomplete', 'incomplete']);
  expect(job.manifest?.streams[0]?.reasons[0]).toMatch(/never recorded/);
  expect(job.manifest?.files[0]?.rows).toBe(0);
});

test('an instrument that the settings want and no line carried makes the whole incomplete; one that nobody wants is named', async () => {
  const one = { base: 'ABC', contractSize: '1', state: 'trading' as const, listedUs: null };
  warehouse.catalog.instruments.put(
    [{ ...one, venue: 'binance', market: 'perp', symbol: 'ABCUSDT', quote: 'USDT' }],
    AT,
  );
  warehouse.catalog.instruments.put([{ ...one, venue: 'okx', market: 'spot', symbol: 'ABC-USDT', quote: 'USDT' }], AT);
  await vi.waitFor(() => expect(context.archive.instrument('okx', 'spot', 'ABC-USDT')).toBeDefined(), {
    timeout: 60_000,
  });
  const { manifest } = await extract();
  expect(manifest?.verdict).toBe('incomplete');
  expect(manifest?.streams.find((stream) => stream.market === 'perp')?.reasons[0]).toMatch(
    /never recorded: the settings ask for it/,
  );
  expect(manifest?.notRecorded).toEqual(['okx:spot:ABC-USDT']);
});

test('an open gap is asked for first, then said to be open; filled later, a new version is written by itself', async () => {
  const gap = {
    id: '1-100',
    stream: 1,
    key: { venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
    cause: 'sequence',
    fromUs: AT - SECOND_US,
    toUs: AT,
    fromId: '100',
    toId: '101',
    deadlineUs: null,
    evidence: null,
    openedUs: AT,
  } as const;
  warehouse.catalog.gaps.apply([{ ...gap, state: 'open', closedUs: null, frame: 1 }]);
  await jobs.start();
  const first = await extract();
  expect(asked.map((request) => request.name)).toContain('recording.backfill');
  expect(first.manifest?.streams[0]).toMatchObject({ verdict: 'incomplete', gaps: ['1-100'] });
  expect(first.manifest?.reasons?.join()).toMatch(/1 of 1 gaps were still open/);
  const written = manifestSchema.parse(JSON.parse(readFileSync(join(first.folder ?? '', 'manifest.json'), 'utf8')));
  expect(written.gaps).toEqual([
    {
      id: '1-100',
      ...gap.key,
      state: 'open',
      cause: 'sequence',
      fromUs: gap.fromUs,
      toUs: gap.toUs,
      fromId: '100',
      toId: '101',
    },
  ]);

  nowUs += SECOND_US;
  warehouse.catalog.gaps.apply([{ ...gap, state: 'repaired', closedUs: nowUs, frame: 2 }]);
  warehouse.emit('gaps', undefined);
  warehouse.emit('gaps', undefined);
  await vi.waitFor(() => expect(existsSync(`${first.folder}-v2`)).toBe(true), { timeout: 60_000 });
  const second = manifestSchema.parse(JSON.parse(readFileSync(join(`${first.folder}-v2`, 'manifest.json'), 'utf8')));
  expect(second).toMatchObject({ version: 2, verdict: 'covered' });
  expect(existsSync(`${first.folder}-v3`)).toBe(false);
});

test('a gap that the venue cannot fill is given up with its reason; one that may come later is tried again', async () => {
  const gap = {
    stream: 1,
    cause: 'sequence',
    fromUs: AT,
    toUs: AT + 1,
    fromId: '1',
    toId: '9',
    deadlineUs: null,
    evidence: null,
    openedUs: AT,
    closedUs: null,
  } as const;
  const key = { venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' } as const;
  warehouse.catalog.gaps.apply([
    { ...gap, id: 'late', key, state: 'open', deadlineUs: AT + 5, frame: 1 },
    { ...gap, id: 'again', key, state: 'open', frame: 2 },
  ]);
  await jobs.recover.start();
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get('again')?.attempts).toBe(1), { timeout: 60_000 });
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get('again')?.state).toBe('open'), { timeout: 60_000 });
  expect(warehouse.catalog.gaps.get('again')?.nextAttemptUs).toBe(nowUs + backoffUs(1));
  expect(warehouse.catalog.gaps.get('late')).toMatchObject({ state: 'unrecoverable' });
  expect(warehouse.catalog.gaps.get('late')?.evidence[0]).toMatch(/history reached it until/);
  // Nobody asked the venue: a folder that is only read, or a collector that is leaving.
  for (const code of ['process.gone', 'request.cancelled', 'recording.not-recorded']) {
    let asked = 0;
    answer = () => {
      asked += 1;
      return fail(code, 'collector does not run in this mode');
    };
    jobs.recover.request(['again']);
    await vi.waitFor(() => expect(asked).toBe(1), { timeout: 60_000 });
    await vi.waitFor(() => expect(warehouse.catalog.gaps.get('again')?.state).toBe('open'), { timeout: 60_000 });
    expect(warehouse.catalog.gaps.get('again'), code).toMatchObject({ attempts: 1 });
  }
  answer = () => fail('venue.refused', 'binance: no such symbol');
  expect(jobs.recover.request(['again'])).toBe(1);
  await vi.waitFor(() => expect(warehouse.catalog.gaps.get('again')?.state).toBe('unrecoverable'), { timeout: 60_000 });
});

test('a window that is not over is waited for, and can be cancelled', async () => {
  nowUs = AT;
  const { jobId } = unwrap(
    await jobs.extracts.begin({ coin: 'ABC', atUs: AT, beforeUs: SECOND_US, afterUs: 20 * SECOND_US, format: 'csv' }),
  );
  expect(jobs.extracts.get(jobId)).toMatchObject({ state: 'waiting' });
  const order = { coin: 'abc', atUs: AT, beforeUs: SECOND_US, afterUs: 20 * SECOND_US, format: 'csv' } as const;
  expect(unwrap(await jobs.extracts.begin(order)).jobId, 'the same order while it runs is the same job').toBe(jobId);
  await vi.waitFor(() => expect(jobs.extracts.get(jobId)?.note).toMatch(/over in \d+ s/), { timeout: 60_000 });
  unwrap(jobs.extracts.cancel(jobId));
  expect(unwrap(await jobs.extracts.wait(jobId, new AbortController().signal))).toMatchObject({ state: 'cancelled' });
  const again = unwrap(
    await jobs.extracts.begin({ coin: 'ABC', atUs: AT, beforeUs: SECOND_US, afterUs: 20 * SECOND_US, format: 'csv' }),
  );
  // A restart in between goes on with the job.
  await jobs.stop();
  await warehouse.close();
  nowUs = AT + HOUR_US;
  await open();
  await jobs.extracts.start();
  expect(unwrap(await jobs.extracts.wait(again.jobId, new AbortController().signal))).toMatchObject({ state: 'done' });
});

test('a fresh listing is extracted by itself, an old one is not', async () => {
  await jobs.start();
  const listing = {
    coin: 'ABC',
    source: 'notice',
    venue: 'upbit',
    title: '<b>ABC</b>',
    url: null,
    publishedUs: AT,
    quotes: [],
  } as const;
  for (const [id, detectedUs] of [
    ['new', AT + SECOND_US],
    ['old', AT + HOUR_US],
  ] as const) {
    warehouse.catalog.listings.put({ ...listing, id, detectedUs, quotes: [] });
    warehouse.emit('listing', { id, fresh: true });
  }
  await vi.waitFor(() => expect(jobs.extracts.ofListing('new')?.state).toBe('done'), { timeout: 60_000 });
  expect(jobs.extracts.ofListing('old')).toBeUndefined();
  expect(jobs.extracts.ofListing('new')?.manifest?.clocks).toMatchObject({
    publishedUs: AT,
    detectedUs: AT + SECOND_US,
  });
  expect(published.filter((event) => event.name === 'listings.changed').length).toBeGreaterThan(1);
  const byHand = await extract({});
  expect(byHand.manifest?.clocks, 'a window asked for by hand knows what was announced in it').toMatchObject({
    publishedUs: AT,
  });
});

test.each(['../../../etc/passwd', '..', '/', 'a/../../b', '\0', 'C:\\x', '.'])(
  'the coin %j stays inside its folder',
  async (coin) => {
    expect(folderCoin(coin)).toMatch(/^[\p{L}\p{N}_]+$/u);
    const job = await extract({ coin });
    expect(job.folder).toBe(join(dataDir, 'exports', `${folderCoin(coin.toUpperCase().trim())}-20251120T010000Z`));
  },
);

test('hostile names and titles are text in the report, never markup', async () => {
  const title = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  const coin = `<SVG/ONLOAD='A'>`;
  warehouse.catalog.instruments.put(
    [
      {
        venue: 'upbit',
        market: 'spot',
        symbol: `KRW-${coin}`,
        base: coin,
        quote: 'KRW',
        contractSize: '1',
        state: 'trading',
        listedUs: null,
      },
    ],
    AT,
  );
  warehouse.catalog.streams.put(
    [{ no: 9, venue: 'upbit', market: 'spot', symbol: `KRW-${coin}`, channel: 'trade' }],
    AT,
  );
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${tick(9, '1', '5', 0, 1, 1)}`));
  const listing = unwrap(jobs.listings.add("<svg/onload='a'>", AT, title)).listing;
  await vi.waitFor(() => expect(context.archive.streams().length).toBe(4), { timeout: 60_000 });
  const job = await extract({ coin: listing.coin, listingId: listing.id });
  const html = readFileSync(join(job.folder ?? '', 'report.html'), 'utf8');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toMatch(/<script|<img|<svg\/|onerror=alert\(1\)>/i);
  expect(html).not.toMatch(/<[^>]*(src|href)=/);
  expect(job.manifest?.files[0]?.rows).toBe(1);
  expect(html).toContain('upbit:spot:&lt;SVG/ONLOAD=&#39;A&#39;&gt;-KRW');
});

test('a folder that cannot be used is named with the way out', async () => {
  const file = join(dataDir, 'a-file');
  writeFileSync(file, '');
  const into = await jobs.extracts.begin({
    coin: 'ABC',
    atUs: AT,
    beforeUs: 1,
    afterUs: 1,
    format: 'csv',
    outDir: join(file, 'x'),
  });
  expect(into).toMatchObject({ ok: false, failure: { code: 'extract.out-dir' } });
  const relative = await jobs.extracts.begin({
    coin: 'ABC',
    atUs: AT,
    beforeUs: 1,
    afterUs: 1,
    format: 'csv',
    outDir: 'here',
  });
  expect(relative).toMatchObject({ ok: false, failure: { code: 'extract.out-dir' } });
  const made = join(dataDir, 'made', 'for', 'it');
  expect((await extract({ outDir: made })).folder).toBe(join(made, 'ABC-20251120T010000Z'));
});

test('a version that another writer takes at the same moment is left alone', async () => {
  const taken = join(dataDir, 'exports', 'ABC-20251120T010000Z');
  mkdirSync(taken, { recursive: true });
  writeFileSync(join(taken, 'mine.txt'), 'mine');
  expect((await extract()).folder).toBe(`${taken}-v2`);
  expect(readdirSync(taken)).toEqual(['mine.txt']);
});

test('the picture and the verdict come without writing anything', async () => {
  const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
  const verdict = unwrap(await judgeCoin(context.archive, settings, 'ABC', window, AT, nowUs));
  expect(verdict.map((stream) => [stream.symbol, stream.rows, stream.verdict])).toEqual([
    ['ABCUSDT', 3, 'proven'],
    ['KRW-ABC', 1, 'covered'],
  ]);
  const order = { coin: 'ABC', window, atUs: AT, buckets: 40, readUntilUs: nowUs };
  const picture = unwrap(await drawCoin(context.archive, settings, order));
  expect(
    picture.streams[0]?.buckets.map((bucket) => [(bucket.us - AT) / SECOND_US, bucket.open, bucket.ticks]),
  ).toEqual([
    [-20, 1, 1],
    [-1, 2.5, 1],
    [19, 3, 1],
  ]);
  expect(existsSync(join(dataDir, 'exports'))).toBe(false);
});

test('a line that is open but has not been heard since covers nothing: it may be dead, and nobody knows yet', async () => {
  const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
  const verdicts = async (heardUs: (lineNo: number) => number): Promise<string[]> => {
    const archive = openArchive(warehouse, () => nowUs, heardUs);
    await warehouse.lock.run(() => warehouse.writer.run(`DELETE FROM tick WHERE id = 103`));
    return unwrap(await judgeCoin(archive, settings, 'ABC', window, AT, nowUs)).map((stream) => stream.verdict);
  };
  // Of binance, whose ids count, one line: no id beyond the window is known.
  expect(await verdicts(() => AT + 22 * SECOND_US)).toEqual(['unproved', 'covered']);
  expect(await verdicts(() => AT + 5 * SECOND_US)).toEqual(['incomplete', 'incomplete']);
  // Lines 0 (binance and upbit) live; the second of upbit fell silent.
  expect(await verdicts((lineNo) => AT + (lineNo === 1 ? 5 : 22) * SECOND_US)).toEqual(['unproved', 'unproved']);
});

test('ids that are not there are no proof, also when the gap that said so is lost', async () => {
  const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
  const judged = async () => unwrap(await judgeCoin(context.archive, settings, 'ABC', window, AT, nowUs))[0];
  const without = async (id: number) =>
    await warehouse.lock.run(() => warehouse.writer.run(`DELETE FROM tick WHERE stream = 1 AND id = ${id}`));
  expect((await judged())?.verdict).toBe('proven');
  await without(101);
  expect(await judged()).toMatchObject({ verdict: 'incomplete', reasons: [expect.stringContaining('1 id between')] });
  // Nothing inside the window, and ids missing between those beside it.
  await without(100);
  await without(102);
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${tick(1, '99', '1', 0, -30, 1)}`));
  expect(await judged()).toMatchObject({ verdict: 'incomplete', rows: 0, reasons: [expect.stringContaining('3 ids')] });
});

test('an extract waits for the sign of life of a silent line, and says what it lacks when none comes', async () => {
  const heard = { us: AT + 5 * SECOND_US };
  context = {
    ...context,
    archive: openArchive(
      warehouse,
      () => nowUs,
      () => heard.us,
    ),
  };
  const journal = unwrap(await openJournal(join(dataDir, 'journal')));
  try {
    await jobs.stop();
    jobs = openJobs(context, { extract: { repairMs: 300, readMs: 5000 } });
    setTimeout(() => {
      heard.us = AT + 30 * SECOND_US;
    }, 50);
    const done = await extract();
    expect(done.manifest?.streams.map((stream) => stream.verdict)).toEqual(['proven', 'covered']);
  } finally {
    await journal.close();
  }
});

test('the disk fills in the hours that its slope says', () => {
  const minute = 60 * SECOND_US;
  expect(
    fullInHours(
      [
        { atUs: 0, freeBytes: 1000 },
        { atUs: 60 * minute, freeBytes: 700 },
      ],
      100,
    ),
  ).toBe(2);
  expect(
    fullInHours(
      [
        { atUs: 0, freeBytes: 700 },
        { atUs: 60 * minute, freeBytes: 700 },
      ],
      100,
    ),
  ).toBeNull();
  expect(fullInHours([{ atUs: 0, freeBytes: 700 }], 100)).toBeNull();
});
