// The log of a line's life, newest first, page by page: it comes from disk and survives every restart.
import { useEffect, useState } from 'react';
import type { LineLogEntry } from '../../../src-shared/contract/lines.ts';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Button, EmptyState, FailedState } from '../../parts/controls.tsx';
import { formatClock, formatCount, formatTime } from '../../parts/format.ts';
import { MarkShape, type Tone } from '../../parts/mark.tsx';

const EVERY_MS = 2000;
const PAGE = 100;
const MOST = 1000;

export function LineLog({ line }: { line: LineState }) {
  const text = useText();
  const words = text.lines.detail;
  const zone = usePreferences((preferences) => preferences.zone);
  const [limit, setLimit] = useState(PAGE);
  const log = useRequest('lines.log', { line: line.id, limit }, { everyMs: EVERY_MS, keep: true });
  const { refetch } = log;
  // What just happened is not waited for.
  const { state, renewals, reconnects } = line;
  useEffect(() => {
    if (state && renewals + reconnects >= 0) void refetch();
  }, [state, renewals, reconnects, refetch]);
  if (log.error && !log.data)
    return <FailedState title={text.common.failed} failure={log.error.failure} onRetry={() => void refetch()} />;
  if (!log.data) return <EmptyState title={text.common.loading} />;
  const { entries } = log.data;
  if (entries.length === 0) return <EmptyState title={words.logEmpty} testId="line-log-empty" />;
  return (
    <>
      <ol className="line-log" data-testid="line-log">
        {entries.map((entry) => (
          <li key={entry.frame} data-kind={entry.kind} className={entry.line === null ? 'line-log-whole' : undefined}>
            <time className="faint" title={formatTime(entry.atUs, zone, 'micro')}>
              {isToday(entry.atUs) ? formatClock(entry.atUs, zone) : formatTime(entry.atUs, zone)}
            </time>
            <MarkShape tone={toneOf(entry)} />
            <span>
              {logWords(entry, text)}
              {entry.connection !== null && entry.kind === 'open' && (
                <span className="faint"> {words.connection(formatCount(entry.connection))}</span>
              )}
              {entry.note && <span className="quiet line-log-note"> {text.common.note(entry.note)}</span>}
              {entry.lastUs - entry.atUs > 1_000_000 && (
                <span className="faint">
                  {' '}
                  {(entry.kind === 'acknowledged' ? words.until : words.times)(formatClock(entry.lastUs, zone))}
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
      {entries.length >= limit && limit < MOST ? (
        <Button small kind="quiet" onClick={() => setLimit(Math.min(MOST, limit * 3))}>
          {words.more}
        </Button>
      ) : (
        entries.length < limit && !log.isPlaceholderData && <p className="faint line-log-end">{words.end}</p>
      )}
    </>
  );
}

function isToday(us: number): boolean {
  return Date.now() - us / 1000 < 12 * 3_600_000;
}

export function toneOf(entry: LineLogEntry): Tone {
  switch (entry.kind) {
    case 'open':
      return 'busy';
    case 'acknowledged':
    case 'line-started':
    case 'resume':
    case 'wake':
      return 'ok';
    case 'close':
      return entry.planned ? 'idle' : 'bad';
    case 'lost':
    case 'halt':
      return 'bad';
    case 'refused':
    case 'behind':
    case 'line-stopped':
      return 'warn';
    case 'start':
      return entry.planned ? 'idle' : 'warn';
    default:
      return 'idle';
  }
}

export function logWords(entry: LineLogEntry, text: Text): string {
  const words = text.lines.log;
  const count = formatCount(entry.count);
  switch (entry.kind) {
    case 'wanted':
    case 'acknowledged':
    case 'refused':
    case 'behind':
    case 'lost':
      return words[entry.kind](count);
    case 'close':
      if (!entry.planned) return words.died;
      return entry.note.startsWith('renewed') ? words.renewed : words.closed;
    case 'start':
      return entry.planned ? words.start : words.crashed;
    default:
      return words[entry.kind];
  }
}
