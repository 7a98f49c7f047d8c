// Reads a pipe into a file when it is told to, or after a while, so that who waits for it fails and does not wait for ever: see log.test.ts and host-lock.test.ts.
import { once } from 'node:events';
import { appendFileSync, openSync, readSync } from 'node:fs';

const TOO_LATE_MS = 20_000;

const [, , pipe = '', file = ''] = process.argv;
await Promise.race([once(process.stdin, 'data'), new Promise((resolve) => setTimeout(resolve, TOO_LATE_MS))]);
// The file is there from now on.
appendFileSync(file, '');
const fd = openSync(pipe, 'r');
const block = Buffer.alloc(64 * 1024);
let end = '';
// Who writes a log keeps it open: what ends it is its last line.
for (let bytes = readSync(fd, block); bytes > 0; bytes = readSync(fd, block)) {
  appendFileSync(file, block.subarray(0, bytes));
  end = (end + block.toString('latin1', 0, bytes)).slice(-200);
  if (end.includes('the last line')) break;
}
process.exit();
