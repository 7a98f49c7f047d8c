// A child that has something to say at the moment when its host goes: see parent-port.test.ts.
import { writeFileSync } from 'node:fs';
import { openParentPort } from './parent-port.ts';

/** Longer than the host takes to go after `ready`. */
const BUSY_MS = 1000;

const port = openParentPort('store');
port.onDrain(async (reason) => {
  process.stderr.write('nobody reads this\n');
  await new Promise((done) => setTimeout(done, 100));
  // A job waits for its answer before it ends, and asks once more on its way out.
  const answers = [await asked, await port.ask('gaps.list', {})];
  const told = answers.map((answer) => (answer.ok ? 'answered' : answer.failure.code));
  writeFileSync(process.argv[2] ?? '', [reason, ...told].join('; '));
});
await port.started;
const asked = port.ask('gaps.list', {});
port.ready();
// Whatever this process does in one turn of its loop, its host may go meanwhile.
setTimeout(() => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
  port.ready();
}, 50);
