// What the next extract will take: the window and the format. Kept while the reader goes through listings; begins with the settings.
import { useEffect } from 'react';
import { create } from 'zustand';
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { useEvent, useRequest } from '../../link/hooks.tsx';

export type ExportFormat = 'parquet' | 'csv' | 'jsonl';

interface ExtractForm {
  readonly before: number | null;
  readonly after: number | null;
  readonly format: ExportFormat;
  /** True once the reader has changed something: settings no longer speak. */
  readonly touched: boolean;
  /** Job started here, per listing. */
  readonly started: ReadonlyMap<string, string>;
}

export const useExtractFormState = create<ExtractForm>(() => ({
  before: 20,
  after: 20,
  format: 'parquet',
  touched: false,
  started: new Map(),
}));

export function changeForm(change: Partial<Pick<ExtractForm, 'before' | 'after' | 'format'>>): void {
  useExtractFormState.setState({ ...change, touched: true });
}

export function noteStarted(listingId: string, jobId: string): void {
  useExtractFormState.setState((form) => ({ started: new Map(form.started).set(listingId, jobId) }));
}

/** Takes the settings' window until the reader chooses another. */
export function useExtractForm(): ExtractForm {
  const form = useExtractFormState();
  const settings = useRequest('system.settings', {}, { staleMs: 60_000 });
  const wanted = settings.data?.settings.extract;
  useEffect(() => {
    if (!wanted || useExtractFormState.getState().touched) return;
    useExtractFormState.setState({
      before: wanted.beforeSeconds,
      after: wanted.afterSeconds,
      format: wanted.format,
    });
  }, [wanted]);
  return form;
}

/** Microseconds before and after t0, or null when the window is not one. */
export function windowOf(form: Pick<ExtractForm, 'before' | 'after'>): { beforeUs: number; afterUs: number } | null {
  const { before, after } = form;
  if (before === null || after === null) return null;
  if (!(before >= 0 && before <= 3600 && after >= 0 && after <= 3600) || before + after === 0) return null;
  return { beforeUs: Math.round(before * 1e6), afterUs: Math.round(after * 1e6) };
}

const noJobs: readonly ExtractJob[] = [];

export function useJobs(): readonly ExtractJob[] {
  return useEvent('listings.extracts')?.jobs ?? noJobs;
}
