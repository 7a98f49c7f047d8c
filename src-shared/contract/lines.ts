// The life of a line as the journal knows it; it outlives every process.
import { z } from 'zod';
import { request } from './define.ts';

export const lineLogKinds = [
  'wanted',
  'open',
  'acknowledged',
  'refused',
  'behind',
  'close',
  'lost',
  'line-stopped',
  'line-started',
  'start',
  'stop',
  'halt',
  'resume',
  'suspend',
  'wake',
] as const;

export const lineLogSchema = z.object({
  /** Journal frame of the record, or of the first of equal ones in a row. */
  frame: z.number().int(),
  /** Receive time, and that of the last of those in a row. */
  atUs: z.number().int(),
  lastUs: z.number().int(),
  /** null: it concerns the whole recorder. */
  line: z.string().nullable(),
  kind: z.enum(lineLogKinds),
  /** Connections of a line are counted from 1 in the life of a process. */
  connection: z.number().int().nullable(),
  /** Symbols that it is about; of `lost` the frames. */
  count: z.number().int(),
  /** Of a close: the recorder meant it and the venue answered. */
  planned: z.boolean(),
  /** The reason or address, in the recorder's words; '' where there is none. */
  note: z.string(),
});
export type LineLogEntry = z.infer<typeof lineLogSchema>;

export const lines = {
  /** Newest first; what concerned the whole recorder is among it. before: only what lies before this frame, for the next page. */
  'lines.log': request(
    'store',
    z.object({
      line: z.string(),
      before: z.number().int().optional(),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    z.object({ entries: z.array(lineLogSchema) }),
  ),
};
