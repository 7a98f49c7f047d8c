// Upbit's notice page as its readers see it: pages of announcements with ETag and 304, KST times, a detail per notice (feeds.md section 9).
import type { IncomingMessage } from 'node:http';
import { fnv1a } from './random.ts';
import type { RestReply } from './venue.ts';

const DAY_MS = 86_400_000;
const KST_MS = 9 * 3_600_000;

interface Notice {
  readonly id: number;
  readonly uuid: string;
  readonly title: string;
  readonly category: string;
  readonly firstListedMs: number;
  listedMs: number;
  readonly body: string;
}

/** Older notices that a real page would show: listings of every title form, and what must not be taken for one. */
const PAST: readonly (readonly [daysAgo: number, category: string, title: string])[] = [
  [0.7, '입출금', '이더리움(ETH) 네트워크 업그레이드에 따른 입출금 일시 중단 안내'],
  [1.2, '거래', '아크블록(ABT) 거래지원 종료 안내 (10/12 15:00)'],
  [2.1, '거래', '엘프(ELF) KRW, USDT 마켓 디지털 자산 추가'],
  [3.4, '이벤트', '가을맞이 거래 수수료 이벤트 안내'],
  [4.3, '거래', 'BTC, USDT 마켓 신규 거래지원 안내 (CYS, ICNT)'],
  [5.5, '거래', '밀크(MLK) 거래 유의 종목 지정 안내'],
  [6.2, '거래', 'KRW, BTC 마켓 디지털 자산 추가 (ALT, PYTH)'],
  [8.9, '거래', '제로엑스(ZRX)(KRW, USDT 마켓), 카이버네트워크(KNC)(KRW 마켓) 디지털 자산 추가'],
  [11.1, '점검', '서버 점검 안내 (03:00 ~ 05:00)'],
];

/** First to notice a listing: the page. */
export class NoticePage {
  readonly #notices: Notice[] = [];
  readonly #nowMs: () => number;
  #nextId = 5055;
  #version = 0;
  /** The timetable says: answered 429. */
  refusing = false;

  /** The notices of the past have the same ids in every rehearsal; new ones count from firstId. */
  constructor(nowMs: () => number, firstId: number) {
    this.#nowMs = nowMs;
    const start = nowMs();
    for (const [daysAgo, category, title] of [...PAST].reverse()) this.#add(title, category, start - daysAgo * DAY_MS);
    this.#nextId = firstId;
  }

  #add(title: string, category: string, atMs: number): Notice {
    const id = this.#nextId;
    this.#nextId += 1;
    const firstListedMs = Math.floor(atMs / 1000) * 1000;
    const notice: Notice = {
      id,
      uuid: String(100_000_000 + (fnv1a(`notice ${id}`) % 900_000_000)),
      title,
      category,
      firstListedMs,
      listedMs: firstListedMs,
      body: `<p>안녕하세요. 업비트입니다.</p><p>${title}</p><table><tr><th>거래지원 개시 시점</th><td>${kst(firstListedMs + 600_000)}</td></tr></table>`,
    };
    this.#notices.unshift(notice);
    this.#version += 1;
    return notice;
  }

  /** Publishes a notice now; gives its time as the page shows it. */
  publish(title: string, category = '거래'): number {
    return this.#add(title, category, this.#nowMs()).firstListedMs;
  }

  /** An edit of the newest notice with this title: listed_at moves, first_listed_at stays. */
  edit(title: string): void {
    const found = this.#notices.find((notice) => notice.title === title);
    if (!found) return;
    found.listedMs = Math.floor(this.#nowMs() / 1000) * 1000;
    this.#version += 1;
  }

  rest(path: string, query: URLSearchParams, request: IncomingMessage): RestReply {
    if (this.refusing) return { status: 429, headers: { 'Retry-After': '1' }, body: 'Too Many Requests' };
    const root = '/api/v1/announcements';
    if (path.startsWith(`${root}/`)) return this.#detail(path.slice(root.length + 1));
    if (path !== root) return { status: 404, body: '{"success":false}' };
    const perPage = bounded(query.get('per_page'), 20, 100);
    const page = bounded(query.get('page'), 1, 1_000_000);
    const trade = query.get('category') === 'trade';
    const etag = `W/"${this.#version.toString(16)}-${page}-${perPage}-${trade ? 't' : 'a'}"`;
    if (request.headers['if-none-match'] === etag) return { status: 304, headers: { ETag: etag }, body: '' };
    const all = trade ? this.#notices.filter((notice) => notice.category === '거래') : this.#notices;
    const notices = all.slice((page - 1) * perPage, page * perPage).map((notice) => ({
      id: notice.id,
      uuid: notice.uuid,
      title: notice.title,
      category: notice.category,
      listed_at: kst(notice.listedMs),
      first_listed_at: kst(notice.firstListedMs),
      need_new_badge: this.#nowMs() - notice.firstListedMs < DAY_MS,
      need_update_badge: notice.listedMs !== notice.firstListedMs,
    }));
    const data = {
      total_pages: Math.max(1, Math.ceil(all.length / perPage)),
      total_count: all.length,
      notices,
      fixed_notices: [],
    };
    return { status: 200, headers: { ETag: etag }, body: JSON.stringify({ success: true, data }) };
  }

  #detail(name: string): RestReply {
    const notice = this.#notices.find((one) => one.uuid === name || String(one.id) === name);
    if (!notice) return { status: 404, body: '{"success":false}' };
    const data = {
      id: notice.id,
      uuid: notice.uuid,
      title: notice.title,
      category: notice.category,
      listed_at: kst(notice.listedMs),
      first_listed_at: kst(notice.firstListedMs),
      body: notice.body,
    };
    return { status: 200, body: JSON.stringify({ success: true, data }) };
  }
}

/** 2025-04-22T13:58:32+09:00 */
export function kst(ms: number): string {
  return `${new Date(ms + KST_MS).toISOString().slice(0, 19)}+09:00`;
}

/** The title Upbit gives a new market, e.g. 돌핀(POD) 신규 거래지원 안내 (KRW, BTC, USDT 마켓). */
export function listingTitle(name: string, coin: string, quotes: readonly string[]): string {
  return `${name}(${coin}) 신규 거래지원 안내 (${quotes.join(', ')} 마켓)`;
}

function bounded(text: string | null, otherwise: number, most: number): number {
  const value = text === null ? otherwise : Number(text);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, most) : otherwise;
}
