// Writes many lines to a log and ends at once: see log.test.ts.
import { setTimeout as delay } from 'node:timers/promises';
import { openLog } from './log.ts';

const [, , dir = '', end] = process.argv;
const log = openLog(dir, 'host');
for (let n = 0; n < 5000; n += 1) {
  log.info(`line ${n}`);
  // Some of them are on their way to the disk by then.
  if (n % 500 === 0) await delay(1);
}
if (end === 'exit') process.exit(3);
throw new Error('as a bug does');
