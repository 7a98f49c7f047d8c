// Three sets of tests: unit (beside the code, plus the house rule); drill (the whole recorder against the rehearsal's ledger, one after another);
// and patience, the drills that mostly wait for a minute to close or an outage to end, three at a time.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const patient = ['faults', 'pages', 'reconcile', 'repair', 'scale', 'verdict'].map(
  (name) => `e2e/drill/${name}.test.ts`,
);
const drill = { testTimeout: 300_000, hookTimeout: 60_000, pool: 'forks' } as const;

/** The longest drill first: begun last, it would run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      moduleId.endsWith('/reconcile.test.ts') && moduleId.includes('/drill/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src-shared/**/*.test.ts',
            'src-main/**/*.test.ts',
            'src-renderer/**/*.test.{ts,tsx}',
            'e2e/house/*.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          pool: 'forks',
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
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
