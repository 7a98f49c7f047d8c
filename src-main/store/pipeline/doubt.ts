// Settles the rows of a batch that only the warehouse can tell from repeats, once it has been asked.
import type { Us } from '../../../src-shared/base/time.ts';
import type { Outcome } from './outcome.ts';
import type { StreamState } from './stream-state.ts';

/** A row that the warehouse holds under a doubtful row's key. */
export interface Held {
  readonly eventUs: Us;
  readonly frame: number;
}

/** A venue's trade time may be rounded differently in its history; further apart than this, one id means two trades. */
const SAME_TRADE_US = 60_000_000;

/**
 * held: what is held, by index in outcome.doubtful. Takes what is held out of the columns and corrects every count.
 * renumbered: told of streams whose venue began to count anew. Gives what an operator should know, with a key each.
 */
export function settleDoubt(
  outcome: Outcome,
  held: ReadonlyMap<number, Held>,
  renumbered: (state: StreamState) => void,
): { key: string; note: string }[] {
  const { counts, columns, doubtful } = outcome;
  const notes: { key: string; note: string }[] = [];
  const gone: number[] = [];
  for (const [index, row] of doubtful.entries()) {
    const found = held.get(index);
    if (!found) {
      // Rows that were read before an earlier batch had told of it are of the same new numbering, which has gone on since.
      if (row.restart && row.numbering === row.state.numbering) renumbered(row.state);
      continue;
    }
    gone.push(row.row);
    // The very row, sealed before its hot copy was lost: it is stored already.
    if (found.frame === row.frame) continue;
    const entry = outcome.states.find((one) => one.state === row.state);
    counts.stored -= 1;
    row.state.stored -= 1;
    if (entry) entry.stored -= 1;
    if (Math.abs(found.eventUs - row.eventUs) > SAME_TRADE_US) {
      counts.ticks -= 1;
      counts.rejectedRows += 1;
      const { venue, market, symbol } = row.state.name;
      const id = row.id >= 0 ? String(row.id) : row.idText;
      notes.push({
        key: `id-reused-${row.state.no}-${id}`,
        note: `${venue} ${market} ${symbol}: a trade of ${row.eventUs} has the id ${id} of another trade of ${found.eventUs} and is not stored`,
      });
      continue;
    }
    counts.duplicates += 1;
    row.state.duplicates += 1;
    if (entry) entry.duplicates += 1;
    const lines = columns.lines[row.row] as number;
    if (lines !== 0) outcome.sightings.push({ stream: row.state.no, id: row.id, idText: row.idText, lines });
  }
  columns.remove(gone.toSorted((a, b) => a - b));
  outcome.decided = true;
  return notes;
}
