// Entry of the desktop host, run by Electron from the build.
import { join } from 'node:path';
import { app } from 'electron';
import { outliveReaders } from '../base/readers.ts';
import { startDesktop } from './desktop.ts';

outliveReaders();
const mainDir = import.meta.dirname;
// Not awaited: Electron becomes ready only after this module has been evaluated.
void startDesktop(process.argv.slice(app.isPackaged ? 1 : 2), {
  mainDir,
  rendererDir: join(mainDir, '..', 'renderer'),
  preload: join(mainDir, '..', 'preload', 'preload.cjs'),
});
