// What DuckDB says when something is wrong, as a Failure that a person can act on: which limit, which place in the text, what to do.
import { type Failure, reasonOf } from '../../src-shared/base/result.ts';
import type { TextPlace } from './statement.ts';

/** Why a run was ended from outside. */
export type Stop = 'cancel' | 'time' | 'leaving';

export interface Trouble {
  readonly state: 'failed' | 'cancelled' | 'stopped';
  readonly failure: Failure;
  readonly at: TextPlace | null;
}

export function troubleOf(
  error: unknown,
  bounds: { readonly memoryLimitBytes: number; readonly timeLimitMs: number; readonly stop: Stop | undefined },
): Trouble {
  const said = reasonOf(error);
  if (bounds.stop === 'cancel')
    return { state: 'cancelled', failure: failureOf('analysis.cancelled', 'cancelled'), at: null };
  if (bounds.stop === 'time')
    return {
      state: 'stopped',
      failure: failureOf(
        'analysis.time-limit',
        `stopped after its time limit of ${bounds.timeLimitMs / 1000} s; narrow the window or allow more time`,
      ),
      at: null,
    };
  if (bounds.stop === 'leaving')
    return { state: 'stopped', failure: failureOf('analysis.ended', 'the analyst was stopped', true), at: null };
  if (/out of memory|failed to allocate|could not allocate/i.test(said))
    return {
      state: 'stopped',
      failure: failureOf(
        'analysis.out-of-memory',
        `stopped: it needs more than the ${Math.round(bounds.memoryLimitBytes / 1024 ** 2)} MB that queries may use together; narrow the window, select fewer columns, aggregate earlier, or close older results`,
      ),
      at: null,
    };
  if (/^Permission Error/i.test(said))
    return {
      state: 'failed',
      failure: failureOf(
        'analysis.refused',
        `refused: ${firstLine(said)}. Statements read the tables of the archive only.`,
      ),
      at: null,
    };
  // A file that was compacted or sealed anew while the query ran.
  if (/No files found|Cannot open file|IO Error/i.test(said))
    return {
      state: 'failed',
      failure: failureOf(
        'analysis.moved',
        `files of the archive were replaced while the query ran; run it again (${firstLine(said)})`,
        true,
      ),
      at: null,
    };
  return {
    state: 'failed',
    failure: failureOf('analysis.sql', said.replace(/\n+LINE \d+:[\s\S]*$/, '')),
    at: caretOf(said),
  };
}

function failureOf(code: string, message: string, retry = false): Failure {
  return { code, message, retry };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/^Permission Error: /, '');
}

/** DuckDB repeats the line and puts a caret under the place; a long line it shortens, and then the column is not known. */
function caretOf(text: string): TextPlace | null {
  const found = /\nLINE (\d+): ([^\n]*)\n( *)\^/.exec(text);
  if (!found) return null;
  const [, line = '1', shown = '', blanks = ''] = found;
  const column = blanks.length - `LINE ${line}: `.length + 1;
  return shown.startsWith('...') || column < 1 ? { line: Number(line), column: 1 } : { line: Number(line), column };
}
