// Upbit notices: every known title form, everything that is not a listing, KST times, and titles that mean harm.
import { describe, expect, it } from 'vitest';
import { parseIso } from '../../../src-shared/base/time.ts';
import { workedMs } from '../../../src-shared/base/worked.fixture.ts';
import { upbitNotices } from './notices.ts';

const DETECTED_US = Date.UTC(2026, 10, 20, 9) * 1000;

function notice(title: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    id: 5055,
    uuid: '330345227',
    title,
    category: '거래',
    listed_at: '2025-04-22T13:58:32+09:00',
    first_listed_at: '2025-04-22T13:58:32+09:00',
    need_new_badge: false,
    ...more,
  };
}

function parsed(...notices: readonly unknown[]) {
  const page = { success: true, data: { total_pages: 1, total_count: notices.length, notices, fixed_notices: [] } };
  const result = upbitNotices.parse(Buffer.from(JSON.stringify(page)), DETECTED_US);
  return result.ok ? result.value : [];
}

const listed = (title: string, more?: Readonly<Record<string, unknown>>): Record<string, readonly string[]> =>
  Object.fromEntries(
    parsed(notice(title, more)).flatMap((one) => (one.kind === undefined ? [[one.coin, one.quotes]] : [])),
  );
const updated = (title: string): unknown[] => parsed(notice(title)).map(({ coin, kind }) => [coin, kind]);

describe('titles that list coins', () => {
  it.each([
    ['돌핀(POD) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)', { POD: ['KRW', 'BTC', 'USDT'] }],
    ['뉴메레르(NMR) KRW, USDT 마켓 디지털 자산 추가', { NMR: ['KRW', 'USDT'] }],
    ['BTC, USDT 마켓 신규 거래지원 안내 (CYS, ICNT)', { CYS: ['BTC', 'USDT'], ICNT: ['BTC', 'USDT'] }],
    ['KRW, BTC 마켓 디지털 자산 추가 (ALT, PYTH)', { ALT: ['KRW', 'BTC'], PYTH: ['KRW', 'BTC'] }],
    [
      '라이브피어(LPT)(KRW, USDT 마켓), 포켓네트워크(POKT)(KRW 마켓) 디지털 자산 추가',
      { LPT: ['KRW', 'USDT'], POKT: ['KRW'] },
    ],
    ['Market Support for Dolphin(POD) (KRW, BTC, USDT Market)', { POD: ['KRW', 'BTC', 'USDT'] }],
    ['Market Support for X(XXX) (KRW Markets)', { XXX: ['KRW'] }],
    ['에이(AAA), 비(BBB) 신규 거래지원 안내 (KRW, BTC 마켓)', { AAA: ['KRW', 'BTC'], BBB: ['KRW', 'BTC'] }],
    ['돌핀(POD) 신규 거래지원 안내 (KRW, BTC)', { POD: ['KRW', 'BTC'] }],
    ['돌핀(POD) 신규 거래지원 안내', { POD: [] }],
    ['돌핀（POD） 신규 거래지원 안내 （KRW， BTC 마켓）', { POD: ['KRW', 'BTC'] }],
    ['웜홀(W) 신규 거래지원 안내 (KRW 마켓)', { W: ['KRW'] }],
    ['투지(2Z) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)', { '2Z': ['KRW', 'BTC', 'USDT'] }],
    ['[거래] 돌핀(POD) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 안내)', { POD: ['KRW'] }],
    ['돌핀(POD)   신규거래지원 안내 (KRW마켓)', { POD: ['KRW'] }],
    ['돌핀(POD) KRW/USDT 마켓 디지털자산 추가', { POD: ['KRW', 'USDT'] }],
  ])('%s', (title, coins) => {
    expect(listed(title)).toEqual(coins);
  });
});

