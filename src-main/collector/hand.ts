// What an operator does to a line: renew, stop, start. Promises: two lines of a market never renew at once by hand, and the line that
// alone carries something is not stopped unless that is said.
import { fail, ok, type Result } from '../../src-shared/base/result.ts';
import type { Line } from './line.ts';

export type HandledLine = Pick<
  Line,
  'id' | 'line' | 'symbols' | 'isStopped' | 'isWhole' | 'isRenewing' | 'renew' | 'stop' | 'start' | 'state'
>;

/** lines: all of the line's market. */
export function renewByHand(lines: readonly HandledLine[], id: string): Result<{ waits: boolean }> {
  const line = lines.find((candidate) => candidate.id === id);
  if (!line) return none(id);
  if (line.isStopped) return fail('recording.line-stopped', `${id} was stopped by hand; start it instead`);
  const { state, note } = line.state();
  if (state !== 'live' && state !== 'renewing')
    return fail(
      'recording.line-not-live',
      `${id} is ${state}${note ? ` (${note})` : ''}: it has nothing to change over from`,
      {
        retry: true,
      },
    );
  // The gate lets no two lines renew at once. What renews without it (the venue is about to close, the computer slept) is waited for.
  const other = lines.find((candidate) => candidate.line !== line.line && candidate.isRenewing);
  if (other)
    return fail('recording.other-renews', `${other.id} renews just now; ask again when it is done`, { retry: true });
  if (!line.isRenewing) line.renew('asked for', false);
  return ok({ waits: !line.isRenewing });
}

export function stopByHand(
  lines: readonly HandledLine[],
  id: string,
  evenIfLast: boolean,
): Result<Record<string, never>> {
  const line = lines.find((candidate) => candidate.id === id);
  if (!line) return none(id);
  if (line.isStopped) return fail('recording.line-stopped', `${id} is stopped already`);
  if (!evenIfLast && !carriedElsewhere(lines, line))
    return fail(
      'recording.last-line',
      `no other line carries all ${line.symbols.length} symbols of ${id} just now: what is printed until it is started would be missing`,
    );
  line.stop();
  return ok({});
}

export function startByHand(lines: readonly HandledLine[], id: string): Result<Record<string, never>> {
  const line = lines.find((candidate) => candidate.id === id);
  if (!line) return none(id);
  if (!line.isStopped) return fail('recording.line-runs', `${id} is not stopped`);
  line.start();
  return ok({});
}

/** Another line's whole connections carry every symbol of this one. */
function carriedElsewhere(lines: readonly HandledLine[], line: HandledLine): boolean {
  const carried = new Set(
    lines.filter((other) => other.line !== line.line && other.isWhole).flatMap((other) => other.symbols),
  );
  return line.symbols.every((symbol) => carried.has(symbol));
}

function none(id: string): Result<never> {
  return fail('recording.no-line', `there is no line ${id}`);
}
