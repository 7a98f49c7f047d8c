// Test fixture: a sink that keeps every row as the texts a reader would see. Never shipped.
import { sideNames } from '../../src-shared/market/tick.ts';
import { idTextOf, newTickCells, priceTextOf, qtyTextOf } from './cells.ts';
import type { TickSink } from './feed.ts';

export interface CollectedRow {
  readonly symbol: string;
  readonly channel: string;
  readonly id: string;
  readonly price: string;
  readonly qty: string;
  readonly side: string;
  readonly eventUs: number;
  readonly firstIdNumber: number;
}

export interface CollectingSink extends TickSink {
  readonly rows: CollectedRow[];
  readonly rejected: { readonly index: number; readonly reason: string }[];
}

export function collectingSink(): CollectingSink {
  const cells = newTickCells();
  const rows: CollectedRow[] = [];
  const rejected: { index: number; reason: string }[] = [];
  return {
    cells,
    rows,
    rejected,
    accept() {
      rows.push({
        symbol: cells.symbol,
        channel: cells.channel,
        id: idTextOf(cells),
        price: priceTextOf(cells),
        qty: qtyTextOf(cells),
        side: sideNames[cells.side],
        eventUs: cells.eventUs,
        firstIdNumber: cells.firstIdNumber,
      });
    },
    reject(index, reason) {
      rejected.push({ index, reason });
    },
  };
}
