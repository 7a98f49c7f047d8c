// What the store itself read of the pages that a question brought where no gap's row says so: a page that cannot be read whole proves nothing.
import type { Warehouse, WarehouseEvents } from '../warehouse/warehouse.ts';

type HistoryRead = WarehouseEvents['history'];

export interface HistoryReads {
  /** From now on what is read under this name counts. */
  begin(name: string): void;
  /** What was read of it; null: the end of its pages has not been read, or they could not be asked for whole. */
  end(name: string): HistoryRead | null;
}

export function openHistoryReads(warehouse: Pick<Warehouse, 'on'>): HistoryReads {
  const reads = new Map<string, HistoryRead | null>();
  warehouse.on('history', (read) => {
    if (reads.has(read.name)) reads.set(read.name, read);
  });
  return {
    begin: (name) => {
      reads.set(name, null);
    },
    end: (name) => {
      const read = reads.get(name) ?? null;
      reads.delete(name);
      return read;
    },
  };
}
