// The open query tabs, for the life of the page: what stands in them is kept, whatever panel is shown and whatever dies.

import { z } from 'zod';
import { create } from 'zustand';
import type { Failure, Result } from '../../../src-shared/base/result.ts';
import type { LinkClient } from '../../link/client.ts';
import { createDraftKeeper, type DraftKeeper, type DraftShelf, type KeeperState } from './draft-keeper.ts';
import { laterUs, mergeDrafts, newDraft, type QueryDraft } from './drafts.ts';

/** A run of a tab. line, column: where the text that was run begins in the tab's text, from 1. */
const startedSchema = z.object({ runId: z.string(), line: z.number().int(), column: z.number().int() });
export type StartedRun = z.infer<typeof startedSchema>;

const resultsSchema = z.object({ runs: z.array(startedSchema), shown: z.string().nullable() });
export type TabResults = z.infer<typeof resultsSchema>;
const placesSchema = z.object({ active: z.string().nullable(), results: z.record(z.string(), resultsSchema) });

/** More results of one tab are let go. */
const MOST_RESULTS = 5;
const DRAFTS_KEY = 'tapedeck.drafts';
const PLACES_KEY = 'tapedeck.analysis';

interface QueryTabs {
  readonly phase: 'new' | 'loading' | 'ready' | 'failed';
  readonly failure: Failure | null;
  readonly tabs: readonly QueryDraft[];
  readonly active: string | null;
  readonly results: Readonly<Record<string, TabResults>>;
  readonly keeping: KeeperState;
  /** Writes that this browser refused. */
  readonly refusals: number;
}

export const useQueryTabs = create<QueryTabs>(() => ({
  phase: 'new',
  failure: null,
  tabs: [],
  active: null,
  results: {},
  keeping: { waiting: 0, trouble: null },
  refusals: 0,
}));

const nowUs = (): number => Date.now() * 1000;

function readKey(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // A browser that keeps nothing: the host's copy is the only one.
    useQueryTabs.setState((state) => ({ refusals: state.refusals + 1 }));
    return null;
  }
}

function writeKey(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    useQueryTabs.setState((state) => ({ refusals: state.refusals + 1 }));
  }
}

const shelf: DraftShelf = { read: () => readKey(DRAFTS_KEY), write: (text) => writeKey(DRAFTS_KEY, text) };

let keeper: DraftKeeper | null = null;

/** Reads the kept tabs, once; again after a failure, when somebody asks for it. */
export async function loadTabs(link: LinkClient): Promise<void> {
  const { phase } = useQueryTabs.getState();
  if (phase !== 'new' && phase !== 'failed') return;
  useQueryTabs.setState({ phase: 'loading', failure: null });
  keeper ??= createDraftKeeper({
    shelf,
    keep: (draft) => link.request('analyses.keep-draft', draft),
    drop: (id) => link.request('analyses.drop-draft', { id }),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onState: (keeping) => useQueryTabs.setState({ keeping }),
  });
  const unkept = keeper.unkept();
  const found = await link.request('analyses.drafts', {});
  if (!found.ok) {
    useQueryTabs.setState({ phase: 'failed', failure: found.failure });
    return;
  }
  const drafts = mergeDrafts(found.value.drafts, unkept.drafts, unkept.dropped);
  for (const draft of drafts) told.add(draft.id);
  const tabs = drafts.length > 0 ? drafts : [newDraft([], {}, nowUs())];
  const places = readPlaces();
  const active = tabs.find((tab) => tab.id === places.active) ?? tabs.at(-1);
  useQueryTabs.setState({ phase: 'ready', failure: null, tabs, active: active?.id ?? null, results: places.results });
}

function readPlaces(): z.infer<typeof placesSchema> {
  const empty = { active: null, results: {} };
  const text = readKey(PLACES_KEY);
  if (text === null) return empty;
  try {
    const parsed = placesSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : empty;
  } catch {
    // A torn note only loses which tab was in front.
    return empty;
  }
}

