// Damaged Gate frames: nothing crashes, both paths agree, no trade is invented.
import type { CollectedRow } from '../collecting-sink.fixture.ts';
import { describeDamage } from '../damage.fixture.ts';
import { gatePerp, gateSpot } from './gate.ts';
import { decodeGeneral } from './general.ts';
import { gateSamples, gateTriple } from './samples.fixture.ts';

interface Pushed {
  readonly channel?: unknown;
  readonly result?: unknown;
}

const plain = (value: unknown): number => Number(String(value));

/** By JSON.parse: the frame has a row of just this trade, and its digits stand in the text. */
function invented(frame: Buffer, row: CollectedRow): boolean {
  const text = frame.toString('utf8');
  const pushed: Pushed = JSON.parse(text);
  const rows: readonly unknown[] = Array.isArray(pushed.result) ? pushed.result : [pushed.result];
  const known = rows.some((one) => {
    if (typeof one !== 'object' || one === null) return false;
    const fields = new Map<string, unknown>(Object.entries(one));
    const size = fields.get('size') ?? fields.get('amount');
    const sold = fields.has('size') ? plain(size) < 0 : fields.get('side') === 'sell';
    return (
      (fields.get('contract') ?? fields.get('currency_pair')) === row.symbol &&
      plain(fields.get('id')) === Number(row.id) &&
      plain(fields.get('price')) === Number(row.price) &&
      Math.abs(plain(size)) === Number(row.qty) &&
      (row.side === 'sell') === sold
    );
  });
  const written = [row.id, row.price, row.qty].every((digits) => text.includes(digits));
  return !known || !written || pushed.channel !== row.channel || Number(row.price) <= 0 || Number(row.qty) <= 0;
}

for (const feed of [gateSpot, gatePerp]) {
  describeDamage({
    name: `gate ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples: [...gateSamples, gateTriple],
    rowsPerSample: (sample) => (sample === gateTriple ? 3 : 1),
    recordings: ['gate'],
    invented,
    rowsIn: ({ result }) => result,
  });
}
