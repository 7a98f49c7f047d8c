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
