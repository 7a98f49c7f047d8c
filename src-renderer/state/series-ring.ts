// The last minutes of several measurements on one clock, in fixed memory: the oldest sample makes room for the newest.

export interface SeriesRing {
  /** NaN in `values` is a hole. Times must ascend; a sample that does not is left out, and answered with false. */
  push(time: number, values: ArrayLike<number>): boolean;
  readonly length: number;
  readonly capacity: number;
  /** Ordered copies for drawing: times first, then one array per column, holes as null. The arrays are reused by the next call. */
  read(): { readonly times: number[]; readonly columns: (number | null)[][] };
  /** Newest value of a column; null when empty or a hole. */
  last(column: number): number | null;
}

export function createSeriesRing(columnCount: number, capacity: number): SeriesRing {
  const times = new Float64Array(capacity);
  const columns = Array.from({ length: columnCount }, () => new Float64Array(capacity));
  const outTimes: number[] = [];
  const outColumns: (number | null)[][] = columns.map(() => []);
  let start = 0;
  let length = 0;

  return {
    capacity,
    get length() {
      return length;
    },
    push: (time, values) => {
      const newest = length > 0 ? times[(start + length - 1) % capacity] : Number.NEGATIVE_INFINITY;
      if (!(time > (newest ?? Number.NEGATIVE_INFINITY))) return false;
      const at = (start + length) % capacity;
      times[at] = time;
      for (const [index, column] of columns.entries()) column[at] = values[index] ?? Number.NaN;
      if (length === capacity) start = (start + 1) % capacity;
      else length += 1;
      return true;
    },
    read: () => {
      outTimes.length = length;
      for (let i = 0; i < length; i += 1) outTimes[i] = times[(start + i) % capacity] ?? 0;
      for (const [index, column] of columns.entries()) {
        const out = outColumns[index];
        if (!out) continue;
        out.length = length;
        for (let i = 0; i < length; i += 1) {
          const value = column[(start + i) % capacity] ?? Number.NaN;
          out[i] = Number.isNaN(value) ? null : value;
        }
      }
      return { times: outTimes, columns: outColumns };
    },
    last: (column) => {
      if (length === 0) return null;
      const value = columns[column]?.[(start + length - 1) % capacity] ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    },
  };
}
