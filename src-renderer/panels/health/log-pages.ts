// The pages of the logs that were read so far as one list: the newest page again and again while it is followed, older ones on demand. Bounded.
import { useEffect, useMemo, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { LogLevel, LogLine } from '../../../src-shared/contract/health.ts';
import { useLink, useRequest } from '../../link/hooks.tsx';

export const ROWS_LIMIT = 5000;
const PAGE = 200;
const FOLLOW_MS = 1000;
const TYPING_MS = 250;

export interface LogFilter {
  readonly level: LogLevel;
  /** Empty: all. */
  readonly process: string;
  readonly search: string;
  readonly follow: boolean;
}

export interface LogPages {
  readonly lines: readonly LogLine[];
  readonly processes: readonly string[];
  readonly failure: Failure | null;
  readonly pending: boolean;
  readonly canOlder: boolean;
  readonly readingOlder: boolean;
  older(): void;
  again(): void;
}

interface Older {
  /** Of which question. */
  readonly key: string;
  readonly lines: readonly LogLine[];
  readonly next: string | null;
}

/** Both without what the other has, in their order. */
export function joined(newer: readonly LogLine[], older: readonly LogLine[], limit = ROWS_LIMIT): readonly LogLine[] {
  if (older.length === 0) return newer;
  const seen = new Set(newer.map((line) => line.key));
  return [...newer, ...older.filter((line) => !seen.has(line.key))].slice(0, limit);
}

export function useLogPages(filter: LogFilter): LogPages {
  const link = useLink();
  const search = useSettled(filter.search.trim(), TYPING_MS);
  const question = useMemo(
    () => ({
      level: filter.level,
      text: search,
      limit: PAGE,
      ...(filter.process === '' ? {} : { processes: [filter.process] }),
    }),
    [filter.level, filter.process, search],
  );
  const key = JSON.stringify(question);
  const first = useRequest('health.logs', question, { everyMs: filter.follow ? FOLLOW_MS : false, keep: true });
  const [older, setOlder] = useState<Older | null>(null);
  const [reading, setReading] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const fits = older?.key === key && !filter.follow ? older : null;
  // The answer to the last question gives the names of processes to choose from, and no line of this one.
  const answered = first.isPlaceholderData ? undefined : first.data;
  const newest = answered?.lines;
  const lines = useMemo(() => joined(newest ?? [], fits?.lines ?? []), [newest, fits]);
  const next = fits ? fits.next : (answered?.next ?? null);

  return {
    lines,
    processes: first.data?.processes ?? [],
    failure: failure ?? first.error?.failure ?? null,
    pending: first.isPending || first.isPlaceholderData,
    canOlder: next !== null && lines.length < ROWS_LIMIT,
    readingOlder: reading,
    older: () => {
      if (next === null) return;
      setReading(true);
      link.request('health.logs', { ...question, before: next }).then((result) => {
        setReading(false);
        setFailure(result.ok ? null : result.failure);
        if (!result.ok) return;
        setOlder({ key, lines: joined(fits?.lines ?? [], result.value.lines), next: result.value.next });
      });
    },
    again: () => {
      setFailure(null);
      void first.refetch();
    },
  };
}

/** The value once it has not changed for a while: typing does not ask at every letter. */
function useSettled<V>(value: V, ms: number): V {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
