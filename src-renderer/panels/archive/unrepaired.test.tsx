// What is said of gaps before there is an answer, after a failure, and when there are none.
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { type Unrepaired, UnrepairedMark } from './unrepaired.tsx';

const told = (unrepaired: Pick<Unrepaired, 'gaps' | 'failure'>): string =>
  renderToString(<UnrepairedMark unrepaired={{ ...unrepaired, retry: vi.fn() }} onOpen={vi.fn()} />);

it('does not call a stream whole before the answer has come', () => {
  expect(told({ gaps: null, failure: null })).toContain('Asking the recorder');
});

it('shows a failure and a way to ask again', () => {
  const html = told({ gaps: null, failure: { code: 'gaps.busy', message: 'the catalog is busy', retry: true } });
  expect(html).toContain('The gaps could not be read');
  expect(html).toContain('the catalog is busy');
  expect(html).toContain('gaps-retry');
});

it('says none only where the answer has none', () => {
  expect(told({ gaps: [], failure: null })).toContain('No gap that is not repaired');
  expect(told({ gaps: [{ id: 'a', fromUs: 1, toUs: 2 }], failure: null })).toContain('1 gap');
});
