// A child that has something to say at the moment when its host goes: see parent-port.test.ts.
import { writeFileSync } from 'node:fs';
import { openParentPort } from './parent-port.ts';

/** Longer than the host takes to go after `ready`. */
const BUSY_MS = 1000;

const port = openParentPort('store');
port.onDrain(async (reason) => {
  process.stderr.write('nobody reads this\n');
  await new Promise((done) => setTimeout(done, 100));
  writeFileSync(process.argv[2] ?? '', reason);
});
await port.started;
port.ready();
// Whatever this process does in one turn of its loop, its host may go meanwhile.
setTimeout(() => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
  port.ready();
}, 50);
