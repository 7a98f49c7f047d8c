// A query that one panel prepares and the Analysis panel opens: the place in the address says where, this says what.
import { create } from 'zustand';
import { goTo } from './place.ts';

export interface PreparedQuery {
  readonly title: string;
  readonly sql: string;
  /** Bounds of event time, µs UTC, so that only the files inside are read. */
  readonly fromUs: number;
  readonly toUs: number;
}

export const usePreparedQuery = create<{ readonly query: PreparedQuery | null }>(() => ({ query: null }));

/** Goes to Analysis, where the query stands in a tab of its own. */
export function openInAnalysis(query: PreparedQuery): void {
  usePreparedQuery.setState({ query });
  goTo('analysis');
}

/** The query that waits to be opened, once. */
export function takePreparedQuery(): PreparedQuery | null {
  const { query } = usePreparedQuery.getState();
  if (query) usePreparedQuery.setState({ query: null });
  return query;
}
