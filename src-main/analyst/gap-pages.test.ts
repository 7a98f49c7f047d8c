// Past 100,000 gaps: days and SQL still know the newest one, and those that have no deadline.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fail, ok, unwrap } from '../../src-shared/base/result.ts';
import { DAY_US, HOUR_US } from '../../src-shared/base/time.ts';
import { contract } from '../../src-shared/contract/index.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { openSandbox } from '../base/duck.ts';
import { silentLog } from '../base/log.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { HOUR } from './archive.fixture.ts';
import { Calendar, dayFloor } from './calendar.ts';
import type { SnapshotSource } from './snapshot.ts';
import { openSummary } from './summary.ts';
import { putUp } from './views.ts';

const DAY = dayFloor(HOUR, 0);
const OLD = 100_000;
const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-many-gaps-'));
const gaps: Gap[] = [];
const snapshots: SnapshotSource = {
  take: async () =>
    ok({ sealed: [], hot: [], reach: { hotUntilUs: DAY + 2 * DAY_US, sealedUntilUs: null, note: '' }, mark: 1 }),
};
/** The store's list: by deadline, those without one last, unless it is asked for by id. */
const ask: ParentPort['ask'] = async (name, input) => {
  if (name !== 'gaps.list') return fail('process.gone', `nobody answers ${name} here`);
  const { order, after, limit } = contract['gaps.list'].input.parse(input);
  const byId = order === 'id';
  const sorted = byId ? gaps.toSorted((a, b) => (a.id < b.id ? -1 : 1)) : gaps;
  const begin = byId && after ? sorted.findIndex(({ id }) => id > after.id) : 0;
  return ok({ gaps: sorted.slice(begin, begin + limit) } as never);
};

beforeAll(() => {
  const gap = (n: number, fromUs: number, deadlineUs: number | null): Gap => ({
    id: `gap-${String(n).padStart(6, '0')}`,
    venue: 'upbit',
    market: 'spot',
    symbol: 'KRW-BTC',
    channel: 'trade',
    state: 'open',
    cause: 'disconnect',
    fromUs,
    toUs: fromUs + 1000,
    fromId: null,
    toId: null,
    deadlineUs,
    attempts: 0,
    askedUs: null,
    evidence: [],
    openedUs: fromUs,
    closedUs: null,
  });
  for (let n = 0; n < OLD; n += 1) gaps.push(gap(n, DAY + n, DAY + HOUR_US));
  gaps.push(gap(OLD, DAY + DAY_US, DAY + 2 * DAY_US), gap(OLD + 1, DAY + DAY_US + HOUR_US, null));
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it('the table `gap` holds every gap once', async () => {
  const duck = await openSandbox({ memoryLimit: '200MiB', threads: 1, folders: [dataDir] });
  const found = await duck.with(async (connection) => {
    unwrap(await putUp(connection, dataDir, new Set(['gap']), {}, { ask, snapshots }));
    return await connection.rows(
      `SELECT count(*) AS n, count(DISTINCT id) AS ids, max(from_us) AS newest, count(*) FILTER (WHERE deadline_us IS NULL) AS endless FROM gap`,
    );
  });
  duck.close();
  expect(found).toEqual([{ n: OLD + 2, ids: OLD + 2, newest: DAY + DAY_US + HOUR_US, endless: 1 }]);
});

it('the calendar counts every gap on its day', async () => {
  mkdirSync(join(dataDir, 'analysis'));
  const summary = await openSummary(dataDir, silentLog());
  const nowUs = (): number => DAY + 2 * DAY_US;
  const calendar = new Calendar({ summary, snapshots, ask, publish: () => undefined, nowUs, log: silentLog() });
  const window = { fromUs: DAY, toUs: DAY + 2 * DAY_US, offsetMinutes: 0 };
  const { cells } = unwrap(await calendar.calendar(window));
  expect(cells.map(({ dayUs, gaps, openGaps }) => ({ dayUs, gaps, openGaps }))).toEqual([
    { dayUs: DAY, gaps: OLD, openGaps: OLD },
    { dayUs: DAY + DAY_US, gaps: 2, openGaps: 2 },
  ]);
  await calendar.leave();
  summary.close();
});
