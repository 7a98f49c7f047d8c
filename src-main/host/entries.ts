// Where the programs of the product lie. Each runs from its source as it is, or from its build, which starts in a third of the time.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The folder that holds package.json, upwards from a file's folder. */
export function topOf(folder: string): string {
  let here = folder;
  while (!existsSync(join(here, 'package.json'))) {
    const up = dirname(here);
    if (up === here) throw new Error(`no package.json above ${folder}`);
    here = up;
  }
  return here;
}

/** The product's version, from its package.json. */
export function versionOf(top: string): string {
  const read = z.object({ version: z.string() }).safeParse(JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')));
  return read.success ? read.data.version : 'unknown';
}

/** A program's entry: the built one when the build is as new as its sources, else the source. Decided once per process. */
export function entryOf(top: string, program: 'collector' | 'store' | 'analyst' | 'rehearsal' | 'headless'): string {
  fresh ??= isFresh(top);
  return fresh ? join(top, 'out', 'main', `${program}.js`) : join(top, 'src-main', program, 'main.ts');
}

let fresh: boolean | undefined;

function isFresh(top: string): boolean {
  const built = ['collector', 'store', 'analyst', 'rehearsal', 'headless'].map((name) =>
    join(top, 'out', 'main', `${name}.js`),
  );
  if (!built.every((path) => existsSync(path))) return false;
  // A packaged app has no sources to be older than.
  if (!existsSync(join(top, 'src-main'))) return true;
  const made = Math.min(...built.map((path) => statSync(path).mtimeMs));
  return ['src-main', 'src-shared'].every((folder) => newest(join(top, folder)) < made);
}

/** The newest change among the sources of a folder, tests aside, ms. */
function newest(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}