function notePlaces(): void {
  const { active, results, tabs } = useQueryTabs.getState();
  const open = new Set(tabs.map((tab) => tab.id));
  const held = Object.fromEntries(Object.entries(results).filter(([id]) => open.has(id)));
  writeKey(PLACES_KEY, JSON.stringify({ active, results: held }));
}

export function activateTab(id: string): void {
  useQueryTabs.setState({ active: id });
  notePlaces();
}

/** Opens a tab with this in it and shows it; it takes the place of a tab that is shown and empty. */
export function openTab(change: Partial<Pick<QueryDraft, 'title' | 'sql' | 'parameters' | 'analysisId'>>): QueryDraft {
  const { tabs, active } = useQueryTabs.getState();
  const draft = newDraft(tabs, change, nowUs());
  const empty = tabs.find((tab) => tab.id === active && tab.sql.trim() === '' && draft.sql !== '');
  useQueryTabs.setState({ tabs: [...tabs.filter((tab) => tab !== empty), draft], active: draft.id });
  if (draft.sql !== '') keep(draft);
  if (empty) drop(empty.id);
  notePlaces();
  return draft;
}

/** Drafts that the host knows or is being told of. */
const told = new Set<string>();

function keep(draft: QueryDraft): void {
  told.add(draft.id);
  keeper?.changed(draft);
}

/** What the host never knew need not be dropped there. */
function drop(id: string): void {
  if (told.delete(id)) keeper?.dropped(id);
}

export function changeTab(
  id: string,
  change: Partial<Pick<QueryDraft, 'title' | 'sql' | 'parameters' | 'analysisId'>>,
): void {
  useQueryTabs.setState((state) => ({
    tabs: state.tabs.map((tab) => {
      if (tab.id !== id) return tab;
      const next = { ...tab, ...change, updatedUs: laterUs(tab, nowUs()) };
      keep(next);
      return next;
    }),
  }));
}

/** Closes a tab; the host keeps its text for `reopenTab`. Returns the runs whose rows nobody looks at any more. */
export function closeTab(id: string): readonly StartedRun[] {
  const { tabs, active, results } = useQueryTabs.getState();
  const at = tabs.findIndex((tab) => tab.id === id);
  if (at < 0) return [];
  const left = tabs.filter((tab) => tab.id !== id);
  if (left.length === 0) left.push(newDraft([], {}, nowUs()));
  const next = active === id ? (left[Math.min(at, left.length - 1)]?.id ?? null) : active;
  useQueryTabs.setState({ tabs: left, active: next });
  drop(id);
  notePlaces();
  return results[id]?.runs ?? [];
}

/** Brings the tab back that was closed last. False: there is none. */
export async function reopenTab(link: LinkClient): Promise<Result<boolean>> {
  const found = await link.request('analyses.restore-draft', {});
  if (!found.ok) return found;
  const { draft } = found.value;
  if (!draft) return { ok: true, value: false };
  told.add(draft.id);
  useQueryTabs.setState((state) => ({
    tabs: [...state.tabs.filter((tab) => tab.id !== draft.id), draft].sort((a, b) => a.position - b.position),
    active: draft.id,
  }));
  notePlaces();
  return { ok: true, value: true };
}

/** A run began in a tab; returns those whose rows make room for it. */
export function noteRun(tabId: string, run: StartedRun): readonly StartedRun[] {
  const { results } = useQueryTabs.getState();
  const runs = [...(results[tabId]?.runs ?? []), run];
  const gone = runs.slice(0, Math.max(0, runs.length - MOST_RESULTS));
  useQueryTabs.setState({
    results: { ...results, [tabId]: { runs: runs.slice(-MOST_RESULTS), shown: run.runId } },
  });
  notePlaces();
  return gone;
}

export function showRun(tabId: string, runId: string): void {
  const { results } = useQueryTabs.getState();
  const held = results[tabId];
  if (!held) return;
  useQueryTabs.setState({ results: { ...results, [tabId]: { ...held, shown: runId } } });
  notePlaces();
}
