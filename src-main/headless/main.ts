// The headless host: the same recorder without a desktop, its screen in a browser on this machine.
// Prints one JSON line {"event":"ready",...} on stdout when host, journal and store are up; SIGTERM or SIGINT drains it and it exits 0.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Failure, fail, ok, type Result } from '../../src-shared/base/result.ts';
import { outliveReaders, printed } from '../base/readers.ts';
import { type Door, openDoor } from '../host/door.ts';
import { entryOf, topOf, versionOf } from '../host/entries.ts';
import { openHost, type Wanted } from '../host/host.ts';
import { lastWords } from '../host/last-words.ts';
import { nodeChildren } from './node-child.ts';
import { openWebScreens } from './web-screen.ts';

interface Arguments {
  readonly dataDir: string;
  readonly wanted: Wanted;
  readonly port: number;
  readonly address: string;
}

function readArguments(argv: readonly string[]): Result<Arguments> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      settings: { type: 'string' },
      port: { type: 'string', default: '0' },
      listen: { type: 'string', default: '127.0.0.1' },
      rehearsal: { type: 'boolean', default: false },
      recipe: { type: 'string' },
      offline: { type: 'boolean', default: false },
    },
  });
  if (values.data === undefined) return fail('arguments.data', 'the data folder is missing: --data DIR');
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535)
    return fail('arguments.port', `--port ${values.port} is no port number from 0 to 65535`);
  if (values.settings !== undefined && (values.rehearsal || values.recipe !== undefined)) {
    return fail('arguments.mode', '--settings and --rehearsal exclude each other: a rehearsal brings its own settings');
  }
  if (values.recipe !== undefined && !existsSync(values.recipe))
    return fail('arguments.recipe', `recipe ${values.recipe} does not exist`);
  const wanted: Wanted = values.offline
    ? { kind: 'offline' }
    : values.rehearsal || values.recipe !== undefined
      ? { kind: 'rehearsal', recipe: values.recipe ?? null }
      : { kind: 'settings', file: values.settings ?? null };
  return ok({ dataDir: values.data, wanted, port, address: values.listen });
}

/** The venues' own program reads a recipe before anything starts: one that it refuses would be refused at each of its starts. */
function checkRecipe(recipe: string, top: string): Result<null> {
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [entryOf(top, 'rehearsal'), '--check', '--recipe', recipe],
    { encoding: 'utf8' },
  );
  if (status === 0) return ok(null);
  return fail('arguments.recipe', error?.message ?? lastWords(stderr).replace(/^rehearse: /, ''));
}

/** One clear line for people; the failure itself for programs that asked for JSON. */
async function giveUp(failure: Failure): Promise<never> {
  process.stderr.write(`tapedeck: ${failure.message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  await printed();
  process.exit(1);
}

async function run(): Promise<void> {
  outliveReaders();
  const args = readArguments(process.argv.slice(2));
  if (!args.ok) return giveUp(args.failure);
  const { dataDir, wanted, port, address } = args.value;
  const top = topOf(import.meta.dirname);
  const version = versionOf(top);
  if (wanted.kind === 'rehearsal' && wanted.recipe !== null) {
    const checked = checkRecipe(wanted.recipe, top);
    if (!checked.ok) return giveUp(checked.failure);
  }
  const opened = await openHost({
    dataDir,
    wanted,
    kind: 'headless',
    version,
    children: nodeChildren({
      entry: (name) => entryOf(top, name),
      compileCache: join(top, 'node_modules', '.cache', 'tapedeck'),
    }),
    openFolder: null,
  });
  if (!opened.ok) return giveUp(opened.failure);
  const host = opened.value;
  const screens = openWebScreens(host.router);
  let door: Door | undefined;
  let leaving: Promise<void> | undefined;
  const leave = (reason: string): void => {
    leaving ??= (async () => {
      const { killed } = await host.close(reason);
      screens.close();
      await door?.close();
      if (killed.length > 0) {
        process.stderr.write(`tapedeck: ${killed.join(' and ')} did not leave in time and had to be killed\n`);
      }
      await printed();
      process.exit(0);
    })();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => leave(signal));
  // Started by another of our programs: without it nobody waits for us.
  process.on('disconnect', () => leave('the program that started the host is gone'));

  const rendererDir = join(top, 'out', 'renderer');
  const answered = await openDoor({ host, version, port, address, screen: { rendererDir, upgrade: screens.upgrade } });
  if (!answered.ok) {
    await host.close(answered.failure.message);
    return giveUp(answered.failure);
  }
  door = answered.value;
  const up = await host.up();
  if (leaving) return;
  const { url, token } = door;
  if (!up.ok) {
    if (wanted.kind === 'offline') {
      await host.close(up.failure.message);
      return giveUp(up.failure);
    }
    // The host stays: its screen and /health say what is wrong, and the other half may well record.
    process.stderr.write(`tapedeck: ${up.failure.message}; the screen at ${url}/?token=${token} says more\n`);
    return;
  }
  // Started by hand or by a service, nobody may ever look at the screen that asks. Behind `npm start` that one says it.
  if (host.mode() === 'none' && process.send === undefined)
    process.stderr.write(
      `tapedeck: nothing is recorded: ${join(host.dataDir, 'settings.json')} does not exist and no --settings was given; choose at ${url}/?token=${token}\n`,
    );
  const ready = {
    event: 'ready',
    url,
    token,
    pid: process.pid,
    children: host.children(),
    mode: host.mode(),
    dataDir: host.dataDir,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

await run();