describe('titles that list nothing', () => {
  it.each([
    '돌핀(POD) 거래지원 종료 안내 (신규 거래지원 참고)',
    '돌핀(POD) 유의 종목 지정 안내 신규 거래지원',
    '돌핀(POD) 유의종목 신규 거래지원',
    '돌핀(POD) 신규 거래지원 취소 안내 (KRW 마켓)',
    '돌핀(POD) 신규 거래지원 철회 안내 (KRW 마켓)',
    '돌핀(POD) 신규 거래지원 개시 시점 변경 안내 (KRW 마켓)',
    '돌핀(POD) 신규 거래지원 개시 연기 안내 (KRW 마켓)',
    '돌핀(POD) 입출금 일시 중단 안내',
    'Termination of Market Support for Dolphin(POD) (KRW Market)',
    'Market Support for Dolphin(POD) postponed (KRW Market)',
    '신규 거래지원 안내 (KRW, BTC, USDT 마켓)',
    '신규 거래지원 안내 (2025)',
    '신규 거래지원 안내',
    '',
  ])('%s', (title) => {
    expect(listed(title)).toEqual({});
  });

  it('a notice of another category lists nothing', () => {
    expect(listed('돌핀(POD) 신규 거래지원 안내 (KRW 마켓)', { category: '이벤트' })).toEqual({});
    expect(listed('Market Support for X(XXX) (KRW Market)', { category: 'Trade' })).toEqual({ XXX: ['KRW'] });
  });
});

describe('titles that speak of a listing announced before', () => {
  it.each([
    ['돌핀(POD) 신규 거래지원 취소 안내 (KRW 마켓)', 'cancelled'],
    ['돌핀(POD) 신규 거래지원 철회 안내 (KRW 마켓)', 'cancelled'],
    ['돌핀(POD) 신규 거래지원 개시 시점 변경 안내 (KRW 마켓)', 'changed'],
    ['돌핀(POD) 신규 거래지원 개시 연기 안내 (KRW 마켓)', 'changed'],
    ['Market Support for Dolphin(POD) postponed (KRW Market)', 'changed'],
    ['Market Support for Dolphin(POD) cancelled (KRW Market)', 'cancelled'],
  ])('%s', (title, kind) => {
    expect(updated(title)).toEqual([['POD', kind]]);
  });

  it.each([
    '돌핀(POD) 거래지원 종료 안내 (신규 거래지원 참고)',
    '돌핀(POD) 유의 종목 지정 안내 신규 거래지원',
    '돌핀(POD) 입출금 일시 중단 안내',
    'Termination of Market Support for Dolphin(POD) (KRW Market)',
  ])('nothing at all: %s', (title) => {
    expect(updated(title)).toEqual([]);
  });
});

describe('a notice', () => {
  it('becomes a listing with its own clocks and a name that is always the same', () => {
    expect(parsed(notice('돌핀(POD) 신규 거래지원 안내 (KRW 마켓)'))).toEqual([
      {
        id: 'upbit-notice-5055-POD',
        coin: 'POD',
        source: 'notice',
        venue: 'upbit',
        title: '돌핀(POD) 신규 거래지원 안내 (KRW 마켓)',
        url: 'https://upbit.com/service_center/notice?id=5055',
        publishedUs: parseIso('2025-04-22T04:58:32Z'),
        detectedUs: DETECTED_US,
        quotes: ['KRW'],
      },
    ]);
  });

  it('a notice of a change is no listing, also when it was corrected itself', () => {
    const times = { first_listed_at: '2026-11-20T18:00:00+09:00', listed_at: '2026-11-20T18:20:00+09:00' };
    const [read] = parsed(notice('돌핀(POD) 신규 거래지원 개시 시점 변경 안내 (KRW 마켓)', times));
    expect(read).toMatchObject({ kind: 'changed', coin: 'POD' });
  });

  it('keeps its first time when it is edited, and stays a listing when the edit speaks of a change', () => {
    const edited = notice('돌핀(POD) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 변경 안내)', {
      listed_at: '2025-04-22T18:00:00+09:00',
    });
    expect(parsed(edited)[0]).toMatchObject({
      id: 'upbit-notice-5055-POD',
      publishedUs: parseIso('2025-04-22T13:58:32+09:00'),
    });
  });

  it('without a readable time was published when it was seen; a time without zone is KST', () => {
    const title = '돌핀(POD) 신규 거래지원 안내 (KRW 마켓)';
    expect(parsed(notice(title, { first_listed_at: 'x', listed_at: null }))[0]?.publishedUs).toBe(DETECTED_US);
    expect(parsed(notice(title, { first_listed_at: '2025-04-22T13:58:32' }))[0]?.publishedUs).toBe(
      parseIso('2025-04-22T04:58:32Z'),
    );
    expect(parsed(notice(title, { first_listed_at: undefined }))[0]?.publishedUs).toBe(
      parseIso('2025-04-22T04:58:32Z'),
    );
  });

  it('comes in the order of the page, once, pinned ones after', () => {
    const a = notice('에이(AAA) 신규 거래지원 안내 (KRW 마켓)', { id: 2 });
    const b = notice('비(BBB) 신규 거래지원 안내 (KRW 마켓)', { id: 1 });
    const page = {
      success: true,
      data: { notices: [a, b], fixed_notices: [b, notice('씨(CCC) 신규 거래지원 안내', { id: 3 })] },
    };
    const result = upbitNotices.parse(Buffer.from(JSON.stringify(page)), DETECTED_US);
    expect(result.ok && result.value.map((one) => one.id)).toEqual([
      'upbit-notice-2-AAA',
      'upbit-notice-1-BBB',
      'upbit-notice-3-CCC',
    ]);
  });
});

