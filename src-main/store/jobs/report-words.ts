// The words of report.html in English and Korean. The page holds both and shows one: a person chooses on the page, without any script.
// Promises: everything that goes through here is escaped.
import { koreanVerdicts } from '../../../src-shared/market/korean-reasons.ts';
import { LEAST_PAST_SECONDS, MOVE_PERCENT, PAST_SECONDS } from '../../../src-shared/market/pump.ts';
import { escapeHtml } from './report-picture.ts';

export type Language = 'en' | 'ko';

/** One text in both languages. */
export type Pair = readonly [en: string, ko: string];

/** HTML that shows the one of the chosen language. */
export function both([en, ko]: Pair): string {
  if (en === ko) return escapeHtml(en);
  return `<span lang="en">${escapeHtml(en)}</span><span lang="ko">${escapeHtml(ko)}</span>`;
}

export const verdictPairs: Readonly<Record<'proven' | 'covered' | 'unproved' | 'incomplete', Pair>> = {
  proven: ['proven', koreanVerdicts.proven],
  covered: ['covered', koreanVerdicts.covered],
  unproved: ['unproved', koreanVerdicts.unproved],
  incomplete: ['incomplete', koreanVerdicts.incomplete],
};

export const verdictMeanings: typeof verdictPairs = {
  proven: ['ids are contiguous: nothing is missing', '체결 번호가 연속되어 누락이 없음'],
  covered: [
    'two lines agree, or one unbroken line whose minutes equal the venue’s own sums',
    '두 회선이 일치하거나, 끊김 없는 한 회선의 분당 합계가 거래소 집계와 일치함',
  ],
  unproved: ['nothing known to be missing, but nothing confirms it', '알려진 결손은 없으나 대조로 확인되지 않음'],
  incomplete: [
    'a gap is open or cannot be filled, or it was not recorded',
    '복구 대기·복구 불가 결손이 있거나 수집되지 않음',
  ],
};

export const words = {
  version: ['Version', '버전'],
  written: ['written', '작성'],
  trades: ['Trades', '체결 수'],
  highest: ['Highest peak', '최고 상승'],
  firstMover: ['Moved first', '최초 반응'],
  next: ['next', '다음'],
  firstTrade: ['First trade after t0', 't0 후 첫 체결'],
  volume: ['Most volume against the past', '최대 거래량 배수'],
  noticeAfter: ['Notice seen after', '공지 감지 지연'],
  noticeWhat: ['detected minus published', '감지 시각 − 공지 시각'],
  noTrade: ['No trade lies inside the window.', '구간 안에 체결이 없습니다.'],
  picture: ['Percent of the first price in the window', '구간 첫 가격 대비 등락률 (%)'],
  marks: [
    'Triangles: first abnormal tick of each instrument. Dashed line: t0.',
    '삼각형: 종목별 최초 이상 체결. 점선: t0.',
  ],
  who: ['Who moved first', '누가 먼저 움직였나'],
  nobody: [
    'No instrument moved beyond what its past explains, or none has enough of a past.',
    '과거 변동을 벗어난 종목이 없거나, 비교할 과거가 부족합니다.',
  ],
  byAbnormal: ['by the first abnormal tick', '최초 이상 체결 기준'],
  byMove: [`by the first trade ${MOVE_PERCENT} % away`, `최초 ${MOVE_PERCENT} % 이탈 체결 기준`],
  instrument: ['Instrument', '종목'],
  at: ['At', '시각'],
  lag: ['Lag, venues’ clocks', '지연 (거래소 시각)'],
  recvLag: ['Lag, our clock', '지연 (수신 시각)'],
  why: ['Why', '근거'],
  figures: ['What each instrument did', '종목별 수치'],
  verdict: ['Verdict', '판정'],
  tradesAfter: ['Trades from t0', 't0 이후 체결'],
  base: ['Base price', '기준가'],
  runUp: ['Before t0', 't0 이전'],
  peak: ['Peak', '최고'],
  timeToPeak: ['Time to peak', '최고까지'],
  low: ['Low', '최저'],
  last: ['Last', '마지막'],
  volumeTimes: ['Volume ×', '거래량 배수'],
  buyShare: ['Buy share', '매수 비중'],
  turnover: ['Turnover', '거래대금'],
  notRecorded: ['Not asked for and not in this extract', '수집 대상이 아니어서 포함되지 않은 종목'],
  evidence: ['Evidence', '판정 근거'],
  gaps: ['Gaps', '결손'],
  noGap: ['No gap touches the window.', '이 구간에 걸친 결손이 없습니다.'],
  gap: ['Gap', '결손'],
  stream: ['Stream', '스트림'],
  cause: ['Cause, state', '원인, 상태'],
  unseen: ['Unseen', '보지 못한 구간'],
  growing: ['still growing', '진행 중'],
  clocks: ['Clocks', '시각'],
  clock: ['Clock', '항목'],
  time: ['Time', '시각'],
  t0: ['Around (t0)', '기준 시각 (t0)'],
  published: ['Published by the venue', '거래소 공지 시각'],
  detected: ['Detected by this recorder', '이 수집기의 감지 시각'],
  firstAbnormal: ['First abnormal tick', '최초 이상 체결'],
  from: ['Window, from (inclusive)', '구간 시작 (포함)'],
  to: ['Window, to (exclusive)', '구간 끝 (제외)'],
  each: ['Price and volume of each instrument', '종목별 가격과 거래량'],
  files: ['Files', '파일'],
  file: ['File', '파일'],
  rows: ['Rows', '행'],
  bytes: ['Bytes', '바이트'],
  definitions: ['Definitions', '정의'],
  short: ['short past', '짧은 과거'],
} as const satisfies Record<string, Pair>;

