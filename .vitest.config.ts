// Two sets of tests: unit (beside the code, plus the house rule) and drill (the whole recorder against the rehearsal's ledger, one after another).
import { defineConfig } from 'vitest/config';

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
          testTimeout: 300_000,
          hookTimeout: 60_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
    maxWorkers: 2,
  },
});
