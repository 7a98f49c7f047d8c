// `npm start`: brings Tapedeck up in the best way that this machine can, and says which and why.
// The desktop window where Electron's binary and a display are there; else the headless host, whose screen opens in a browser.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { outliveReaders, printed } from './base/readers.ts';

const top = dirname(import.meta.dirname);

const HELP = `npm start [-- options]

  --data DIR       data folder; default: Tapedeck in your home folder (with --rehearsal: Tapedeck-rehearsal)
  --rehearsal      simulated venues with a scripted listing instead of real ones
  --recipe FILE    what the simulated venues do; implies --rehearsal
  --settings FILE  what to record; default: settings.json of the data folder, or ask on the first screen
  --port N         port of the screen when it opens in a browser
  --headless       no window, even where one is possible
`;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function readOptions() {
  try {
    return parseArgs({
      options: {
        data: { type: 'string' },
        rehearsal: { type: 'boolean', default: false },
        recipe: { type: 'string' },
        settings: { type: 'string' },
        port: { type: 'string' },
        headless: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`tapedeck: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(2);
  }
}

/** The newest change under a file or folder, ms. */
function changed(path: string): number {
  if (!existsSync(path)) return 0;
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name))));
}

/** Builds what is missing or older than its sources; true when the build is then current. The recorder runs without a build; only its screen needs one. */
function build(): boolean {
  const made = changed(join(top, 'out', 'renderer', 'index.html'));
  const sources = ['src-renderer', 'src-shared', 'src-main', 'electron.vite.config.ts', 'package.json'];
  if (made > 0 && sources.every((name) => changed(join(top, name)) < made)) return true;
  const tool = join(top, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  if (!existsSync(tool)) {
    say(
      made > 0
        ? 'The screen is older than its sources; npm ci brings the tool that builds it.'
        : 'The screen is not built; npm ci brings the tool that builds it.',
    );
    return false;
  }
  process.stdout.write(`Building the screen (${made > 0 ? 'its sources changed' : 'first start'}) ... `);
  const began = performance.now();
  const built = spawnSync(process.execPath, [tool, 'build'], { cwd: top, encoding: 'utf8' });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(built.status === 0 ? `done in ${seconds} s` : `failed after ${seconds} s`);
  if (built.status !== 0) {
    const words = `${built.stdout}\n${built.stderr}`.trim().split('\n').slice(-12).join('\n');
    process.stderr.write(`${words}\nThe recorder starts without it.\n`);
  }
  return built.status === 0;
}

/** The path of Electron's binary, or why the desktop is not possible here. Never fetches anything. */
function desktop(headless: boolean): { readonly binary: string } | { readonly why: string } {
  if (headless) return { why: 'as asked with --headless' };
  const folder = join(top, 'node_modules', 'electron');
  const named = join(folder, 'path.txt');
  const binary = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8').trim()) : undefined;
  if (binary === undefined || !existsSync(binary))
    return { why: "Electron's binary is not installed (npx install-electron fetches it)" };
  if (!existsSync(join(top, 'out', 'main', 'desktop.js'))) return { why: 'the desktop is not built' };
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const display = process.platform === 'win32' || process.platform === 'darwin' || DISPLAY || WAYLAND_DISPLAY;
  if (!display) return { why: 'there is no display' };
  if (process.getuid?.() === 0) return { why: 'Electron keeps its sandbox only for users other than root' };
  return { binary };
}

async function exitWith(child: ChildProcess): Promise<never> {
  // Ctrl-C reaches the child by itself; only what is sent to this process alone must be passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.once('error', (error) => {
      process.stderr.write(`tapedeck: ${error.message}\n`);
      done([1, null]);
    });
    child.once('exit', (...end) => done(end));
  });
  await printed();
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
}

/** What the host says in a line; nothing where it is none of its own (a warning of the machine's, say). */
function saidIn(line: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null ? { ...said } : {};
  } catch {
    return {};
  }
}

const options = readOptions();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
// `npm start | head -1` reads enough at once, and the host ends when this program does.
outliveReaders();
const rehearsal = options.rehearsal || options.recipe !== undefined;
const dataDir = resolve(options.data ?? join(homedir(), rehearsal ? 'Tapedeck-rehearsal' : 'Tapedeck'));
const passed = [
  '--data',
  dataDir,
  ...(rehearsal ? ['--rehearsal'] : []),
  ...(options.recipe === undefined ? [] : ['--recipe', resolve(options.recipe)]),
  ...(options.settings === undefined ? [] : ['--settings', resolve(options.settings)]),
];

const current = build();
const way = desktop(options.headless);
say(`Data folder: ${dataDir}`);
if ('binary' in way) {
  say('Starting the desktop: Electron and a display are there.');
  await exitWith(spawn(way.binary, [top, ...passed], { stdio: 'inherit' }));
} else {
  say(`Starting without a desktop: ${way.why}.`);
  const child = spawn(
    process.execPath,
    [
      current ? join(top, 'out', 'main', 'headless.js') : join(top, 'src-main', 'headless', 'main.ts'),
      ...passed,
      ...(options.port === undefined ? [] : [`--port=${options.port}`]),
    ],
    {
      // With the channel the host leaves when this program is killed.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(top, 'node_modules', '.cache', 'tapedeck'),
      },
    },
  );
  const lines = child.stdout && createInterface({ input: child.stdout });
  lines?.on('line', (line) => {
    const { event, url, token, mode } = saidIn(line);
    if (event !== 'ready') return;
    const doing =
      { live: 'Recording', rehearsal: 'Recording simulated venues' }[String(mode)] ??
      'Up; choose on the screen what to record';
    say(`${doing}. Open the screen in a browser:\n\n  ${url}/?token=${token}\n\nCtrl-C stops in order.`);
  });
  await exitWith(child);
}
