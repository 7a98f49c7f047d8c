// The history of messages: bounded, newest first, and a damaged note of an earlier visit costs only itself.
import { describe, expect, it } from 'vitest';
import { usePreferences } from '../i18n/preferences.ts';
import { HISTORY_LIMIT, markNoticesRead, muteNotices, parseNotices, tellNotice, useNotices } from './notices.ts';
import { showFailure } from './toasts.tsx';

describe('messages', () => {
  it('are kept newest first, counted until they are read, and never more than the limit', () => {
    for (let n = 0; n < HISTORY_LIMIT + 20; n += 1) tellNotice('ok', () => `message ${n}`);
    const { history, unread } = useNotices.getState();
    expect(history).toHaveLength(HISTORY_LIMIT);
    expect(history[0]?.said.en).toBe(`message ${HISTORY_LIMIT + 19}`);
    expect(unread).toBe(HISTORY_LIMIT);
    markNoticesRead();
    expect(useNotices.getState().unread).toBe(0);
  });

  it('do not pop up when nobody asked for them, muted or not', () => {
    muteNotices(true);
    tellNotice('bad', () => 'the disk is full');
    expect(useNotices.getState().toasts).toEqual([]);
    expect(useNotices.getState().history[0]?.said.en).toBe('the disk is full');
  });

  it('are kept in the words of every language, those of the recorder too', () => {
    usePreferences.setState({ language: 'en' });
    tellNotice('ok', (text) => text.common.copied);
    const message = 'nothing is recorded yet: choose live venues or a rehearsal';
    showFailure({ code: 'analysis.no-data', message }, 'upbit:0');
    const [failed, copied] = useNotices.getState().history;
    expect(copied?.said).toEqual({ en: 'Copied', ko: '복사됨' });
    expect(failed?.said.en).toBe(`upbit:0: ${message}`);
    expect(failed?.said.ko).toMatch(/^upbit:0: [^a-z]*[가-힣][^a-z]*$/);
    // What another visit reads, in whatever language.
    const kept: unknown = JSON.parse(JSON.stringify({ history: useNotices.getState().history, unread: 0 }));
    expect(parseNotices(kept).history.slice(0, 2)).toEqual([failed, copied]);
  });

  it('of an earlier visit are read piece by piece', () => {
    const good = { id: 4, tone: 'warn', said: { en: 'look', ko: '보기' }, atUs: 5, place: '#/gaps' };
    const old = { id: 3, tone: 'ok', text: 'gone', atUs: 4, place: null };
    expect(parseNotices({ history: [old] }).history).toMatchObject([{ id: 3, said: { en: 'gone', ko: 'gone' } }]);
    expect(parseNotices({ history: [good, { id: 5 }, null, 'x', { ...good, tone: 'pink' }], unread: 9 })).toEqual({
      history: [good],
      unread: 1,
      muted: false,
    });
    expect(parseNotices('nonsense')).toEqual({ history: [], unread: 0, muted: false });
    expect(parseNotices({ history: {}, unread: -3, muted: true })).toEqual({ history: [], unread: 0, muted: true });
  });
});
