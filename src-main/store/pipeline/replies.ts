// Replies to what the recorder asked: pages of history, symbol lists, notice pages. What each is was said by the control record before it.

import type { Us } from '../../../src-shared/base/time.ts';
import type { Instrument, Venue } from '../../../src-shared/market/instrument.ts';
import type { Feed, FrameVerdict, NoticeFeed, TickSink } from '../../feeds/feed.ts';
import type { Expected } from './carry.ts';
import type { NoticePage } from './outcome.ts';

export interface Reply {
  readonly verdict: FrameVerdict;
  readonly instruments?: readonly Instrument[];
  readonly notices?: NoticePage;
}

const other: FrameVerdict = { kind: 'other', reason: '' };

function refused(reason: string): Reply {
  return { verdict: { kind: 'quarantine', reason } };
}

/** feed: of the line's market. Trades of a history page go to the sink. */
export function readReply(
  expected: Expected,
  body: Uint8Array,
  recvUs: Us,
  feed: Feed | undefined,
  noticeFeedOf: (venue: Venue) => NoticeFeed | undefined,
  sink: TickSink,
): Reply {
  switch (expected.kind) {
    case 'history': {
      if (!feed?.history) return refused('history of a venue that gives none');
      if (expected.status !== 200) return { verdict: other };
      return { verdict: feed.history.decode(expected, body, sink) };
    }
    case 'instruments': {
      if (!feed) return refused(`no feed for ${expected.venue} ${expected.market}`);
      const parsed = feed.instruments.parse(body);
      if (!parsed.ok) return refused(parsed.failure.message);
      return { verdict: other, instruments: parsed.value };
    }
    case 'notices': {
      const notices = noticeFeedOf(expected.venue as Venue);
      if (!notices) return refused(`no notice feed for ${expected.venue}`);
      // An unchanged page has no body.
      if (body.length === 0) return { verdict: other };
      const parsed = notices.parse(body, recvUs);
      if (!parsed.ok) return refused(parsed.failure.message);
      return { verdict: other, notices: { venue: notices.venue, listings: parsed.value, seenUs: recvUs } };
    }
  }
}
