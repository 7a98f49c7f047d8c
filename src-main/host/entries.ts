// Where the parts of the product lie, in the source tree and in the built one, found from the file that asks.
import { existsSync, readFileSync } from 'node:fs';
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
