// Upbit's listing notices, read from the web page's own JSON: which coins a notice lists, on which markets, and when it was published.
// Unofficial and by title only; hostile titles give at worst no listing. Titles are KST times and Korean or English words.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { parseIso } from '../../../src-shared/base/time.ts';
import type { Listing } from '../../../src-shared/market/listing.ts';
import { EARLIEST_MS, LATEST_MS, quoted, wholeText } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { NoticeFeed } from '../feed.ts';
import { plainTitle, wordOf } from './notice-title.ts';

const PATH = '/api/v1/announcements?os=web&page=1&per_page=20&category=trade';

export const upbitNotices: NoticeFeed = {
  venue: 'upbit',
  // An earlier host with the same path: api-manager.upbit.com.
  defaults: { rest: 'https://pub-info.upbit.com' },
  request: (etag) => ({
    method: 'GET',
    path: PATH,
    headers: { Accept: 'application/json', ...(etag === null ? {} : { 'If-None-Match': etag }) },
    weight: 1,
  }),
  parse: parsePage,
};

function parsePage(body: Uint8Array, detectedUs: number): Result<readonly Listing[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail('notices.reply', `upbit notices: ${parsed.failure.message}`, { retry: true });
  const page = parsed.value;
  const data = page instanceof JsonObject && page.get('success') !== false ? page.get('data') : undefined;
  const notices = data instanceof JsonObject ? data.get('notices') : undefined;
  if (!(data instanceof JsonObject) || !Array.isArray(notices))
    return fail('notices.reply', `upbit notices: no list of notices (${quoted(page)})`, { retry: true });
  const fixed = data.get('fixed_notices');
  const all: readonly JsonValue[] = Array.isArray(fixed) ? [...notices, ...fixed] : notices;
  const listings: Listing[] = [];
  const seen = new Set<string>();
  for (const notice of all) {
    if (!(notice instanceof JsonObject)) continue;
    for (const listing of listingsOf(notice, detectedUs)) {
      if (seen.has(listing.id)) continue;
      seen.add(listing.id);
      listings.push(listing);
    }
  }
  return ok(listings);
}

const TRADE_CATEGORIES: ReadonlySet<string> = new Set(['거래', 'trade', 'Trade']);

function listingsOf(notice: JsonObject, detectedUs: number): readonly Listing[] {
  const id = wholeText(notice.get('id'));
  const title = notice.get('title');
  const category = notice.get('category');
  if (id === undefined || typeof title !== 'string') return [];
  if (category !== undefined && !(typeof category === 'string' && TRADE_CATEGORIES.has(category))) return [];
  const first = kstUs(notice.get('first_listed_at'));
  const listed = kstUs(notice.get('listed_at'));
  // A notice whose title was edited to announce a change keeps its id and first time; a notice of its own about a change does not.
  const edited = first !== undefined && listed !== undefined && listed > first;
  const { kind, coins } = wordOf(title, edited);
  return coins.map(({ coin, quotes }) => ({
    ...(kind === 'listing' ? {} : { kind }),
    id: `upbit-notice-${id}-${coin}`,
    coin,
    source: 'notice',
    venue: 'upbit',
    title: plainTitle(title),
    url: `https://upbit.com/service_center/notice?id=${id}`,
    publishedUs: first ?? listed ?? detectedUs,
    detectedUs,
    quotes: [...quotes],
  }));
}

/** A time of the page, ISO 8601; one without zone is KST. */
function kstUs(value: JsonValue | undefined): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const us = parseIso(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(value.slice(10)) ? value : `${value} KST`);
  return us !== undefined && us >= EARLIEST_MS * 1000 && us < LATEST_MS * 1000 ? us : undefined;
}
