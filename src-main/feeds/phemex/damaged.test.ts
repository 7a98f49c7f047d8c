// Damaged Phemex frames: nothing crashes, both paths agree, no trade is invented.
import type { CollectedRow } from '../collecting-sink.fixture.ts';
import { describeDamage } from '../damage.fixture.ts';
import { decodeGeneral } from './general.ts';
import { phemexPerp, phemexSpot } from './phemex.ts';
import { phemexSamples } from './sample-frames.fixture.ts';

/** Rows are lists: a row must stand in the text as it is, of the symbol that the frame names, and its numbers must be those of its id. */
function invented(frame: Buffer, row: CollectedRow): boolean {
  const text = frame.toString('utf8');
  const parsed: unknown = JSON.parse(text);
  const [ns = '', side = '', price = '', qty = ''] = row.id.split('-');
  const quote = row.channel === 'trade_p' ? '"' : '';
  const written = new RegExp(
    `\\[\\s*${ns}\\s*,\\s*"${side === 'b' ? 'Buy' : 'Sell'}"\\s*,\\s*${quote}${price.replace('.', '\\.')}${quote}\\s*,\\s*${quote}${qty.replace('.', '\\.')}${quote}\\s*\\]`,
  );
  const symbol = typeof parsed === 'object' && parsed !== null && 'symbol' in parsed ? parsed.symbol : undefined;
  const off = (digits: string, shown: string, decimals: number): boolean =>
    quote === '"'
      ? digits !== shown
      : BigInt(digits) !== BigInt(shown.replace('.', '')) || decimalsOf(shown) !== decimals;
  const spot = row.symbol.startsWith('s');
  return (
    symbol !== row.symbol ||
    !written.test(text) ||
    BigInt(ns) / 1000n !== BigInt(row.eventUs) ||
    (side === 'b' ? 'buy' : 'sell') !== row.side ||
    off(price, row.price, spot ? 8 : 4) ||
    off(qty, row.qty, spot ? 8 : 0)
  );
}

function decimalsOf(text: string): number {
  return text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
}

for (const feed of [phemexSpot, phemexPerp]) {
  describeDamage({
    name: `phemex ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples: phemexSamples,
    rowsPerSample: (sample) => sample.match(/"(?:Buy|Sell)"/g)?.length ?? 0,
    recordings: ['phemex'],
    invented,
    rowsIn: ({ trades, trades_p }) => trades ?? trades_p,
  });
}
