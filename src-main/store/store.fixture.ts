// A store without a host, for tests: a journal of true Binance frames, and the intake over it until all is committed.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { silentLog } from '../base/log.ts';
import { feedOf, noticeFeedOf } from '../feeds/index.ts';
import { openReader } from '../journal/reader.ts';
import { openJournal } from '../journal/writer.ts';
import { Intake, type IntakeOptions } from './intake.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { recover } from './recovery.ts';
import { type Committed, Committer } from './warehouse/commit.ts';
import { openWarehouse, type Warehouse } from './warehouse/warehouse.ts';

export const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT', 'PODUSDT', 'SOLUSDT'] as const;

export interface JournalShape {
  readonly trades: number;
  readonly firstUs: number;
  /** Bytes of a segment: small ones make many. */
  readonly segmentBytes?: number;
  /** Time between two trades. */
  readonly stepUs?: number;
}

export function tradeFrame(
  symbol: string,
  id: number,
  us: number,
  price = '61837.63000000',
  qty = '0.02000000',
): Buffer {
  const ms = Math.floor(us / 1000);
  return Buffer.from(
    `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${ms},"s":"${symbol}","t":${id},"p":"${price}","q":"${qty}","T":${ms},"m":true,"M":true}}`,
  );
}

/** Trades of five symbols, ids +1 each from 1000, acknowledged on one line; more may be added by a second call. */
export async function writeJournal(dataDir: string, shape: JournalShape, from = 0): Promise<void> {
  const opened = await openJournal(join(dataDir, 'journal'), {
    ...(shape.segmentBytes === undefined ? {} : { segmentBytes: shape.segmentBytes }),
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  const journal = opened.value;
  const line = journal.line({ venue: 'binance', market: 'spot', line: 0, role: 'live', slot: 0 });
  const { firstUs, stepUs = 1000 } = shape;
  journal.control(line, { type: 'open', connection: 1, url: 'ws://venue' }, firstUs);
  journal.control(line, { type: 'wanted', symbols: [...SYMBOLS] }, firstUs);
  journal.control(line, { type: 'acknowledged', connection: 1, symbols: [...SYMBOLS] }, firstUs);
  for (let n = from; n < from + shape.trades; n += 1) {
    const us = firstUs + n * stepUs;
    const symbol = SYMBOLS[n % SYMBOLS.length] as string;
    const frame = tradeFrame(symbol, 1000 + Math.floor(n / SYMBOLS.length), us);
    journal.append(line, RecordKind.data, Origin.live, us, us, frame);
    if (n % 500 === 0) await journal.flush();
  }
  await journal.close();
}

export interface OpenStore {
  readonly warehouse: Warehouse;
  readonly intake: Intake;
  readonly committer: Committer;
  readonly recovered: Committed;
  /** Resolves when all that is durable is committed. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export async function openStore(dataDir: string, options: Omit<IntakeOptions, 'nowUs'> = {}): Promise<OpenStore> {
  const nowUs = (): number => Date.now() * 1000;
  const warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs });
  const { pipeline, committed: recovered } = await recover(
    warehouse,
    () => new Pipeline({ feedOf, noticeFeedOf, streams: warehouse.catalog.streams.all() }),
  );
  const committer = await Committer.open(warehouse, recovered);
  const reader = openReader(join(dataDir, 'journal'), recovered.position);
  const intake = new Intake({ warehouse, reader, pipeline, committer }, { ...options, nowUs });
  const running = intake.run();
  return {
    warehouse,
    intake,
    committer,
    recovered,
    caughtUp: async () => {
      for (;;) {
        const durable = reader.durable()?.frame ?? 0;
        if ((committer.last.position?.frame ?? 0) >= durable) return;
        await Promise.race([running, sleep(2)]);
      }
    },
    close: async () => {
      intake.stop();
      await running;
      committer.close();
      await reader.close();
      await warehouse.close();
    },
  };
}
