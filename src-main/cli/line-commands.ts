// `tapedeck lines`: every connection as the recorder tells it, or the log of one line's life, which needs no recorder.
import { formatIso } from '../../src-shared/base/time.ts';
import type { LineLogEntry } from '../../src-shared/contract/lines.ts';
import type { LineState } from '../../src-shared/contract/recording.ts';
import { table, tellCut, write, writeJson } from './output.ts';
import { within } from './read-commands.ts';
import { failure, type Session } from './session.ts';

const LOG_LIMIT = 1000;

export async function lines(options: { data: string; log?: string; json?: boolean }): Promise<void> {
  const { log } = options;
  await within(options.data, async (session) => {
    if (log !== undefined) {
      const { entries } = await session.ask('lines.log', { line: log, limit: LOG_LIMIT });
      // What befell the recorder as a whole is in every log: alone it must not look like the quiet life of a line.
      if (entries.every((entry) => entry.line !== log)) await checkLine(session, log);
      tellCut(entries.length, LOG_LIMIT, 'what came before is in the screen, under Lines');
      if (options.json) return writeJson({ line: log, entries });
      return write(table(entries.map(logRow)));
    }
    const { lines: found } = await session.ask('system.status', {});
    if (options.json) return writeJson({ lines: found });
    const nowUs = Date.now() * 1000;
    return write(
      found.length === 0
        ? 'no line is open: nobody records into this folder\n'
        : table([HEAD, ...found.map((line) => lineRow(line, nowUs))]),
    );
  });
}

async function checkLine(session: Session, log: string): Promise<void> {
  const { lines: found } = await session.ask('system.status', {});
  const names = found.map(({ id }) => id);
  if (names.includes(log)) return;
  const known = names.length > 0 ? `; the lines are ${names.join(', ')}` : '';
  throw failure('arguments.line', `nothing is known of a line ${log}${known}`);
}

const HEAD = ['line', 'state', 'streams', 'age', 'renewed', 'lost', 'last frame', 'last data', 'MB', 'url', 'note'];

function lineRow(line: LineState, nowUs: number): string[] {
  const seconds = (ms: number | null): string => (ms === null ? '' : `${(ms / 1000).toFixed(1)} s`);
  const limit = line.maxAgeMs === null ? '' : ` of ${Math.round(line.maxAgeMs / 60_000)} min`;
  return [
    line.id,
    line.state,
    `${line.acknowledged}/${line.wanted}`,
    line.connectedUs === null ? '' : `${Math.floor((nowUs - line.connectedUs) / 60_000_000)} min${limit}`,
    String(line.renewals),
    String(line.reconnects),
    seconds(line.lastFrameAgeMs),
    seconds(line.lastDataAgeMs),
    (line.bytes / 1e6).toFixed(1),
    `${line.url}${line.address === null ? '' : ` from ${line.address}`}`,
    line.note ?? '',
  ];
}

function logRow(entry: LineLogEntry): string[] {
  const planned = entry.kind === 'close' && !entry.planned ? 'close (lost)' : entry.kind;
  return [
    formatIso(entry.atUs),
    entry.line ?? 'recorder',
    planned,
    entry.count === 0 ? '' : String(entry.count),
    entry.note,
  ];
}
