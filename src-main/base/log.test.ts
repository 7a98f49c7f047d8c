// Tests of the log: nothing about it may end the recorder that writes it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openLog } from './log.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-log-'));
const logs = join(dir, 'logs');
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

/** A log that is one record away from 16 MB. */
function nearlyFull(): void {
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'host.log'), Buffer.alloc(16 * 1024 ** 2, 0x20));
}

it('takes a level that does not exist for info, and says so', () => {
  vi.stubEnv('TAPEDECK_LOG', 'loud');
  const log = openLog(dir, 'host');
  log.info('recorded');
  log.debug('not recorded');
  const said = readFileSync(join(logs, 'host.log'), 'utf8');
  expect(said).toMatch(/TAPEDECK_LOG=loud is none of .*"\}\n.*"recorded"\}\n$/);
});

it('rolls at 16 MB and keeps five', () => {
  for (let n = 0; n < 7; n += 1) {
    nearlyFull();
    openLog(dir, 'host').info(`roll ${n}`);
  }
  expect(readdirSync(logs).sort()).toEqual([
    'host.1.log',
    'host.2.log',
    'host.3.log',
    'host.4.log',
    'host.5.log',
    'host.log',
  ]);
  expect(statSync(join(logs, 'host.log')).size).toBe(0);
  expect(readFileSync(join(logs, 'host.1.log'), 'utf8')).toContain('roll 6');
});

it('writes on in the same file where it cannot be rolled', () => {
  nearlyFull();
  // A folder stands in the way also for a user who may do everything.
  mkdirSync(join(logs, 'host.5.log'));
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const log = openLog(dir, 'host');
  log.info('before');
  log.info('after');
  expect(readFileSync(join(logs, 'host.log'), 'utf8')).toMatch(/"before"\}\n.*"after"\}\n$/);
  expect(told.mock.calls.join()).toContain('log not rolled');
});
