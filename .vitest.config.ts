// Four sets of tests: pure and unit (beside the code, plus the house rule), of which pure needs no process of its own for each file;
// drill (the whole recorder against the rehearsal's ledger, one after another);
// and patience, the drills that mostly wait for a minute to close, an outage to end or a process to come back, and those that no
// neighbour disturbs, four at a time.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { Standstill } from './e2e/house/standstill.ts';

/** In this order: those that take longest begin, so that none runs alone at the end. */
const patient = [
  'reconcile',
  'faults',
  'kill',
  'repair',
  'pages',
  'verdict',
  'power',
  'bad-input',
  'real-frames',
  'again',
  'judges',
  'scale',
].map((name) => `e2e/drill/${name}.test.ts`);
/** Of the unit tests those that take half a minute. */
const slow = [
  'cli/cli',
  'store/warehouse/archive',
  'store/warehouse/memory',
  'collector/line',
  'store/warehouse/snapshot',
  'store/jobs/extract-reissue',
  'store/store',
  'headless/hosting',
  'collector/process',
  'analyst/runs',
  'rehearsal/past',
].map((name) => `src-main/${name}.test.ts`);
const first = [...patient, ...slow];
/** Code without servers, databases and clocks: its files share processes, which saves half of their time. */
const pure = ['src-shared/**', 'src-renderer/**', 'src-main/feeds/**', 'src-main/store/pipeline/**'].map(
  (folder) => `${folder}/*.test.{ts,tsx}`,
);
/** Once more, but only what failed while the machine stood still; waits that a slow machine does not break. */
const again = {
  // As the waits of still-each.ts: they end when what they wait for is there.
  expect: { poll: { timeout: 60_000 } },
  setupFiles: ['e2e/house/still-each.ts'],
  retry: { count: 1, condition: /^the machine stood still/ },
};
const drill = { testTimeout: 300_000, hookTimeout: 60_000, pool: 'forks', ...again } as const;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const at = first.findIndex((path) => moduleId.endsWith(`/${path}`));
      return at < 0 ? first.length : at;
    };
    return sorted.toSorted((left, right) => place(left) - place(right));
  }
}

export default defineConfig({
  test: {
    globalSetup: ['e2e/house/still.ts'],
    projects: [
      { test: { name: 'pure', include: pure, testTimeout: 120_000, pool: 'forks', isolate: false, ...again } },
      {
        test: {
          name: 'unit',
          include: ['src-main/**/*.test.ts', 'e2e/house/*.test.ts'],
          exclude: pure,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          pool: 'forks',
          ...again,
        },
      },
      {
        test: {
          name: 'drill',
          include: ['e2e/drill/*.test.ts'],
          exclude: patient,
          ...drill,
          fileParallelism: false,
        },
      },
      { test: { name: 'patience', include: patient, ...drill } },
    ],
    maxWorkers: 3,
    // Where nobody looks on, a few failures tell as much as fifty that each wait for their time limit.
    bail: process.env.CI ? 5 : 0,
    reporters: ['default', new Standstill(480_000)],
    sequence: { sequencer: LongestFirst },
  },
});
