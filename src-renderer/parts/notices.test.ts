// The history of messages: bounded, newest first, and a damaged note of an earlier visit costs only itself.
import { describe, expect, it } from 'vitest';
import { HISTORY_LIMIT, markNoticesRead, muteNotices, parseNotices, tellNotice, useNotices } from './notices.ts';

describe('messages', () => {
  it('are kept newest first, counted until they are read, and never more than the limit', () => {
    for (let n = 0; n < HISTORY_LIMIT + 20; n += 1) tellNotice('ok', `message ${n}`);
    const { history, unread } = useNotices.getState();
    expect(history).toHaveLength(HISTORY_LIMIT);
    expect(history[0]?.text).toBe(`message ${HISTORY_LIMIT + 19}`);
    expect(unread).toBe(HISTORY_LIMIT);
    markNoticesRead();
    expect(useNotices.getState().unread).toBe(0);
  });

  it('do not pop up when nobody asked for them, muted or not', () => {
    muteNotices(true);
    tellNotice('bad', 'the disk is full');
    expect(useNotices.getState().toasts).toEqual([]);
    expect(useNotices.getState().history[0]?.text).toBe('the disk is full');
  });

  it('of an earlier visit are read piece by piece', () => {
    const good = { id: 4, tone: 'warn', text: 'look', atUs: 5, place: '#/gaps' };
    expect(parseNotices({ history: [good, { id: 5 }, null, 'x', { ...good, tone: 'pink' }], unread: 9 })).toEqual({
      history: [good],
      unread: 1,
      muted: false,
    });
    expect(parseNotices('nonsense')).toEqual({ history: [], unread: 0, muted: false });
    expect(parseNotices({ history: {}, unread: -3, muted: true })).toEqual({ history: [], unread: 0, muted: true });
  });
});