describe('the page', () => {
  it('is asked for with its ETag', () => {
    expect(upbitNotices.request(null)).toEqual({
      method: 'GET',
      path: '/api/v1/announcements?os=web&page=1&per_page=20&category=trade',
      headers: { Accept: 'application/json' },
      weight: 1,
    });
    expect(upbitNotices.request('W/"x"').headers).toEqual({ Accept: 'application/json', 'If-None-Match': 'W/"x"' });
  });

  it.each([
    '',
    '<html>403</html>',
    '[]',
    '{"success":false,"data":{"notices":[]}}',
    '{"success":true,"data":null}',
    '{"success":true,"data":{"notices":{}}}',
  ])('that is no page is a failure: %s', (text) => {
    expect(upbitNotices.parse(Buffer.from(text), DETECTED_US)).toMatchObject({
      ok: false,
      failure: { code: 'notices.reply', retry: true },
    });
  });

  it('is harmless whatever it holds', () => {
    const good = notice('돌핀(POD) 신규 거래지원 안내 (KRW 마켓)');
    expect(
      parsed(null, 1, [], {}, { id: 'x', title: 'x' }, { id: 1, title: {} }, { ...good, id: -1 }, { ...good, id: 1.5 }),
    ).toEqual([]);
    const hostile = [
      '../../etc/passwd(POD) 신규 거래지원 안내',
      '<img src=x onerror=alert(1)>(POD) 신규 거래지원 안내',
      '"; DROP TABLE listing; --(POD) 신규 거래지원 안내',
      '\u202e돌핀\u0000(POD)\r\n 신규 거래지원 안내',
    ];
    for (const title of hostile) {
      const [listing, ...rest] = parsed(notice(title));
      expect([listing?.id, listing?.url, rest.length]).toEqual([
        'upbit-notice-5055-POD',
        'https://upbit.com/service_center/notice?id=5055',
        0,
      ]);
      expect(listing?.title).not.toMatch(/\p{C}/u);
    }
    expect(listed('(../..) 신규 거래지원 안내 (a b) (POD;x) (<B>)')).toEqual({});
  });

  it('reads titles of any length in no time', () => {
    const long = [
      '('.repeat(100_000),
      'KRW, '.repeat(20_000),
      `${'(A1)'.repeat(20_000)}`,
      'KRW          '.repeat(9000),
      '신규 '.repeat(9000),
    ];
    const began = process.threadCpuUsage();
    for (const part of long) expect(parsed(notice(`신규 거래지원 ${part}`)).length).toBeLessThanOrEqual(50);
    expect(workedMs(began)).toBeLessThan(500);
  });
});
