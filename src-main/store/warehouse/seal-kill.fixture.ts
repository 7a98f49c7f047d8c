// A process that seals (or compacts) one hour and kills itself after a named step: node seal-kill.fixture.ts <dataDir> <hourUs> <step> [compact].
// For the crash tests only.

import { join } from 'node:path';
import { openDuck, storeDuckSettings } from '../../base/duck.ts';
import { openArchive } from './archive.ts';
import { openCatalog } from './catalog.ts';
import { openHalfway } from './halfway.ts';
import { openLock } from './lock.ts';
import { compactHour, sealHour } from './seal.ts';

const [dataDir = '', hourUs = '', step = '', what = ''] = process.argv.slice(2);
const catalog = openCatalog(dataDir);
const duck = await openDuck(join(dataDir, 'warehouse', 'hot.duckdb'), storeDuckSettings);
const archive = openArchive(
  { dataDir, duck, catalog, lock: openLock(), halfway: openHalfway() },
  () => Date.now() * 1000,
);
const work = what === 'compact' ? compactHour : sealHour;
const done = await work(
  {
    ...archive.sealing,
    step: (name) => {
      if (name === step) process.kill(process.pid, 'SIGKILL');
    },
  },
  Number(hourUs),
);
process.stdout.write(`${JSON.stringify(done)}\n`);
