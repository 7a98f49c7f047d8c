// PROCESS 1: sockets in, journal out. Started by the host; recording before the store is ready, and whatever the store does.
// On a thread of its own the same file reads long symbol lists.
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { ok } from '../../src-shared/base/result.ts';
import type { RequestOutput } from '../../src-shared/contract/index.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import { recordedMarkets, venues } from '../../src-shared/market/instrument.ts';
import { type Log, openLog } from '../base/log.ts';
import { rememberBudgets } from '../base/net.ts';
import { openParentPort, type ParentPort } from '../base/parent-port.ts';
import { rssBytes } from '../base/resident.ts';
import { SpentLog } from '../base/spent-log.ts';
import { feedOf } from '../feeds/index.ts';
import { type JournalWriter, openJournal } from '../journal/writer.ts';
import { WallClock } from './clock.ts';
import { Recorder } from './recorder.ts';
import { readOnThread } from './symbol-list.ts';

const METER_MS = 250;
const OPEN_AGAIN_MS = 500;
const LOCKED_AGAIN_MS = 20;
const LOCK_WAIT_MS = 3000;

async function run(): Promise<void> {
  const port = openParentPort('collector');
  const start = await port.started;
  const log = openLog(start.dataDir, 'collector');
  const settings = settingsSchema.parse(start.settings);
  const clock = new WallClock();
  const leaving = { now: false };
  let recorder: Recorder | null = null;
  let spent: SpentLog | null = null;
  port.onDrain(async (reason) => {
    leaving.now = true;
    log.info({ reason }, `draining: ${reason}`);
    await recorder?.close(reason);
    await spent?.close();
  });
  const journal = await openPatiently(join(start.dataDir, 'journal'), clock, port, log, leaving);
  if (!journal) return;
  spent = await followPredecessor(join(start.dataDir, 'spent'), log);
  recorder = new Recorder({ dataDir: start.dataDir, settings, journal, clock, log, worker: new URL(import.meta.url) });
  serve(port, recorder);
  recorder.start();
  port.ready();
  const running = recorder;
  setInterval(() => port.publish('recording.meter', running.meter()), METER_MS).unref();
}

/** Without it a recorder that is killed and comes back within a second takes each budget of the venues twice, and asks one that has banned it. */
async function followPredecessor(dir: string, log: Log): Promise<SpentLog | null> {
  const trouble = (reason: string): void => log.warn({}, reason);
  const opened = await SpentLog.open(dir, trouble);
  if (opened.ok) rememberBudgets(opened.value);
  else trouble(opened.failure.message);
  return opened.ok ? opened.value : null;
}

/** The disk may be full or read-only just now: that is said four times a second, and tried until it works. */
async function openPatiently(
  dir: string,
  clock: WallClock,
  port: ParentPort,
  log: Log,
  leaving: { readonly now: boolean },
): Promise<JournalWriter | null> {
  let said = '';
  const began = performance.now();
  while (!leaving.now) {
    const opened = await openJournal(dir, { log, nowUs: () => clock.nowUs() });
    if (opened.ok) {
      if (!leaving.now) return opened.value;
      await opened.value.close();
      return null;
    }
    const { failure } = opened;
    if (failure.message !== said) log.error({ failure }, failure.message);
    said = failure.message;
    // One that was just killed may still be on its way out; any other recorder on this folder will not go away by waiting,
    // and the supervisor shows the reason.
    if (!failure.retry && performance.now() - began > LOCK_WAIT_MS) throw new Error(failure.message);
    port.publish('recording.meter', notOpen(failure.message));
    await new Promise((resolve) => setTimeout(resolve, failure.retry ? OPEN_AGAIN_MS : LOCKED_AGAIN_MS));
  }
  return null;
}

function notOpen(reason: string): CollectorMeter {
  return {
    atUs: Date.now() * 1000,
    recording: false,
    halt: reason,
    headFrame: 0,
    durableFrame: 0,
    journalBytes: 0,
    bufferedBytes: 0,
    bufferLimitBytes: 0,
    lostFrames: 0,
    durableDelayMs: { p50: 0, p99: 0, max: 0 },
    loopDelayMs: { p99: 0, max: 0 },
    framesPerSecond: 0,
    bytesPerSecond: 0,
    rssBytes: rssBytes(),
    lines: [],
    refusals: [],
  };
}

function serve(port: ParentPort, recorder: Recorder): void {
  port.serve({
    'recording.backfill': (input, { signal }) => recorder.backfill(input, signal),
    'recording.candles': (input, { signal }) => recorder.candles(input, signal),
    'recording.renew-line': ({ id }) => recorder.renewLine(id),
    'recording.stop-line': ({ id, evenIfLast }) => recorder.stopLine(id, evenIfLast),
    'recording.start-line': ({ id }) => recorder.startLine(id),
    'recording.power': ({ state }) => {
      recorder.power(state);
      return ok({});
    },
    'recording.halt': ({ reason, by }) => {
      recorder.halt(by ?? 'asked', reason);
      return ok({});
    },
    'recording.resume': ({ by }) => {
      recorder.resume(by ?? 'asked');
      return ok({});
    },
    'recording.apply': async ({ settings }) => ok({ changed: await recorder.apply(settings) }),
    'recording.limits': () => ok({ markets: feedLimits() }),
  });
}

function feedLimits(): RequestOutput<'recording.limits'>['markets'] {
  return venues.flatMap((venue) =>
    (recordedMarkets[venue] ?? []).flatMap((market) => {
      const limits = feedOf(venue, market)?.limits;
      if (!limits) return [];
      const { streamsPerConnection, connectionsPerAddress } = limits;
      return [{ venue, market, streamsPerConnection, connectionsPerAddress: connectionsPerAddress ?? null }];
    }),
  );
}

if (isMainThread) await run();
else readOnThread(feedOf);