/** What the figures mean: a term and its definition. */
export const definitions: readonly (readonly [Pair, Pair])[] = [
  [
    ['Times', '시각'],
    [
      'Each trade stands at its venue’s own time. Venues’ clocks differ by milliseconds up to tens of them, so a smaller lag says nothing; the lag by our clock compares when the trades reached this recorder.',
      '모든 체결은 거래소가 밝힌 시각에 놓입니다. 거래소 시계는 수–수십 밀리초씩 다르므로 그보다 작은 차이는 의미가 없습니다. 수신 시각 기준 지연은 체결이 이 수집기에 도착한 순서입니다.',
    ],
  ],
  [
    words.firstAbnormal,
    [
      'The first tick of the window whose price, or number of trades within a second, the instrument’s five minutes before the window do not explain (eight robust deviations). An instrument without such a past has none.',
      '구간 이전 5분의 움직임으로 설명되지 않는 가격 또는 초당 체결 수를 보인 첫 체결(강건 편차의 8배). 비교할 과거가 없는 종목에는 없습니다.',
    ],
  ],
  [
    [`Move of ${MOVE_PERCENT} %`, `${MOVE_PERCENT} % 이탈`],
    [
      `The first trade at least ${MOVE_PERCENT} % away from the instrument’s first price in the window.`,
      `구간 첫 가격에서 ${MOVE_PERCENT} % 이상 벗어난 첫 체결.`,
    ],
  ],
  [
    ['Lead and lag', '선행·지연'],
    [
      'The instrument that moved first leads; the lag of each other one is its own first move minus that.',
      '가장 먼저 움직인 종목이 선행이며, 나머지의 지연은 각자의 최초 반응 시각에서 그 시각을 뺀 값입니다.',
    ],
  ],
  [
    words.base,
    [
      'The last trade before t0; marked * where there is none: then the first trade from t0 on.',
      't0 직전의 마지막 체결가. 없으면 t0 이후 첫 체결가이며 *로 표시합니다.',
    ],
  ],
  [
    words.runUp,
    [
      'The base price against the first price in the window: what had moved before the announcement.',
      '구간 첫 가격 대비 기준가: 공지 전에 이미 움직인 폭.',
    ],
  ],
  [
    ['Peak, low, last', '최고·최저·마지막'],
    [
      'Highest and lowest price from t0 to the window’s end, and its last price, against the base price. Time to peak: from t0 to the first trade at the highest price.',
      't0부터 구간 끝까지의 최고·최저가와 마지막 가격을 기준가와 비교한 값. 최고까지: t0부터 최고가 첫 체결까지 걸린 시간.',
    ],
  ],
  [
    words.volumeTimes,
    [
      `Volume per second from t0 to the window’s end, divided by that of the ${PAST_SECONDS} seconds before the window, counting only seconds that were recorded (at least ${LEAST_PAST_SECONDS}).`,
      `t0부터 구간 끝까지의 초당 거래량을 구간 직전 ${PAST_SECONDS}초의 초당 거래량으로 나눈 값. 수집된 초만 셉니다(최소 ${LEAST_PAST_SECONDS}초).`,
    ],
  ],
  [
    words.buyShare,
    ['Share of the volume from t0 on whose taker bought.', 't0 이후 거래량 가운데 매수 체결(테이커 매수)의 비중.'],
  ],
  [
    words.verdict,
    [
      'proven: ids contiguous. covered: two lines agree, or one unbroken line whose minutes equal the venue’s own sums. unproved: nothing is known to be missing, but one line alone, lines that differ or a break that was filled prove nothing. incomplete: an open or unfillable gap, or never recorded.',
      '완전 입증: 체결 번호 연속. 교차 확인: 두 회선 일치, 또는 끊김 없는 한 회선의 분당 합계가 거래소 집계와 일치. 미입증: 알려진 결손은 없으나 한 회선뿐이거나, 회선끼리 다르거나, 끊김을 나중에 메워 입증되지 않음. 불완전: 복구 대기·복구 불가 결손 또는 미수집.',
    ],
  ],
];
