// A batch becomes facts, rows, state and position. Promises: facts first (writing them again changes nothing), then one DuckDB
// transaction with all the rest, so that a crash anywhere repeats the batch or has it.
import { zstdCompressSync } from 'node:zlib';
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Totals } from '../../../src-shared/contract/archive.ts';
import type { Column, ColumnAppender, ColumnType, DuckConnection } from '../../base/duck.ts';
import type { Feed } from '../../feeds/feed.ts';
import { feedOf } from '../../feeds/index.ts';
import { putWide, type TickColumns } from '../pipeline/columns.ts';
import { settleDoubt } from '../pipeline/doubt.ts';
import type { OpenGap } from '../pipeline/gap-book.ts';
import type { Outcome, StateEntry } from '../pipeline/outcome.ts';
import { reachUs } from '../pipeline/pace.ts';
import { type StreamState, stateText } from '../pipeline/stream-state.ts';
import type { GapFact } from './catalog.ts';
import { lookUp } from './lookup.ts';
import type { Warehouse } from './warehouse.ts';

export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
  readonly frame: number;
}

export const positionSchema = z.object({ segment: z.number(), offset: z.number(), frame: z.number() });

export interface Committed {
  readonly commitNo: number;
  readonly position: JournalPosition | null;
  readonly totals: Totals;
  /** Receive time of the last record. */
  readonly recvUs: Us;
}

export const noTotals: Totals = {
  frames: 0,
  control: 0,
  data: 0,
  other: 0,
  rejected: 0,
  ticks: 0,
  stored: 0,
  duplicates: 0,
  rejectedRows: 0,
};

const TICK: readonly ColumnType[] = [
  'INTEGER',
  'BIGINT',
  'VARCHAR',
  'BIGINT',
  'UTINYINT',
  'VARCHAR',
  'BIGINT',
  'UTINYINT',
  'VARCHAR',
  'UTINYINT',
  'BIGINT',
  'BIGINT',
  'UTINYINT',
  'UINTEGER',
  'BIGINT',
  'UINTEGER',
];

export interface CommitOptions {
  readonly position: JournalPosition;
  /** The outcome holds the state of every stream: older states and commits are dropped. */
  readonly full: boolean;
  /** The position is the start of this segment: the state is kept for a rebuild. */
  readonly segmentStart: boolean;
  /** Told of contiguous streams whose venue began to count anew. */
  renumbered(state: StreamState): void;
}

export class Committer {
  readonly #warehouse: Warehouse;
  readonly #ticks: ColumnAppender;
  readonly #sightings: ColumnAppender;
  readonly #states: ColumnAppender;
  #last: Committed;
  /** Sealed files that could not be asked, as told. */
  readonly #unreadable = new Set<string>();
  /** The catalog speaks of this frame already; -1: of none beyond what is committed. */
  #toldFrame = -1;

  private constructor(
    warehouse: Warehouse,
    appenders: { ticks: ColumnAppender; sightings: ColumnAppender; states: ColumnAppender },
    last: Committed,
  ) {
    this.#warehouse = warehouse;
    this.#ticks = appenders.ticks;
    this.#sightings = appenders.sightings;
    this.#states = appenders.states;
    this.#last = last;
    const told = warehouse.catalog.gaps.newestFrame();
    if (told <= (last.position?.frame ?? -1)) return;
    this.#toldFrame = told;
    warehouse.halfway.begin();
  }

  static async open(warehouse: Warehouse, last: Committed): Promise<Committer> {
    const { writer } = warehouse;
    const ticks = await writer.appender('tick', TICK);
    const sightings = await writer.appender('sighting', ['INTEGER', 'BIGINT', 'VARCHAR', 'UINTEGER']);
    const states = await writer.appender('stream_state', ['BIGINT', 'INTEGER', 'VARCHAR']);
    return new Committer(warehouse, { ticks, sightings, states }, last);
  }

  get last(): Committed {
    return this.#last;
  }

