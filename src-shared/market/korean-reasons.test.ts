// Korean for what the recorder says: whole sentences, every number kept, and what is not known left as it came.
import { expect, it } from 'vitest';
import { koreanReason } from './korean-reasons.ts';

const said: readonly [string, string][] = [
  ['the ids of 6656 trades follow each other without a hole', '체결 6656건의 번호가 빠짐없이 이어짐'],
  [
    'lines 0 and 1 both covered the whole window and agree on 6149 trades',
    '회선 0·1이 구간 전체를 수신했고 체결 6149건이 일치함',
  ],
  [
    'gap 8-2978106461334 (sequence, repairing) from 09:02:39.191 to 09:02:42.198 UTC, ids after 2978106461334 and before 2978106461981 lies inside the window',
    '결손 8-2978106461334 (체결 번호 건너뜀, 복구 중) 09:02:39.191~09:02:42.198 UTC, 번호 2978106461334 초과 2978106461981 미만: 구간 안에 있음',
  ],
  [
    'gap 3-1 (disconnect, open) from 09:02:39.191 still growing UTC lies inside the window',
    '결손 3-1 (연결 끊김, 복구 대기) 09:02:39.191 UTC부터 진행 중: 구간 안에 있음',
  ],
  ['history gave 60 trades, 0 of them new', '과거 조회로 체결 60건 수신, 신규 0건'],
  [
    'history gave 60 trades, 0 of them new; the venue gives its newest 60 trades only, which do not reach back to all of it',
    '과거 조회로 체결 60건 수신, 신규 0건; 거래소는 최근 체결 60건만 제공하며, 결손 전체에는 닿지 않음',
  ],
  ['attempt 2: 1 page; the gap is still there', '2차 시도: 1쪽; 결손이 그대로 남아 있음'],
  ['attempt 3: okx REST answered 429', '3차 시도: okx REST answered 429'],
  [
    'attempt 1: 2 pages; candle says 7, stored 8 in 246 trades: more is stored than the venue says',
    '1차 시도: 2쪽; 캔들 7, 저장 8 (체결 246건): 거래소 값보다 많음',
  ],
  [
    "the venue's history reached it until 2026-11-20T09:00:00.000000Z",
    '거래소 과거 조회 가능 기한: 2026-11-20T09:00:00.000000Z',
  ],
  ['history gave 60 trades, 3 of them new, 1 could not be read', '과거 조회로 체결 60건 수신, 신규 3건, 1건 판독 불가'],
  [
    "history gave 60 trades, 3 of them new; 12 ids are missing in the venue's history too",
    '과거 조회로 체결 60건 수신, 신규 3건; 거래소 과거 체결에도 번호 12개가 없음',
  ],
  [
    'history gave 5 trades, 5 of them new, for less than the gap is by now',
    '과거 조회로 체결 5건 수신, 신규 5건; 그사이 커진 결손보다 좁은 범위였음',
  ],
  ['candle says 12.50 in 8 trades, stored 12.4 in 7 trades', '캔들 12.50 (체결 8건), 저장 12.4 (체결 7건)'],
  [
    'candle says nothing, stored 1 in 1 trades: more is stored than the venue says',
    '캔들 없음, 저장 1 (체결 1건): 거래소 값보다 많음',
  ],
  [
    '+12.34 % from the price before the window; up to 0.81 % is usual',
    '구간 이전 가격 대비 +12.34 %; 평소 0.81 % 이내',
  ],
  [
    'never recorded: the settings ask for it, but no line has carried it',
    '수집된 적 없음: 설정에 있으나 수신한 회선이 없음',
  ],
  ['never recorded: the settings do not ask for it', '수집된 적 없음: 설정의 수집 대상이 아님'],
  [
    'never recorded: okx spot has no instrument of ABC that this recorder knows',
    '수집된 적 없음: okx spot에서 ABC 종목을 찾지 못함',
  ],
  [
    'never recorded: no venue is set up and no instrument of ABC is known',
    '수집된 적 없음: 설정된 거래소가 없고 ABC 종목도 찾지 못함',
  ],
  ['the catalog does not know this stream', '카탈로그에 없는 스트림'],
  ['incomplete: okx:spot:ABC-USDT (1 of 3 streams)', '불완전: okx:spot:ABC-USDT (스트림 3개 중 1개)'],
  [
    'unproved: okx:spot:A-USDT, okx:perp:A-USDT and 4 more (6 of 8 streams)',
    '미입증: okx:spot:A-USDT, okx:perp:A-USDT 외 4개 (스트림 8개 중 6개)',
  ],
  ['strange: a (1 of 3 streams)', 'strange: a (1 of 3 streams)'],
  [
    'no line covered 2026-11-20 15:00:00.000 to 2026-11-21 14:59:00.000 UTC',
    '2026-11-20 15:00:00.000~2026-11-21 14:59:00.000 UTC를 수신한 회선이 없음',
  ],
  [
    'gap 3-1 (disconnect, open) from 2026-11-20 23:59:58.000 to 2026-11-21 00:00:02.000 UTC lies inside the window',
    '결손 3-1 (연결 끊김, 복구 대기) 2026-11-20 23:59:58.000~2026-11-21 00:00:02.000 UTC: 구간 안에 있음',
  ],
  ['HTTP 451: not available here', 'HTTP 451: not available here'],
  ['', ''],
];

it.each(said)('%s', (english, korean) => {
  expect(koreanReason(english)).toBe(korean);
});
