// Tests of what the host passes on of its children: a reader that stands still holds up nobody.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-passing-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Prints 64 KB, says so, and again. */
const LOUD = `setInterval(() => {
  console.log('x'.repeat(1000));
  console.error('y'.repeat(63_000));
  process.send('printed');
}, 5);`;

it('goes on when nobody reads what its children print, drops what finds no room, and says how much', async () => {
  const loud = join(dir, 'loud.cjs');
  writeFileSync(loud, LOUD);
  const host = spawn(process.execPath, [join(import.meta.dirname, 'passing.fixture.ts'), loud], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let passed = 0;
  host.on('message', (count) => {
    passed = Number(count);
  });
  // 100 times 64 KB are many times what a pipe and the host's memory for it hold.
  await vi.waitFor(() => expect(passed).toBeGreaterThan(100), 60_000);
  let said = '';
  host.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const told = /tapedeck: nobody read this for a while, (\d+) bytes were not printed\n/;
  await vi.waitFor(() => expect(said).toMatch(told), 60_000);
  expect(Number(told.exec(said)?.[1])).toBeGreaterThan(2_000_000);
  const ended = new Promise((resolve) => host.once('close', resolve));
  host.send('enough');
  expect(await ended).toBe(7);
  // Also what was printed to stdout, and what was said at the very end.
  expect(said).toMatch(/x{1000}\n/);
  expect(said).toContain('the last word\n');
});
