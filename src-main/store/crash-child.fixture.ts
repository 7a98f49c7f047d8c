// A store in a process of its own that the crash test kills. Says "c" after each commit and "done" when all is committed.
import { openStore } from './store.fixture.ts';

const [dataDir = '', batchFrames = '500', stay = ''] = process.argv.slice(2);
const store = await openStore(dataDir, { batchFrames: Number(batchFrames), batchMs: 1, readBytes: 60_000 });
store.warehouse.on('committed', () => process.stdout.write('c'));
process.stdout.write('o');
await store.caughtUp();
process.stdout.write('done');
// A handle that keeps the process, and with it the lock on the files, until it is killed.
if (stay) setInterval(() => undefined, 60_000);
else await store.close();
