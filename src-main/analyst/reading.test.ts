// Days, bars and ticks out of files: counted once, exact, in order, and honest about what is missing.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../src-shared/base/time.ts';
import { contract, type RequestInput } from '../../src-shared/contract/index.ts';
import { silentLog } from '../base/log.ts';
import { HOUR, openSmallArchive, type SmallArchive } from './archive.fixture.ts';
import { type ReadingParts, readBars } from './bars.ts';
import { Calendar, dayFloor } from './calendar.ts';
import { openSummary, type Summary } from './summary.ts';
import { readTicks } from './ticks.ts';

const never = new AbortController().signal;
const DAY = dayFloor(HOUR, 0);
let archive: SmallArchive;
let summary: Summary;
let calendar: Calendar;
let parts: ReadingParts;
const published = vi.fn();

beforeAll(async () => {
  archive = await openSmallArchive();
  summary = await openSummary(archive.dataDir, silentLog());
  const { ask, snapshots, dataDir } = archive;
  calendar = new Calendar({
    summary,
    snapshots,
    ask,
    publish: published,
    nowUs: () => HOUR + 4 * HOUR_US,
    log: silentLog(),
  });
  parts = { duck: summary.duck, dataDir, snapshots };
});

afterAll(async () => {
  await calendar.leave();
  summary.close();
  archive.close();
});

const days = (given: RequestInput<'analysis.calendar'>) =>
  calendar.calendar(contract['analysis.calendar'].input.parse(given)).then(unwrap);

describe('calendar', () => {
  it('answers at once with what is pending, and with all of it when it has been counted and judged', async () => {
    archive.gaps.push({
      id: 'g',
      venue: 'upbit',
      market: 'spot',
      symbol: 'KRW-POD',
      channel: 'trade',
      state: 'open',
      cause: 'disconnect',
      fromUs: DAY - SECOND_US,
      toUs: DAY + SECOND_US,
    });
    const first = await days({ fromUs: DAY - 1, toUs: DAY + 1 });
    expect(first.days.find((day) => day.dayUs === DAY)).toEqual({
      dayUs: DAY,
      files: 2,
      bytes: 2000,
      pendingRows: 4300,
    });
    expect(first.cells.map(({ dayUs, venue, gaps, openGaps }) => [dayUs - DAY, venue, gaps, openGaps])).toContainEqual([
      -86_400_000_000,
      'upbit',
      1,
      1,
    ]);
    await vi.waitFor(async () => {
      const { days: all, cells } = await days({ fromUs: DAY - 1, toUs: DAY + 1 });
      expect(all.every((day) => day.pendingRows === 0)).toBe(true);
      expect(cells.filter((cell) => cell.ticks > 0).every((cell) => cell.verdicts !== null)).toBe(true);
    });
    const { cells } = await days({ fromUs: DAY, toUs: DAY + 1 });
    // Ids 4201 to 4204 are in no file.
    expect(cells).toEqual([
      expect.objectContaining({
        venue: 'binance',
        ticks: 4260,
        streams: 1,
        gaps: 0,
        firstUs: HOUR,
        verdicts: { proven: 0, covered: 0, unproved: 0, incomplete: 1 },
      }),
      expect.objectContaining({
        venue: 'upbit',
        ticks: 100,
        unresolvedGaps: 1,
        openGaps: 1,
        verdicts: { proven: 1, covered: 0, unproved: 0, incomplete: 0 },
      }),
    ]);
    expect(published.mock.lastCall?.[0]).toMatchObject({ files: 2, counted: 2, failed: 0, venueDays: 2, judged: 2 });
  });

  it('counts days of Korea from their midnight', async () => {
    const { cells } = await days({ fromUs: HOUR, toUs: HOUR + 1, offsetMinutes: 540 });
    expect(cells[0]?.dayUs).toBe(DAY - 9 * HOUR_US);
    expect(dayFloor(DAY + 15 * HOUR_US, 9 * HOUR_US)).toBe(DAY + 15 * HOUR_US);
  });

  it('says of each stream of a day what it holds', async () => {
    const input = contract['analysis.day'].input.parse({ fromUs: DAY, toUs: DAY + 24 * HOUR_US });
    const { streams } = unwrap(await calendar.day(input));
    expect(streams).toMatchObject([
      { symbol: 'BTCUSDT', ticks: 4260, gaps: 0, verdict: 'incomplete', reasons: ['4 ids are missing'], firstUs: HOUR },
      { symbol: 'KRW-POD', ticks: 100, bytes: 27, openGaps: 1, verdict: 'proven' },
    ]);
  });
});

