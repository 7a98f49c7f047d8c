// Where compiled code is kept between runs. It imports nothing of ours: what it stands before is what is to be kept.
import { join } from 'node:path';

/** The folder that holds package.json. */
export const top = join(import.meta.dirname, '../..');

export const compileCache = join(top, 'node_modules', '.cache', 'tapedeck');
