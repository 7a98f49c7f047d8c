// A time of SQL beside Korean clocks must not be taken for one of them.
import { renderToString } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import type { ResultColumn } from '../../../src-shared/contract/analysis.ts';
import { en } from '../../i18n/en.ts';
import { HeadCell } from '../../parts/result-grid.tsx';
import { UtcHint } from './utc-hint.tsx';

const at: ResultColumn = { name: 'event_at', type: 'TIMESTAMP', kind: 'time' };
const price: ResultColumn = { name: 'price', type: 'VARCHAR', kind: 'text' };
const words = en.analysis.result;

const headOf = (column: ResultColumn): string =>
  renderToString(<HeadCell column={column} at={0} width={80} utc={words.utc} onWidth={vi.fn()} />);

describe('the head of a column', () => {
  it.each(['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP_NS', 'DATE', 'TIME'])('says UTC over %s', (type) => {
    expect(headOf({ ...at, type })).toMatch(/<span class="grid-zone">.*UTC<\/span>/);
    expect(headOf({ ...at, type })).toContain(words.utc);
  });

  it('says no zone over what has none', () => {
    for (const column of [price, { name: 'took', type: 'INTERVAL', kind: 'time' } as const]) {
      expect(headOf(column)).toContain(column.type);
      expect(headOf(column)).not.toContain('UTC');
    }
  });
});

describe('the hint beside a result', () => {
  it('is there for times in front of a reader of KST, with the way to Korean time', () => {
    const html = renderToString(<UtcHint columns={[price, at]} zone="KST" />);
    expect(html).toContain('SQL times are UTC, not KST');
    expect(html).toContain('INTERVAL 9 HOUR');
  });

  it('is nowhere else', () => {
    expect(renderToString(<UtcHint columns={[price, at]} zone="UTC" />)).toBe('');
    expect(renderToString(<UtcHint columns={[price]} zone="KST" />)).toBe('');
    expect(renderToString(<UtcHint columns={null} zone="KST" />)).toBe('');
  });
});
