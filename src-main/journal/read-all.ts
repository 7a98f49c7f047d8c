// What the journal's own tests write and read with.
import { unwrap } from '../../src-shared/base/result.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { type Damage, openReader, type Position, type ReaderOptions } from './reader.ts';
import { type JournalOptions, type JournalWriter, openJournal } from './writer.ts';

export interface Seen {
  records: { frame: number; text: string; line: number; kind: number; origin: number; recvUs: number }[];
  damage: Damage[];
  position: Position | null;
}

/** Everything that a reader gives from a position on. */
export async function readAll(
  folder: string,
  from: Position | null = null,
  options: ReaderOptions = {},
  maxBytes?: number,
): Promise<Seen> {
  const reader = openReader(folder, from, options);
  const seen: Seen = { records: [], damage: [], position: from };
  try {
    for (;;) {
      const batch = await reader.read(maxBytes);
      if (!batch) return seen;
      for (let i = 0; i < batch.count; i += 1) {
        const at = batch.payloadOffset[i] as number;
        seen.records.push({
          frame: batch.frame[i] as number,
          text: batch.bytes.toString('latin1', at, at + (batch.payloadLength[i] as number)),
          line: batch.lineNo[i] as number,
          kind: batch.kind[i] as number,
          origin: batch.origin[i] as number,
          recvUs: batch.recvUs[i] as number,
        });
      }
      seen.damage.push(...batch.damage);
      seen.position = batch.end;
    }
  } finally {
    await reader.close();
  }
}

export async function begin(folder: string, options: JournalOptions = {}): Promise<JournalWriter> {
  return unwrap(await openJournal(folder, options));
}

/** Appends a data record with fixed times. */
export function put(journal: JournalWriter, text: string, line = 1): number {
  return journal.append(line, RecordKind.data, Origin.live, 1_000_000, 2_000_000, Buffer.from(text, 'latin1'));
}

export const dataOf = (seen: Seen): string[] =>
  seen.records.filter((record) => record.kind === RecordKind.data).map((record) => record.text);
