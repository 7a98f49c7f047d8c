// Analyses that people keep: ready-made ones of the product, saved ones as .sql files in the data folder, and drafts that no crash takes.
// Promises: a draft is on disk when its request is answered; a file is replaced whole or not at all; what does not read is set aside, never overwritten.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { formatFileTime } from '../../src-shared/base/time.ts';
import { type Analysis, type Draft, draftSchema } from '../../src-shared/contract/analysis.ts';
import type { RequestParsed } from '../../src-shared/contract/index.ts';
import { readAnalysis, writeAnalysis } from '../base/analysis-file.ts';
import { replaceFile } from '../base/files.ts';
import type { Handlers } from '../base/parent-port.ts';
import { topOf } from './entries.ts';

const DROPPED_KEPT = 50;
const DRAFTS_KEPT = 200;
const draftsFileSchema = z.object({ drafts: z.array(draftSchema), dropped: z.array(draftSchema) });
type DraftsFile = z.infer<typeof draftsFileSchema>;

export interface AnalysesOptions {
  readonly dataDir: string;
  readonly nowUs: () => number;
  /** Folder of the ready-made ones. */
  readonly ready?: string;
}

export function analysesRequests({ dataDir, nowUs, ready = readyFolder() }: AnalysesOptions): Handlers {
  const folder = join(dataDir, 'analyses');
  const drafts = openDrafts(join(folder, 'drafts.json'), nowUs);
  return {
    'analyses.list': () =>
      attempt('analyses.list', () => ok({ analyses: [...listed(ready, 'ready'), ...listed(folder, 'saved')] })),
    'analyses.save': (input) => attempt('analyses.save', () => save(folder, input, nowUs())),
    'analyses.remove': ({ id }) =>
      attempt('analyses.remove', () => {
        const path = join(folder, `${id}.sql`);
        if (!isName(id) || !existsSync(path)) return fail('analyses.unknown', `there is no saved analysis ${id}`);
        rmSync(path);
        return ok({});
      }),
    'analyses.drafts': () => attempt('analyses.drafts', () => ok({ drafts: drafts.list() })),
    'analyses.keep-draft': (draft) => attempt('analyses.keep-draft', () => drafts.keep(draft)),
    'analyses.drop-draft': ({ id }) => attempt('analyses.drop-draft', () => drafts.drop(id)),
    'analyses.restore-draft': () => attempt('analyses.restore-draft', () => drafts.restore()),
  };
}

/** A disk that refuses is expected trouble. */
async function attempt<T>(name: string, work: () => Result<T> | Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return fail('analyses.disk', `${name}: the folder of analyses could not be used: ${reasonOf(error)}`, {
      retry: true,
    });
  }
}

function readyFolder(): string {
  const named = process.env.TAPEDECK_RESOURCES;
  return join(named ?? join(topOf(import.meta.dirname), 'resources'), 'analyses');
}

/** Letters of any script, digits and a few signs; no separators, no hidden files. */
function isName(id: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,99}$/u.test(id);
}

function listed(folder: string, kind: Analysis['kind']): Analysis[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && isName(name.slice(0, -4)))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const updatedUs = Math.round(statSync(path).mtimeMs * 1000);
      return readAnalysis(readFileSync(path, 'utf8'), { id: name.slice(0, -4), kind, updatedUs });
    });
}

async function save(
  folder: string,
  { id, title, about, sql, parameters }: RequestParsed<'analyses.save'>,
  nowUs: number,
): Promise<Result<Analysis>> {
  if (id !== undefined && (!isName(id) || !existsSync(join(folder, `${id}.sql`))))
    return fail('analyses.unknown', `there is no saved analysis ${id}`);
  mkdirSync(folder, { recursive: true });
  const name = id ?? freeName(folder, title);
  const text = writeAnalysis({ title, about, sql, parameters });
  await replaceFile(join(folder, `${name}.sql`), text);
  return ok(readAnalysis(text, { id: name, kind: 'saved', updatedUs: nowUs }));
}

function freeName(folder: string, title: string): string {
  const stem =
    title
      .normalize('NFC')
      .replaceAll(/[^\p{L}\p{N}_-]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'analysis';
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    if (!existsSync(join(folder, `${name}.sql`))) return name;
  }
}

interface Drafts {
  list(): Draft[];
  keep(draft: Draft): Promise<Result<Record<string, never>>>;
  drop(id: string): Promise<Result<Record<string, never>>>;
  restore(): Promise<Result<{ draft: Draft | null }>>;
}

function openDrafts(path: string, nowUs: () => number): Drafts {
  let held: DraftsFile | undefined;
  let writing: Promise<void> = Promise.resolve();
  const file = (): DraftsFile => {
    held ??= readDrafts(path, nowUs);
    return held;
  };
  /** Writes follow one another; each writes the newest state, so a burst costs two. */
  let waiting: Promise<void> | undefined;
  const store = (): Promise<void> => {
    waiting ??= writing.then(
      () => write(),
      () => write(),
    );
    return waiting;
  };
  const write = (): Promise<void> => {
    waiting = undefined;
    mkdirSync(join(path, '..'), { recursive: true });
    writing = replaceFile(path, `${JSON.stringify(file())}\n`);
    return writing;
  };
  return {
    list: () => file().drafts.toSorted((a, b) => a.position - b.position),
    keep: async (draft) => {
      const { drafts } = file();
      const at = drafts.findIndex((one) => one.id === draft.id);
      if ((drafts[at]?.updatedUs ?? 0) > draft.updatedUs) return ok({});
      if (at < 0 && drafts.length >= DRAFTS_KEPT)
        return fail('analyses.too-many', `${drafts.length} drafts are open; close some of them`);
      if (at < 0) drafts.push(draft);
      else drafts[at] = draft;
      await store();
      return ok({});
    },
    drop: async (id) => {
      const current = file();
      const found = current.drafts.find((one) => one.id === id);
      if (!found) return ok({});
      current.drafts = current.drafts.filter((one) => one.id !== id);
      if (found.sql.trim() !== '') current.dropped = [...current.dropped, found].slice(-DROPPED_KEPT);
      await store();
      return ok({});
    },
    restore: async () => {
      const current = file();
      const draft = current.dropped.at(-1);
      if (!draft) return ok({ draft: null });
      current.dropped = current.dropped.slice(0, -1);
      current.drafts = [...current.drafts.filter((one) => one.id !== draft.id), draft];
      await store();
      return ok({ draft });
    },
  };
}

function readDrafts(path: string, nowUs: () => number): DraftsFile {
  if (!existsSync(path)) return { drafts: [], dropped: [] };
  const text = readFileSync(path, 'utf8');
  const read = draftsFileSchema.safeParse(parsed(text));
  if (read.success) return read.data;
  // Someone's text may be in there: it is kept for a person to look at.
  renameSync(path, path.replace(/\.json$/, `.unreadable-${formatFileTime(nowUs())}.json`));
  return { drafts: [], dropped: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // undefined fits no schema, so the caller sets the file aside.
    return undefined;
  }
}
