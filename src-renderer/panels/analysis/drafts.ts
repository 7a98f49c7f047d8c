// Query tabs as data: what is kept of them, where, and which copy counts when two are found.
import type { Draft } from '../../../src-shared/contract/analysis.ts';

export type QueryDraft = Required<Draft>;

/** Fields of the form that are not parameters of the SQL begin with this. */
const OWN = '@';
export const RANGE_FIELD = `${OWN}range`;

/** A new tab at the end. */
export function newDraft(drafts: readonly QueryDraft[], change: Partial<QueryDraft>, nowUs: number): QueryDraft {
  return {
    id: crypto.randomUUID(),
    title: '',
    sql: '',
    parameters: {},
    analysisId: null,
    position: drafts.reduce((most, draft) => Math.max(most, draft.position), -1) + 1,
    updatedUs: nowUs,
    ...change,
  };
}

/** A time that is later than the copy's own, whatever the clock does: the host keeps the newer one. */
export function laterUs(draft: QueryDraft, nowUs: number): number {
  return Math.max(nowUs, draft.updatedUs + 1);
}

/** The newer copy of each draft, by position. What this browser alone knows was not kept by the host yet, unless it was dropped. */
export function mergeDrafts(
  host: readonly QueryDraft[],
  here: readonly QueryDraft[],
  dropped: ReadonlySet<string>,
): QueryDraft[] {
  const byId = new Map<string, QueryDraft>();
  for (const draft of [...host, ...here]) {
    const known = byId.get(draft.id);
    if (!dropped.has(draft.id) && (!known || draft.updatedUs > known.updatedUs)) byId.set(draft.id, draft);
  }
  return [...byId.values()].sort((a, b) => a.position - b.position || a.updatedUs - b.updatedUs);
}

/** The first words of a statement, for tabs and lists that have no better name. */
export function shortSql(sql: string, most = 60): string {
  const line = sql
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
