// Test fixture: real recorded frames, from the folder TAPEDECK_FRAMES or ../shared/frames beside the repository. Never shipped.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface RecordedTrade {
  readonly symbol: string | null;
  readonly price: string | null;
  readonly qty: string | null;
  readonly side: 'buy' | 'sell' | null;
  readonly id: string | null;
  readonly ts_ms: number | string | null;
  /** In base coins; of an inverse contract a rounded quotient. */
  readonly qty_base?: string | null;
}

export interface RecordedFrame {
  readonly venue: string;
  readonly market: string;
  /** ws or rest. */
  readonly transport: string;
  readonly kind: string;
  readonly trades_in_raw: number;
  readonly legacy: boolean;
  readonly raw: string;
  readonly expected: readonly RecordedTrade[] | null;
  readonly source: string;
}

const folder = process.env.TAPEDECK_FRAMES ?? join(import.meta.dirname, '../../../shared/frames');

/** Undefined, with a warning that says what is missing, when the recordings are not on this machine. */
export function recordedFrames(name: string): readonly RecordedFrame[] | undefined {
  const text = recordedText(`${name}.jsonl.gz`);
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line): RecordedFrame => JSON.parse(line));
}

/** A venue's own symbol list, as it was answered. */
export function recordedInstruments(name: string): Uint8Array | undefined {
  const text = recordedText(join('instruments', `${name}.json.gz`));
  if (text === undefined) return undefined;
  const reply: { readonly raw: string } = JSON.parse(text);
  return Buffer.from(reply.raw);
}

function recordedText(name: string): string | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) {
    console.warn(`recorded frames are missing, tests of real frames are skipped: ${path} (set TAPEDECK_FRAMES)`);
    return undefined;
  }
  return gunzipSync(readFileSync(path)).toString('utf8');
}
