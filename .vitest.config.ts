// Four sets of tests: pure and unit (beside the code, plus the house rule), of which pure needs no process of its own for each file;
// drill (the whole recorder against the rehearsal's ledger, one after another);
// and patience, the drills that mostly wait for a minute to close, an outage to end or a process to come back, four at a time.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { Standstill } from './e2e/house/standstill.ts';

/** In this order: those that take longest begin, so that none runs alone at the end. */
const patient = ['reconcile', 'faults', 'kill', 'repair', 'verdict', 'pages', 'again', 'scale', 'power'].map(
  (name) => `e2e/drill/${name}.test.ts`,
);
/** Code without servers, databases and clocks: its files share processes, which saves half of their time. */
const pure = ['src-shared/**', 'src-renderer/**', 'src-main/feeds/**', 'src-main/store/pipeline/**'].map(
  (folder) => `${folder}/*.test.{ts,tsx}`,
);
const drill = { testTimeout: 300_000, hookTimeout: 60_000, pool: 'forks' } as const;

class PatientInOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number =>
      patient.findIndex((path) => moduleId.endsWith(`/${path}`));
    return sorted.toSorted((left, right) => place(left) - place(right));
  }
}

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'pure', include: pure, testTimeout: 120_000, pool: 'forks', isolate: false } },
      {
        test: {
          name: 'unit',
          include: ['src-main/**/*.test.ts', 'e2e/house/*.test.ts'],
          exclude: pure,
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
    maxWorkers: 3,
    // Where nobody looks on, a few failures tell as much as fifty that each wait for their time limit.
    bail: process.env.CI ? 5 : 0,
    reporters: ['default', new Standstill(480_000)],
    sequence: { sequencer: PatientInOrder },
  },
});
