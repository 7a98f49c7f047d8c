// A run whose test blocks its process for ever ends by itself, names the test, and leaves no process behind.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const packages = join(import.meta.dirname, '../../node_modules');
// Where its packages are found, and no other test looks.
const dir = mkdtempSync(join(packages, '.standstill-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('is told of and ended, with what it had started', async () => {
  const standstill = JSON.stringify(join(import.meta.dirname, 'standstill.ts'));
  writeFileSync(
    join(dir, 'blocks.test.ts'),
    `import { spawnSync } from 'node:child_process';
     import { it } from 'vitest';
     it('passes', () => new Promise((resolve) => setTimeout(resolve, 1000)));
     it('waits for ever', () => void spawnSync('sleep', ['987654']), 100);`,
  );
  writeFileSync(
    join(dir, 'config.ts'),
    `import { Standstill } from ${standstill};
     export default { test: { include: ['*.test.ts'], exclude: [], pool: 'forks', reporters: [new Standstill(3000)] } };`,
  );
  const vitest = join(packages, 'vitest/vitest.mjs');
  const run = spawn(process.execPath, [vitest, 'run', '--root', dir, '--config', join(dir, 'config.ts')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  run.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  expect(await new Promise((resolve) => run.on('close', resolve))).toBe(1);
  expect(said).toMatch(/stands still for \d+ s: \S*blocks\.test\.ts; last: "(waits for ever" began|passes" ended)/);
  const slept = /^ {2}(\d+) of \d+: .*sleep 987654$/m.exec(said)?.[1] ?? '';
  expect(slept).not.toBe('');
  // Its parent is gone, too: nobody may have waited for it yet.
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', slept], { encoding: 'utf8', timeout: 10_000 });
  expect(stdout).toMatch(/^(Z.*\s*)?$/);
}, 60_000);
