// Every recorded Bybit frame holds as many trades for us as it holds, with the same ids and digits; the formats before v5 are refused by name.
import { describeRecorded, found, type ScannedRow } from '../recorded.fixture.ts';
import type { RecordedFrame } from '../recorded-frames.fixture.ts';
import { bybitPerp, bybitSpot } from './bybit.ts';

/** Rows are the innermost braces; live and REST rows have the same things under other names. */
function bybitRows({ raw, transport }: RecordedFrame): readonly ScannedRow[] {
  const rest = transport === 'rest';
  return Array.from(raw.matchAll(/\{[^{}]*\}/g), (match) => match[0])
    .filter((row) => row.includes(rest ? '"execId"' : '"i"'))
    .map((row) => ({
      symbol: found(row, rest ? /"symbol":"([^"]+)"/ : /"s":"([^"]+)"/),
      id: found(row, rest ? /"execId":"([^"]+)"/ : /"i":"([^"]+)"/),
      price: found(row, rest ? /"price":"([^"]+)"/ : /"p":"([^"]+)"/),
      qty: found(row, rest ? /"size":"([^"]+)"/ : /"v":"([^"]+)"/),
      side: found(row, rest ? /"side":"(\w+)"/ : /"S":"(\w+)"/).toLowerCase(),
      eventUs: Number(found(row, rest ? /"time":"(\d+)"/ : /"T":(\d+)/)) * 1000,
    }));
}

describeRecorded('bybit', (frame) => (frame.market === 'spot' ? bybitSpot : bybitPerp), bybitRows);
