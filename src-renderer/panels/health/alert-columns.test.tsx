// What an alert says is read in the reader's language, in the table as everywhere else.
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { Alert } from '../../../src-shared/contract/health.ts';
import { textsOf } from '../../i18n/text.ts';
import { alertColumns } from './alert-columns.tsx';

const alert: Alert = {
  id: 'process-restart store',
  rule: 'process-restart',
  subject: 'store',
  severity: 'warn',
  sinceUs: 1,
  untilUs: null,
  acknowledgedUs: null,
  value: null,
  worst: null,
  limit: null,
  times: 1,
  note: 'ended with code 1: Error: EIO',
};

it('an alert is told in Korean, its process in its own words', () => {
  const what = alertColumns(textsOf('ko', 'KST'), 'KST', false).find(({ id }) => id === 'what');
  const html = renderToString(what?.cell(alert));
  expect(html).toContain('종료됨: 코드 1: Error: EIO');
  expect(html).not.toContain('ended with');
});

it('the figure of an alert that is over is its worst one, and so it is ordered', () => {
  const over: Alert = { ...alert, rule: 'store-lag', untilUs: 2, value: 1000, worst: 9000 };
  for (const [history, value, told] of [
    [false, 1000, '1.0 s'],
    [true, 9000, '9.0 s'],
  ] as const) {
    const figure = alertColumns(textsOf('en', 'UTC'), 'UTC', history).find(({ id }) => id === 'figure');
    expect(figure?.value(over)).toBe(value);
    expect(figure?.cell(over)).toBe(told);
  }
});
