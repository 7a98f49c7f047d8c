// A failure of a test counts, unless the machine itself stood still meanwhile: then the test is run once more.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const packages = join(import.meta.dirname, '../../node_modules');
// Where its packages are found, and no other test looks.
const dir = mkdtempSync(join(packages, '.still-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('is run again when the machine stood still, and not otherwise', async () => {
  const house = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
  const tries = join(dir, 'tries');
  // Who watches is stopped for a while, as everybody is where the machine is.
  writeFileSync(
    join(dir, 'fails.test.ts'),
    `import { appendFileSync, readFileSync } from 'node:fs';
     import { expect, it } from 'vitest';
     const tried = (name) => {
       appendFileSync(${JSON.stringify(tries)}, name + '\\n');
       return readFileSync(${JSON.stringify(tries)}, 'utf8').split('\\n').filter((line) => line === name).length;
     };
     it('by itself', () => expect(tried('own')).toBe(2));
     it('while the machine stands still', async () => {
       const nth = tried('still');
       if (nth === 1) {
         process.kill(process.ppid, 'SIGSTOP');
         await new Promise((done) => setTimeout(done, 5600));
         process.kill(process.ppid, 'SIGCONT');
       }
       expect(nth).toBe(2);
     }, 20_000);`,
  );
  writeFileSync(
    join(dir, 'config.ts'),
    `export default { test: { include: ['*.test.ts'], exclude: [], pool: 'forks', globalSetup: [${house('still.ts')}],
       setupFiles: [${house('still-each.ts')}], retry: { count: 1, condition: /^the machine stood still/ } } };`,
  );
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'TAPEDECK_STILL'));
  const run = spawn(
    process.execPath,
    [join(packages, 'vitest/vitest.mjs'), 'run', '--root', dir, '--config', join(dir, 'config.ts')],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, NO_COLOR: '1' } },
  );
  let said = '';
  for (const stream of [run.stdout, run.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  expect(await new Promise((resolve) => run.on('close', resolve))).toBe(1);
  expect(said).toMatch(/THE MACHINE STOOD STILL for \d/);
  expect(said).toMatch(/Tests\s+1 failed \| 1 passed/);
  expect(readFileSync(tries, 'utf8').trim().split('\n').toSorted()).toEqual(['own', 'still', 'still']);
}, 60_000);
