// Tests of `npm start` without a desktop: nothing that its reader or its host's output does ends the recording.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';

const top = dirname(import.meta.dirname);
const dir = mkdtempSync(join(tmpdir(), 'tapedeck-launch-'));
afterAll(() => rmSync(dir, { recursive: true }));

// The sources with everything that they need but the tool that builds the screen, which would take its time and is of no matter here.
for (const name of ['src-main', 'src-shared', 'package.json'])
  cpSync(join(top, name), join(dir, name), { recursive: true });
mkdirSync(join(dir, 'node_modules'));
for (const name of readdirSync(join(top, 'node_modules')))
  if (!name.startsWith('electron')) symlinkSync(join(top, 'node_modules', name), join(dir, 'node_modules', name));

interface Launched {
  readonly launcher: ReturnType<typeof spawn>;
  readonly ended: Promise<number | string | null>;
  /** Resolves when its stdout holds these words. */
  said(words: string): Promise<void>;
  /** Status of the host's /health, while it is there. */
  health(): Promise<number>;
}

function launch(name: string, env: NodeJS.ProcessEnv = {}): Launched {
  const data = join(dir, name);
  const launcher = spawn(process.execPath, [join(dir, 'src-main', 'launch.ts'), '--headless', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let text = '';
  launcher.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    launcher,
    ended: new Promise((resolve) => launcher.once('exit', (code, signal) => resolve(signal ?? code))),
    said: (words) => vi.waitFor(() => expect(text).toContain(words), 60_000),
    health: async () => {
      const { url } = JSON.parse(readFileSync(join(data, 'host.json'), 'utf8')) as { url: string };
      return (await fetch(`${url}/health`)).status;
    },
  };
}

it('records on when its reader has read enough, as head does', async () => {
  const { launcher, ended, said, health } = launch('head');
  await said('Data folder');
  launcher.stdout?.destroy();
  await vi.waitFor(async () => expect(await health()).toBe(200), 60_000);
  // The host says that it is ready a moment later; what the launcher prints of it finds no reader.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(launcher.exitCode).toBeNull();
  expect(await health()).toBe(200);
  launcher.kill('SIGTERM');
  expect(await ended).toBe(0);
});

it('passes over what is printed on the way and is no word of the host', async () => {
  const loud = join(dir, 'loud.cjs');
  writeFileSync(loud, `console.log('(node) a warning'); console.log('null'); console.log('[1');`);
  const { launcher, ended, said, health } = launch('lines', { NODE_OPTIONS: `--require=${loud}` });
  await said('choose on the screen what to record. Open the screen in a browser');
  expect(await health()).toBe(200);
  launcher.kill('SIGTERM');
  expect(await ended).toBe(0);
});
