// `doctor`: what is installed, what is missing and how to get it. Changes nothing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { reasonOf } from '../../src-shared/base/result.ts';
import { diskSpace } from '../base/files.ts';
import { prepareDataFolder } from '../host/data-folder.ts';
import { top } from './compile-cache.ts';
import { table, write, writeJson } from './output.ts';

interface Finding {
  readonly name: string;
  /** missing: the recorder does not work without it. optional: something else does not. */
  readonly state: 'ok' | 'missing' | 'optional';
  readonly found: string;
  /** How to get it; empty when it is there. */
  readonly how: string;
}

export async function doctor(options: { data?: string; json?: boolean }): Promise<void> {
  const dataDir = resolve(options.data ?? join(homedir(), 'Tapedeck'));
  const findings = [
    node(),
    native(
      'DuckDB',
      '@duckdb/node-api',
      "const c = await (await part.DuckDBInstance.create(':memory:')).connect(); console.log((await c.runAndReadAll('select version()')).getRows()[0][0])",
    ),
    native(
      'SQLite',
      'better-sqlite3',
      "console.log(new part.default(':memory:').prepare('select sqlite_version() as v').get().v)",
    ),
    built(),
    electron(),
    display(),
    chromium(),
    folder(dataDir),
    await space(dataDir),
    clock(),
  ];
  if (options.json) await writeJson({ findings });
  else
    await write(
      table(
        findings.map(({ name, state, found, how }) => [
          state === 'ok' ? 'ok' : state === 'missing' ? 'MISSING' : 'optional',
          name,
          found,
          how && `-> ${how}`,
        ]),
      ),
    );
  if (findings.some((finding) => finding.state === 'missing')) process.exitCode = 1;
}

function finding(name: string, ok: boolean, found: string, how: string, needed = true): Finding {
  return { name, state: ok ? 'ok' : needed ? 'missing' : 'optional', found, how: ok ? '' : how };
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return finding(
    'Node',
    major >= 24,
    `v${process.versions.node} at ${process.execPath}`,
    'Node 24 comes with `npm ci`; start commands through npm',
  );
}

/** Tried in a process of its own: a native part that does not fit ends its process. */
function native(name: string, part: string, trial: string): Finding {
  const script = `const part = await import(process.argv[1]); ${trial}`;
  const tried = spawnSync(process.execPath, ['--input-type=module', '-e', script, part], {
    cwd: top,
    encoding: 'utf8',
    timeout: 20_000,
  });
  const said =
    tried.status === 0
      ? tried.stdout.trim()
      : (tried.stderr.split('\n').find((line) => /Error/.test(line)) ?? `ended with ${tried.signal ?? tried.status}`);
  return finding(name, tried.status === 0, said.slice(0, 120), '`npm ci` installs it with its binary');
}

function built(): Finding {
  const page = join(top, 'out', 'renderer', 'index.html');
  return finding('Screen', existsSync(page), existsSync(page) ? page : 'not built', '`npm run build`');
}

function electron(): Finding {
  const folder = join(top, 'node_modules', 'electron');
  const path = existsSync(join(folder, 'path.txt'))
    ? join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
    : undefined;
  const there = path !== undefined && existsSync(path);
  return finding(
    'Electron',
    there,
    there ? path : 'no binary',
    '`npx install-electron` fetches it; without it the screen opens in a browser',
    false,
  );
}

function display(): Finding {
  const name =
    process.platform === 'win32' || process.platform === 'darwin'
      ? process.platform
      : (process.env.WAYLAND_DISPLAY ?? process.env.DISPLAY);
  return finding(
    'Display',
    name !== undefined && name !== '',
    name ?? 'none',
    'only the desktop window needs one; without it the screen opens in a browser',
    false,
  );
}

function chromium(): Finding {
  const named = process.env.TAPEDECK_CHROMIUM;
  // Where e2e/playwright.config.ts looks.
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const path = (named === undefined ? places : [named]).find((one) => existsSync(one));
  return finding(
    'Chromium',
    path !== undefined,
    path ?? (named === undefined ? 'none in /usr/bin' : `TAPEDECK_CHROMIUM names ${named}, which does not exist`),
    'only the end-to-end tests need it: install chromium from your system, or name a browser with TAPEDECK_CHROMIUM=PATH',
    false,
  );
}

function folder(dataDir: string): Finding {
  if (existsSync(dataDir)) {
    const usable = prepareDataFolder(dataDir, { create: false });
    return finding(
      'Data folder',
      usable.ok,
      usable.ok ? `${dataDir} is writable` : usable.failure.message,
      'see the message',
    );
  }
  let above = dirname(dataDir);
  while (!existsSync(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return finding('Data folder', true, `${dataDir} can be made`, '');
  } catch (error) {
    return finding(
      'Data folder',
      false,
      `${dataDir} cannot be made: ${reasonOf(error)}`,
      'choose another one with --data',
    );
  }
}

async function space(dataDir: string): Promise<Finding> {
  let here = dataDir;
  while (!existsSync(here)) here = dirname(here);
  const { freeBytes } = await diskSpace(here);
  return finding(
    'Free space',
    freeBytes > 5 * 1024 ** 3,
    `${(freeBytes / 1024 ** 3).toFixed(1)} GiB at ${here}`,
    'below 5 GiB the recorder warns, below 512 MiB it halts: free some space or choose another disk',
    false,
  );
}

/** Receive times are only as good as the clock. */
function clock(): Finding {
  const asked = spawnSync('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
    encoding: 'utf8',
    timeout: 3000,
  });
  const answer = asked.status === 0 ? asked.stdout.trim() : '';
  const found =
    answer === 'yes'
      ? 'synchronised'
      : answer === 'no'
        ? 'NOT synchronised'
        : 'this system does not tell whether it is synchronised';
  return finding(
    'Clock',
    answer === 'yes',
    found,
    'switch on network time (e.g. `timedatectl set-ntp true`, chrony, or the system settings)',
    false,
  );
}