  /** Throws when the disk or DuckDB refuses; then nothing of the batch is there and the same call may be tried again. */
  async commit(outcome: Outcome, options: CommitOptions): Promise<Committed> {
    return await this.#warehouse.lock.run(async () => {
      const { catalog, writer, halfway } = this.#warehouse;
      await this.#decide(outcome, options);
      const commitNo = this.#last.commitNo + 1;
      const totals = addCounts(this.#last.totals, outcome);
      const log = `${JSON.stringify(totals).slice(0, -1)},"carry":${outcome.carry}}`;
      const states = outcome.states.map((entry) => [entry.no, textOf(entry)] as const);
      // After a refusal the facts stay ahead until the same batch is there.
      halfway.begin();
      catalog.transaction(() => {
        this.#writeFacts(outcome, options);
        if (options.segmentStart) {
          catalog.segments.put({
            segment: options.position.segment,
            position: JSON.stringify(options.position),
            commitNo,
            totals: log,
            states: zstdCompressSync(JSON.stringify(states)),
            atUs: outcome.lastRecvUs,
          });
        }
      });
      await writer.run('BEGIN');
      try {
        this.#ticks.append(tickColumns(outcome.columns), outcome.columns.rows);
        if (outcome.sightings.length > 0) this.#appendSightings(outcome);
        if (states.length > 0) this.#appendStates(commitNo, states);
        if (options.full) {
          await writer.run('DELETE FROM stream_state WHERE commit_no < ?', [commitNo]);
          await writer.run('DELETE FROM commit_log WHERE commit_no < ?', [commitNo]);
        }
        const { segment, offset, frame } = options.position;
        await writer.run('INSERT INTO commit_log VALUES (?, ?, ?, ?, ?, ?)', [
          commitNo,
          segment,
          offset,
          frame,
          log,
          outcome.lastRecvUs,
        ]);
        await writer.run('COMMIT');
      } catch (error) {
        await rollBack(writer);
        for (const appender of [this.#ticks, this.#sightings, this.#states]) appender.clear();
        throw error;
      }
      if (options.position.frame >= this.#toldFrame) {
        this.#toldFrame = -1;
        halfway.end();
      }
      // Before the position says that they are read.
      for (const { read } of outcome.settled) this.#warehouse.emit('history', read);
      this.#last = { commitNo, position: options.position, totals, recvUs: outcome.lastRecvUs };
      return this.#last;
    });
  }

  /** The journal holds nothing beyond what is committed: what the catalog says beyond it, as after a journal was lost, is not waited for. */
  allRead(): void {
    if (this.#toldFrame < 0) return;
    this.#toldFrame = -1;
    this.#warehouse.halfway.end();
  }

  /** Below this frame nothing is only in the hot tables: a rebuild may begin there. */
  async markHotStart(): Promise<void> {
    const { catalog, writer, lock } = this.#warehouse;
    await lock.run(async () => {
      const [row] = await writer.rows('SELECT min(frame) AS frame FROM tick');
      const frame = row?.frame === null || row?.frame === undefined ? this.#last.position?.frame : Number(row.frame);
      if (frame === undefined) return;
      catalog.facts.set('hot-from-frame', String(frame));
      catalog.segments.prune(frame);
    });
  }

  close(): void {
    for (const appender of [this.#ticks, this.#sightings, this.#states]) appender.close();
  }

  /** Rows that only the warehouse can tell from repeats. */
  async #decide(outcome: Outcome, options: CommitOptions): Promise<void> {
    const { doubtful } = outcome;
    if (doubtful.length === 0 || outcome.decided) return;
    const { catalog, writer, dataDir } = this.#warehouse;
    const held = await lookUp(writer, catalog, dataDir, doubtful, (path, reason) => {
      if (this.#unreadable.has(path)) return;
      this.#unreadable.add(path);
      const note = `a sealed file cannot be asked for what it holds (${reason}): late trades of its hour are stored as if it held none of them`;
      this.#warehouse.note('sealed-unread', `${path}: ${note}`, `sealed-unread ${path}`);
    });
    for (const { key, note } of settleDoubt(outcome, held, options.renumbered)) {
      this.#warehouse.note('id-reused', note, key);
    }
  }

  #writeFacts(outcome: Outcome, options: CommitOptions): void {
    const { catalog } = this.#warehouse;
    if (outcome.newStreams.length > 0) catalog.streams.put(outcome.newStreams, outcome.lastRecvUs);
    if (outcome.coverage.length > 0) {
      catalog.coverage.apply(
        outcome.coverage.map(({ name, line, interval, fromUs, toUs }) => ({
          key: name,
          line,
          connection: interval,
          fromUs,
          toUs,
        })),
      );
    }
    if (outcome.gaps.length > 0) catalog.gaps.apply(outcome.gaps.map((gap) => factOf(gap, outcome)));
    for (const [stream, perSecond] of outcome.paces) {
      const { venue, market } = outcome.nameOf(stream);
      const reach = reachUs(feedOf(venue, market)?.history, perSecond);
      if (reach !== null) catalog.gaps.redate(stream, reach);
    }
    if (outcome.settled.length > 0) catalog.gaps.end(outcome.settled);
    if (outcome.quarantined.length > 0) {
      catalog.quarantine.put(outcome.quarantined.map((item) => ({ ...item, segment: options.position.segment })));
    }
  }

  #appendSightings(outcome: Outcome): void {
    const { sightings } = outcome;
    const count = sightings.length;
    const stream = new Int32Array(count);
    const id = new Int32Array(count * 2);
    const lines = new Uint32Array(count);
    const validity = new Uint32Array(Math.ceil(count / 64) * 2 + 64).fill(0xffff_ffff);
    const texts = { rows: [] as number[], texts: [] as string[] };
    for (const [row, sighting] of sightings.entries()) {
      stream[row] = sighting.stream;
      lines[row] = sighting.lines;
      if (sighting.id >= 0) putWide(id, row, sighting.id);
      else if (WHOLE.test(sighting.idText)) new BigInt64Array(id.buffer)[row] = BigInt(sighting.idText);
      else {
        texts.rows.push(row);
        texts.texts.push(sighting.idText);
        validity[row >>> 5] = (validity[row >>> 5] as number) & ~(1 << (row & 31));
      }
    }
    this.#sightings.append(
      [
        { values: stream, validity: null },
        { values: id, validity: texts.rows.length > 0 ? validity : null },
        texts,
        { values: lines, validity: null },
      ],
      count,
    );
  }

  #appendStates(commitNo: number, states: readonly (readonly [number, string])[]): void {
    const numbers = new Int32Array(states.length * 2);
    for (let row = 0; row < states.length; row += 1) putWide(numbers, row, commitNo);
    this.#states.append(
      [
        { values: numbers, validity: null },
        { values: Int32Array.from(states, ([no]) => no), validity: null },
        { rows: states.map((_, row) => row), texts: states.map(([, text]) => text) },
      ],
      states.length,
    );
  }
}

