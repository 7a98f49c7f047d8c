// What a row's columns hold is what is stored: every digit of an id, a price or a quantity must come out as it went in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Side } from '../../../src-shared/market/tick.ts';
import { newTickCells } from '../../feeds/cells.ts';
import { getBig, getWide, PackedTexts, putBillions, putWide, TickColumns } from './columns.ts';
import { Key } from './keys.ts';
import { StreamState } from './stream-state.ts';
import { putRow } from './tick-row.ts';
import { refusal } from './validate.ts';

const state = new StreamState(1, { venue: 'upbit', market: 'spot', symbol: 'KRW-BTC', channel: 'trade' }, 'unique');
const key = new Key();

function row(columns: TickColumns, id: string, price: string): number {
  key.ofText(id);
  const cells = { ...newTickCells(), idText: id, priceText: price, qtyMantissa: 1, side: Side.buy, eventUs: 1e15 };
  putRow(columns, cells, key, state, 1, 1e15, 0, 1, false);
  return columns.rows - 1;
}

describe('columns', () => {
  it('hold whole numbers of up to 18 digits exactly', () => {
    const column = new Int32Array(2);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 18n - 1n), (value) => {
        putBillions(column, 0, Number(value / 1_000_000_000n), Number(value % 1_000_000_000n));
        expect(getBig(column, 0)).toBe(value);
      }),
      {
        numRuns: 2000,
        examples: [[0n], [10n ** 18n - 1n], [2n ** 32n - 1n], [2n ** 32n], [2n ** 53n], [2n ** 48n - 1n]],
      },
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        putWide(column, 0, value);
        expect(getWide(column, 0)).toBe(value);
      }),
    );
  });

  it('take an id as a number exactly when it is one of at most 18 digits, as it is always written', () => {
    const columns = new TickColumns(64);
    fc.assert(
      fc.property(
        fc.oneof(fc.stringMatching(/^[0-9]{1,20}$/), fc.uuid(), fc.stringMatching(/^[0-9a-f-]{1,30}$/)),
        (id) => {
          columns.clear();
          const at = row(columns, id, '1');
          const isNumber = /^(?:0|[1-9]\d{0,17})$/.test(id);
          expect(columns.idTexts.textOf(at)).toBe(isNumber ? undefined : id);
          expect((columns.idValidity[0] as number) & 1).toBe(isNumber ? 1 : 0);
          if (isNumber) expect(String(getBig(columns.id, at))).toBe(id);
        },
      ),
      { numRuns: 1000, examples: [['0'], ['00'], ['017'], ['9'.repeat(18)], ['9'.repeat(19)], ['23715934308417536']] },
    );
  });

  it('take a price as a mantissa exactly when it is a plain decimal of at most 18 digits', () => {
    const columns = new TickColumns(64);
    const prices = fc.oneof(fc.stringMatching(/^[0-9]{1,12}\.[0-9]{1,12}$/), fc.stringMatching(/^[0-9.eE+-]{1,24}$/));
    fc.assert(
      fc.property(prices, (price) => {
        columns.clear();
        const at = row(columns, 'x', price);
        const found = /^(?:0|[1-9]\d*)(?:\.(\d+))?$/.exec(price);
        const digits = price.replace('.', '');
        if (found && digits.length <= 18) {
          expect(columns.priceTexts.rows).toEqual([]);
          expect(getBig(columns.price, at)).toBe(BigInt(digits));
          expect(columns.priceScale[at]).toBe(found[1]?.length ?? 0);
        } else expect(columns.priceTexts).toEqual({ rows: [at], texts: [price] });
      }),
      { numRuns: 2000, examples: [['106691000.00000000'], ['1.'], ['.1'], ['01.5'], ['0.5'], ['1..2'], ['1e5']] },
    );
  });

  it('refuse as a price what is no number over zero, and nothing else', () => {
    const texts = fc.oneof(
      fc.stringMatching(/^[0-9]{1,12}\.[0-9]{1,12}$/),
      fc.stringMatching(/^[0.]{1,8}[0-9.eE+-]{0,10}$/),
      fc.stringMatching(/^[0-9.eE+-]{0,24}$/),
    );
    fc.assert(
      fc.property(texts, (price) => {
        const cells = {
          ...newTickCells(),
          symbol: 'A',
          channel: 'trade',
          idNumber: 1,
          qtyMantissa: 1,
          priceText: price,
        };
        const stands = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(price) && Number(price) > 0;
        expect(refusal({ ...cells, eventUs: 1.7e15 }, 1.7e15) === '').toBe(stands);
      }),
      { numRuns: 2000, examples: [[''], ['0'], ['0.0'], ['1e-400'], ['.5'], ['5.'], [`0.${'0'.repeat(400)}1`]] },
    );
  });

  it('keep texts with their rows when others go', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uuid(), fc.boolean(), fc.boolean()), { maxLength: 200 }), (rows) => {
        const columns = new TickColumns(64);
        for (const [id, isText] of rows) row(columns, isText ? id : '23715934308417536', '1');
        columns.remove(rows.flatMap(([, , gone], index) => (gone ? [index] : [])));
        const kept = rows.filter(([, , gone]) => !gone);
        expect(columns.rows).toBe(kept.length);
        for (const [index, [id, isText]] of kept.entries()) {
          expect(columns.idTexts.textOf(index)).toBe(isText ? id : undefined);
          expect(((columns.idValidity[index >>> 5] as number) >>> (index & 31)) & 1).toBe(isText ? 0 : 1);
        }
      }),
    );
    const texts = new PackedTexts();
    texts.put(3, Buffer.from('long enough to make room'.repeat(300)), 7200);
    expect(texts.textOf(3)).toBe('long enough to make room'.repeat(300));
  });
});