describe('bars', () => {
  const bars = (given: Partial<RequestInput<'analysis.bars'>>) =>
    readBars(
      parts,
      contract['analysis.bars'].input.parse({
        venue: 'binance',
        market: 'spot',
        symbol: 'BTCUSDT',
        interval: '1m',
        fromUs: HOUR,
        toUs: HOUR + HOUR_US,
        ...given,
      }),
      never,
    ).then(unwrap);

  it('are made of exact trades', async () => {
    const found = await bars({});
    expect(found.bars.length).toBe(60);
    expect(found.bars[0]).toEqual({
      us: HOUR,
      open: 100,
      high: 109,
      low: 100,
      close: 109,
      volume: 30,
      baseVolume: 30,
      quoteVolume: 3135,
      buyVolume: 15,
      trades: 60,
    });
    expect(found).toMatchObject({ priceScale: 2, volumeScale: 2, earlier: false });
  });

  it('give the newest when there are too many, and none where nothing was traded', async () => {
    const found = await bars({ limit: 10 });
    expect(found).toMatchObject({ earlier: true });
    expect(found.bars.map((bar) => bar.us)[0]).toBe(HOUR + HOUR_US - 10 * 60 * SECOND_US);
    expect((await bars({ symbol: "x' OR '1'='1" })).bars).toEqual([]);
    expect((await bars({ fromUs: 0, toUs: 1000 })).bars).toEqual([]);
    expect((await bars({ interval: '1d', fromUs: DAY, toUs: DAY + 24 * HOUR_US })).bars).toMatchObject([
      { trades: 4260 },
    ]);
  });
});

describe('ticks', () => {
  const page = (given: RequestInput<'analysis.ticks'>) =>
    readTicks(parts, contract['analysis.ticks'].input.parse(given), never).then(unwrap);

  it('read forward to the end, each once, over hours without any', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const found: Awaited<ReturnType<typeof page>> = await page({
        symbol: 'BTCUSDT',
        limit: 999,
        ...(cursor === null ? {} : { cursor }),
      });
      ids.push(...found.ticks.map((tick) => tick.id));
      cursor = found.after;
    } while (cursor !== null);
    expect(ids.length).toBe(4260);
    expect(new Set(ids).size).toBe(4260);
    expect(ids.at(-1)).toBe('4264');
  });

  it('read backward from the newest, told oldest first, and turn round', async () => {
    const last = await page({ symbol: 'BTCUSDT', direction: 'backward', limit: 100 });
    expect(last.ticks.map((tick) => tick.id).at(-1)).toBe('4264');
    expect(last.after).toBeNull();
    expect(last.ticks.length).toBe(100);
    const before = await page({ symbol: 'BTCUSDT', direction: 'backward', limit: 100, cursor: last.before ?? '' });
    expect(Number(before.ticks.at(-1)?.id)).toBe(Number(last.ticks[0]?.id) - 1);
    const again = await page({ symbol: 'BTCUSDT', limit: 100, cursor: before.after ?? '' });
    expect(again.ticks).toEqual(last.ticks);
  });

  it('seek by time, both ways', async () => {
    const atUs = HOUR + 10 * SECOND_US;
    const forward = await page({ venue: 'upbit', atUs, limit: 3 });
    expect(forward.ticks[0]?.eventUs).toBe(atUs);
    expect(forward.before).not.toBeNull();
    const backward = await page({ venue: 'upbit', atUs, limit: 3, direction: 'backward' });
    expect(backward.ticks.at(-1)?.eventUs).toBe(atUs - 250_000);
    expect(backward.after).not.toBeNull();
    const first = await page({ venue: 'upbit', atUs: 0, limit: 3 });
    expect(first.before).toBeNull();
    expect(first.ticks[0]).toMatchObject({ id: '1', lines: [0, 1], price: '100.00' });
    expect(await page({ venue: 'okx', limit: 3 })).toMatchObject({ ticks: [], before: null, after: null });
  });

  it('refuse a cursor that is none', async () => {
    const input = contract['analysis.ticks'].input.parse({ cursor: 'nonsense' });
    expect(await readTicks(parts, input, never)).toMatchObject({ failure: { code: 'analysis.cursor' } });
  });
});
