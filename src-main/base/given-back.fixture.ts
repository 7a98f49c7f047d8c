// A process of its own, for its memory is measured: what DuckDB freed goes back to the system although no further statement runs.
// Prints one JSON line: resident MB with a table, and the least within the time after it was dropped.
import { setTimeout as delay } from 'node:timers/promises';
import { openDuck, storeDuckSettings } from './duck.ts';

const WAIT_MS = 20_000;
const residentMb = (): number => process.memoryUsage.rss() / 1024 ** 2;

const duck = await openDuck(':memory:', storeDuckSettings);
await duck.with((connection) =>
  connection.run('CREATE TABLE held AS SELECT i, i::VARCHAR AS text FROM range(6_000_000) AS r(i)'),
);
const heldMb = residentMb();
await duck.with((connection) => connection.run('DROP TABLE held'));
let leastMb = residentMb();
for (const end = performance.now() + WAIT_MS; performance.now() < end && leastMb > heldMb - 60; ) {
  await delay(100);
  leastMb = Math.min(leastMb, residentMb());
}
process.stdout.write(`${JSON.stringify({ heldMb, leastMb })}\n`);
duck.close();
