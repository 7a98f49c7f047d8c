// A warehouse in memory for pipeline tests: commits outcomes as the real one does, and can be thrown back to its last commit.
import type { Feed } from '../../feeds/feed.ts';
import { getBig, getWide, TickColumns } from './columns.ts';
import { type Held, settleDoubt } from './doubt.ts';
import { answers, type OpenGap } from './gap-book.ts';
import { type Counts, noCounts, type Outcome } from './outcome.ts';
import { Pipeline } from './pipeline.ts';
import { stateText } from './stream-state.ts';

export interface StoredRow {
  readonly stream: number;
  readonly id: string;
  readonly eventUs: number;
  readonly frame: number;
  readonly origin: number;
  readonly flags: number;
  lines: number;
}

export class MemoryWarehouse {
  readonly rows = new Map<string, StoredRow>();
  readonly gaps = new Map<string, OpenGap>();
  readonly counts: Counts = noCounts();
  /** Keys that were stored twice: must stay empty. */
  readonly twice: string[] = [];
  /** Position: how many records are committed. */
  done = 0;
  readonly #feeds: readonly Feed[];
  readonly #keysAtMost: number | undefined;
  readonly #states = new Map<number, string>();
  readonly #streams: {
    no: number;
    venue: 'binance';
    market: 'spot' | 'perp' | 'stock';
    symbol: string;
    channel: string;
  }[] = [];
  readonly #spare = [new TickColumns(64), new TickColumns(64)];
  #carry = '';
  #open: { pipeline: Pipeline; horizonUs: number } | null = null;

  constructor(feeds: readonly Feed[], keysAtMost?: number) {
    this.#feeds = feeds;
    this.#keysAtMost = keysAtMost;
  }

  /** The pipeline as a start would make it from what is committed. keysFromUs: how far back unique keys are remembered. */
  start(keysFromUs = 0): Pipeline {
    const pipeline = new Pipeline({
      feedOf: (_, market) => this.#feeds.find((feed) => feed.market === market),
      noticeFeedOf: () => undefined,
      streams: [...this.#streams],
      ...(this.#keysAtMost === undefined ? {} : { keysAtMost: this.#keysAtMost }),
    });
    if (this.#carry) pipeline.restoreCarry(this.#carry);
    for (const [no, text] of this.#states) pipeline.restore(no, text);
    for (const row of this.rows.values()) {
      if (row.eventUs > keysFromUs) {
        const id = Number(row.id);
        pipeline.remember(row.stream, Number.isSafeInteger(id) ? id : row.id, row.eventUs);
      }
    }
    pipeline.setHorizon(keysFromUs);
    const ahead = [...this.gaps.values()].filter(({ frame }) => frame > this.done);
    pipeline.toldAhead(
      ahead.map(({ id }) => id),
      (id) => this.gaps.has(id),
    );
    this.#open = { pipeline, horizonUs: keysFromUs };
    pipeline.begin(this.#spare.pop() ?? new TickColumns(64));
    return pipeline;
  }

  /** Ends the batch of the pipeline that start() gave, and commits it: `done` records are then committed. */
  commit(done: number, all = false): Outcome {
    const pipeline = this.#open?.pipeline;
    if (!pipeline) throw new Error('not started');
    const outcome = pipeline.end({ all, full: false });
    const held = new Map<number, Held>();
    for (const [index, row] of outcome.doubtful.entries()) {
      const found = this.rows.get(`${row.state.no} ${row.id >= 0 ? row.id : row.idText}`);
      if (found) held.set(index, found);
    }
    settleDoubt(outcome, held, (state) => pipeline.renumbered(state));
    const { columns } = outcome;
    for (let row = 0; row < columns.rows; row += 1) {
      const id = columns.idTexts.textOf(row) ?? String(getBig(columns.id, row));
      const stream = columns.stream[row] as number;
      const key = `${stream} ${id}`;
      if (this.rows.has(key)) this.twice.push(key);
      this.rows.set(key, {
        stream,
        id,
        eventUs: getWide(columns.eventUs, row),
        frame: getWide(columns.frame, row),
        origin: columns.origin[row] as number,
        flags: columns.flags[row] as number,
        lines: columns.lines[row] as number,
      });
    }
    for (const sighting of outcome.sightings) {
      const row = this.rows.get(`${sighting.stream} ${sighting.id >= 0 ? sighting.id : sighting.idText}`);
      if (row) row.lines |= sighting.lines;
    }
    // As the catalog: a fact without a state leaves the state as it is.
    for (const gap of outcome.gaps) {
      const state = gap.state ?? this.gaps.get(gap.id)?.state ?? null;
      this.gaps.set(gap.id, { ...gap, state });
    }
    for (const end of outcome.settled) {
      const gap = this.gaps.get(end.id);
      if (gap && (end.asked === null || answers(end.asked, gap))) gap.state = end.state;
    }
    for (const stream of outcome.newStreams) {
      if (!this.#streams.some((one) => one.no === stream.no)) this.#streams.push({ ...stream, venue: 'binance' });
    }
    for (const entry of outcome.states) {
      const text = entry.state ? stateText(entry.text, entry.stored, entry.duplicates) : entry.text;
      this.#states.set(entry.no, text);
    }
    for (const name of Object.keys(this.counts) as (keyof Counts)[]) this.counts[name] += outcome.counts[name];
    this.#carry = outcome.carry;
    this.done = done;
    pipeline.begin(outcome.columns);
    return outcome;
  }
}
