// PROCESS 2, the store: journal -> pipeline -> warehouse, and every question about what is held.
// Promises: ready when it can be asked; a crash anywhere goes on from the last commit; leaving commits what was read.
import { join } from 'node:path';
import { z } from 'zod';
import { ok } from '../../src-shared/base/result.ts';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import { openLog } from '../base/log.ts';
import { openParentPort } from '../base/parent-port.ts';
import { stepBack } from '../base/priority.ts';
import { feedOf, noticeFeedOf } from '../feeds/index.ts';
import { openReader } from '../journal/reader.ts';
import { storeHandlers } from './handlers.ts';
import { Intake } from './intake.ts';
import { openJobs } from './jobs/index.ts';
import type { JobContext } from './jobs/job.ts';
import { openMeter } from './meter.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { recover } from './recovery.ts';
import { StreamRates } from './stream-rates.ts';
import { openArchive } from './warehouse/archive.ts';
import { Committer } from './warehouse/commit.ts';
import { openSnapshots } from './warehouse/snapshot.ts';
import { openWarehouse } from './warehouse/warehouse.ts';

const METER_MS = 250;
const RATES_MS = 1000;
/** What was received this lately may not be durable yet, so nothing is said about it. */
const SYNC_US = 200_000;

const optionsSchema = z.object({ version: z.string().default('unknown') });

// The sockets come first: a store that catches up must not take the collector's time. Threads that start later inherit this.
stepBack();
const port = openParentPort('store');
const start = await port.started;
const log = openLog(start.dataDir, 'store');
let settings = settingsSchema.parse(start.settings);
const nowUs = (): number => Date.now() * 1000;

const warehouse = await openWarehouse(start.dataDir, { log, nowUs });
let heard: Pipeline | null = null;
const archive = openArchive(warehouse, nowUs, (lineNo) => heard?.heardUs(lineNo) ?? 0);
let intake: Intake | null = null;

const context: JobContext = {
  warehouse,
  archive,
  writer: `Tapedeck ${optionsSchema.parse(start.options).version}`,
  get settings() {
    return settings;
  },
  ask: port.ask,
  publish: port.publish,
  nowUs,
  position: () => {
    const status = intake?.status;
    const position = status?.committed.position ?? { segment: 0, offset: 0, frame: -1 };
    const waiting = status?.oldestWaitingUs ?? null;
    const read = status?.caughtUp && waiting === null ? nowUs() - SYNC_US : (waiting ?? status?.committed.recvUs ?? 0);
    return { ...position, recvUs: status?.committed.recvUs ?? 0, readUntilUs: read };
  },
};

const jobs = openJobs(context);
// Sealed files are known before the first batch asks for them.
await jobs.start();
const { pipeline, committed } = await recover(
  warehouse,
  () => new Pipeline({ feedOf, noticeFeedOf, streams: warehouse.catalog.streams.all() }),
);
heard = pipeline;
const committer = await Committer.open(warehouse, committed);
const reader = openReader(join(start.dataDir, 'journal'), committed.position);
intake = new Intake({ warehouse, reader, pipeline, committer }, { nowUs });
const running = intake.run();
port.serve({
  'archive.apply': (input) => {
    settings = input.settings;
    log.info('settings applied');
    return ok({});
  },
});

const snapshots = openSnapshots(archive, {
  nowUs,
  readUntilUs: () => context.position().readUntilUs,
  refusal: () => {
    const { state, note } = jobs.disk.state();
    return state === 'ok' || state === 'warn'
      ? null
      : `the disk is ${state}${note ? ` (${note})` : ''}: sealed hours only`;
  },
});
const rates = new StreamRates();
const looking = setInterval(() => rates.look(pipeline.streams(), performance.now()), RATES_MS);

const meter = openMeter({
  warehouse,
  intake,
  reader,
  markets: () => pipeline.markets(),
  disk: () => jobs.disk.state(),
  clockLeadsUs: () => pipeline.clockLeadsUs(),
  nowUs,
});
const metering = setInterval(() => port.publish('store.meter', meter()), METER_MS);

port.onDrain(async (reason) => {
  log.info({ reason }, 'draining');
  clearInterval(metering);
  await snapshots.close();
  clearInterval(looking);
  await jobs.stop();
  intake?.stop();
  await running;
  port.publish('store.meter', meter());
  committer.close();
  await reader.close();
  await warehouse.close();
  log.info('left');
});
port.serve(storeHandlers(context, jobs, snapshots, rates));
port.ready();
if (start.options.mode !== 'offline')
  warehouse.catalog.ledger.add({
    atUs: nowUs(),
    kind: 'process',
    note: `store ready at frame ${committed.position?.frame ?? 0}`,
  });
log.info({ frame: committed.position?.frame ?? null, rebuilt: warehouse.rebuilt }, 'ready');

// What the intake cannot mend ends the process: the supervisor starts a new one, and starting is recovering.
await running;
