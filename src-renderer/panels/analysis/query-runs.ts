// Starting, following and ending runs: what a tab asks is the text and the values that its form shows.
import { useEffect } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { AnalysisParameter, Run } from '../../../src-shared/contract/analysis.ts';
import { failureWords } from '../../i18n/failures.ts';
import type { Zone } from '../../i18n/preferences.ts';
import type { Text } from '../../i18n/text.ts';
import type { LinkClient } from '../../link/client.ts';
import { useEvent, useRequest } from '../../link/hooks.tsx';
import type { EditorMark } from '../../parts/sql-editor-port.ts';
import { type QueryDraft, RANGE_FIELD, shortSql } from './drafts.ts';
import { boundsOf, formOf, type ParameterValue, type Trouble, valuesOf } from './parameters.ts';
import type { StartedRun } from './query-tabs.ts';

export interface Asked {
  readonly sql: string;
  readonly title: string;
  readonly parameters: Record<string, ParameterValue>;
  readonly fromUs?: number;
  readonly toUs?: number;
}

/** What a tab asks; the part that is marked in the editor where there is one. */
export function askedOf(
  tab: QueryDraft,
  sql: string,
  described: readonly AnalysisParameter[],
  zone: Zone,
): { readonly asked: Asked } | { readonly trouble: Trouble } {
  const nowUs = Date.now() * 1000;
  const read = valuesOf(formOf(sql, described), tab.parameters, zone, nowUs);
  if ('trouble' in read) return read;
  const title = (tab.title || shortSql(sql)).slice(0, 200);
  return { asked: { sql, title, parameters: read.values, ...boundsOf(tab.parameters[RANGE_FIELD], nowUs) } };
}

/** The run of this id, as it goes on; runs that ended long ago are asked for. */
export function useRun(runId: string | null): { readonly run: Run | null; readonly failure: Failure | null } {
  const told = useEvent('analysis.runs')?.runs.find((run) => run.runId === runId);
  const asked = useRequest(
    'analysis.run-wait',
    { runId: runId ?? '' },
    { enabled: runId !== null && told === undefined, staleMs: Number.POSITIVE_INFINITY },
  );
  if (told) return { run: told, failure: null };
  return { run: asked.data ?? null, failure: asked.error?.failure ?? null };
}

export const isGoing = (run: Pick<Run, 'state'> | null): boolean =>
  run !== null && (run.state === 'queued' || run.state === 'running');

/** Where the failure of a run lies in the tab's text. */
export function markOf(run: Run | null, started: StartedRun | null, text: Text): EditorMark | null {
  if (!run?.failure || !run.failureAt || !started) return null;
  const { line, column } = run.failureAt;
  return {
    line: line + started.line - 1,
    column: line === 1 ? column + started.column - 1 : column,
    message: failureWords(text, run.failure),
  };
}

/** Where a refusal that came at once says that it lies. */
export function placeOf(failure: Failure): { readonly line: number; readonly column: number } | null {
  const { detail } = failure;
  if (typeof detail !== 'object' || detail === null || !('line' in detail) || !('column' in detail)) return null;
  return typeof detail.line === 'number' && typeof detail.column === 'number'
    ? { line: detail.line, column: detail.column }
    : null;
}

/** Gives the memory of results back that nobody can look at any more; that they are gone already is no trouble. */
export function release(link: LinkClient, runs: readonly StartedRun[]): void {
  for (const { runId } of runs) void link.request('analysis.release', { runId });
}

/** Calls when a run has come to its end. */
export function useEnd(run: Run | null, ended: () => void): void {
  const going = isGoing(run);
  const runId = run?.runId ?? null;
  useEffect(() => {
    if (runId !== null && !going) ended();
  }, [runId, going, ended]);
}