const WHOLE = /^(?:0|[1-9]\d{0,17})$/;

async function rollBack(writer: DuckConnection): Promise<void> {
  try {
    await writer.run('ROLLBACK');
  } catch (error) {
    // The transaction had already ended by itself: that is what was wanted. Anything else shows at the next BEGIN.
    if (!(error instanceof Error && error.message.includes('no transaction'))) throw error;
  }
}

function textOf(entry: StateEntry): string {
  return entry.state === null ? entry.text : stateText(entry.text, entry.stored, entry.duplicates);
}

function addCounts(totals: Totals, { counts }: Outcome): Totals {
  const sum = { ...totals };
  for (const name of Object.keys(noTotals) as (keyof Totals)[]) sum[name] += counts[name];
  return sum;
}

function factOf(gap: OpenGap, outcome: Outcome): GapFact {
  const key = outcome.nameOf(gap.stream);
  const feed: Feed | undefined = feedOf(key.venue, key.market);
  const reach = reachUs(feed?.history, outcome.paces.get(gap.stream));
  return {
    id: gap.id,
    stream: gap.stream,
    key,
    state: gap.state,
    cause: gap.cause,
    fromUs: gap.fromUs,
    toUs: gap.toUs,
    fromId: gap.fromId >= 0 ? String(gap.fromId) : null,
    toId: gap.toId >= 0 ? String(gap.toId) : null,
    deadlineUs: reach === null ? null : gap.fromUs + reach,
    evidence: gap.evidence,
    openedUs: gap.openedUs,
    closedUs: gap.closedUs,
    frame: gap.frame,
  };
}

function tickColumns(columns: TickColumns): Column[] {
  const plain = (values: Int32Array | Uint8Array | Uint32Array): Column => ({ values, validity: null });
  return [
    plain(columns.stream),
    { values: columns.id, validity: columns.idTexts.count > 0 ? columns.idValidity : null },
    columns.idTexts,
    plain(columns.price),
    plain(columns.priceScale),
    columns.priceTexts,
    plain(columns.qty),
    plain(columns.qtyScale),
    columns.qtyTexts,
    plain(columns.side),
    plain(columns.eventUs),
    plain(columns.recvUs),
    plain(columns.origin),
    plain(columns.lines),
    plain(columns.frame),
    plain(columns.flags),
  ];
}
