// `rehearse`: the simulated venues alone, started by hand. Prints one JSON line when they listen, ends cleanly on SIGTERM or Ctrl-C.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { unwrap } from '../../src-shared/base/result.ts';
import { readRecipe } from './recipe.ts';
import { type RehearsalOptions, startRehearsal } from './rehearsal.ts';

/** The demo's recipe: resources/recipes beside the sources, or beside the bundle. TAPEDECK_RESOURCES names another resources folder. */
export function demoRecipe(): string {
  const named = process.env.TAPEDECK_RESOURCES;
  if (named !== undefined) return join(named, 'recipes', 'demo.json');
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'resources', 'recipes', 'demo.json');
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error('resources/recipes/demo.json was not found beside the program');
  }
}

/** `rehearse`: the venues alone. Resolves when they have ended; the exit code is the caller's. */
export async function runRehearsal(options: RehearsalOptions, say: (line: string) => void): Promise<void> {
  const rehearsal = await startRehearsal({ ids: 'clock', ...options });
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  const { port, url, settings, ledger } = rehearsal;
  say(JSON.stringify({ event: 'ready', port, url, settings, ledger }));
  // The times of a recipe that waits for its readers begin later.
  void rehearsal.begun.then((fromUs) => say(JSON.stringify({ event: 'times', fromUs })));
  await ended;
  await rehearsal.close();
  say(JSON.stringify({ event: 'ended', printed: rehearsal.printed() }));
}

/** The command line of `rehearse`; throws what an operator should read. With --check the recipe is only read. */
export async function rehearseCommand(): Promise<void> {
  const { values } = parseArgs({
    options: {
      recipe: { type: 'string', default: demoRecipe() },
      port: { type: 'string', default: '0' },
      ledger: { type: 'string' },
      check: { type: 'boolean', default: false },
    },
  });
  if (values.check) {
    unwrap(readRecipe(values.recipe));
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port}: must be 0 to 65535`);
  await runRehearsal({ recipe: values.recipe, port, ledger: values.ledger ?? null }, (line) =>
    process.stdout.write(`${line}\n`),
  );
}
