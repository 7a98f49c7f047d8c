// A stand-in child for tests of the hosts: speaks the child's protocol, and dies, stalls or stays silent as its settings say.
import { fail, ok } from '../../src-shared/base/result.ts';
import { openParentPort } from '../base/parent-port.ts';

const name = process.argv[2] ?? 'collector';
const port = openParentPort(name);
const { settings } = await port.started;
const wish = (settings as { notices?: { upbit?: { everySeconds?: number } } }).notices?.upbit?.everySeconds ?? 2;

// everySeconds stands for the wanted behaviour: 3 dies before it is ready, 4 never leaves when asked.
if (wish === 3) throw new Error('this child was told to die');
if (wish === 4) port.onDrain(() => new Promise(() => undefined));
port.serve({
  // The store takes settings as it runs; the collector does not answer and must be started anew.
  ...(name === 'store' ? { 'archive.apply': () => ok({}) } : {}),
  'gaps.list': () => ok({ gaps: [] }),
  'analysis.schema': () => ok({ tables: [], functions: [{ name: String(process.pid), about: '' }] }),
  'gaps.repair': ({ ids }) => ok({ jobId: 'repair', queued: ids?.length ?? 0 }),
  'listings.extract-wait': (_input, { signal }) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(fail('request.cancelled', 'heard')))),
  'recording.halt': async ({ reason }) => {
    const repaired = await port.ask('gaps.repair', { ids: [reason] });
    return repaired.ok ? ok({}) : repaired;
  },
  'recording.resume': () => {
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    return new Promise(() => undefined);
  },
});

const atUs = Date.now() * 1000;
const totals = {
  frames: 7,
  control: 2,
  data: 5,
  other: 0,
  rejected: 0,
  ticks: 9,
  stored: 8,
  duplicates: 1,
  rejectedRows: 0,
};
const gaps = { open: 0, repairing: 0, repaired: 0, partial: 0, unrecoverable: 0, venueHole: 0 };
if (name === 'store') {
  port.publish('store.meter', {
    atUs,
    frame: 7,
    lagFrames: 0,
    lagMs: 0,
    queryableDelayMs: { p50: 1, p99: 2 },
    storingDelayMs: { p50: 1, p99: 2 },
    totals,
    tradesPerSecond: 0,
    ticksPerSecond: 0,
    venues: [],
    gaps,
    disk: { freeBytes: 1e12, usedBytes: 1, fullInHours: null, state: 'ok', note: null },
    quarantined: 0,
    rssBytes: 1,
    notes: [],
  });
} else if (name === 'collector') {
  port.publish('recording.meter', {
    atUs,
    recording: true,
    halt: null,
    headFrame: 9,
    durableFrame: 8,
    journalBytes: 100,
    bufferedBytes: 0,
    bufferLimitBytes: 1,
    lostFrames: 0,
    durableDelayMs: { p50: 1, p99: 2, max: 3 },
    loopDelayMs: { p99: 1, max: 1 },
    framesPerSecond: 0,
    bytesPerSecond: 0,
    rssBytes: 1,
    lines: [],
    refusals: [],
  });
}
port.ready();
