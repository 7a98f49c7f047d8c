// What the recorder says of a verdict or a gap, in Korean. The recorder writes English, into manifests that people keep: here each of its sentences
// is known by its form. A sentence that is not known stays as it is, never half translated.
import type { GapCause, GapState, Verdict } from './gap.ts';

/** Names of causes and states, as the screen has them too. */
export const koreanCauses: Readonly<Record<GapCause, string>> = {
  sequence: '체결 번호 건너뜀',
  disconnect: '연결 끊김',
  unacknowledged: '구독 미확인',
  silent: '무응답',
  halt: '수집 중단',
  'stopped-by-hand': '수동 정지',
  'process-down': '프로세스 중단',
  'host-asleep': '절전 모드',
  overflow: '메모리 초과',
  'journal-damage': '저널 손상',
  unreadable: '해석할 수 없는 프레임',
  volume: '거래량 불일치',
  history: '어느 회선에도 오지 않은 체결이 거래소 이력에 있음',
};

export const koreanGapStates: Readonly<Record<GapState, string>> = {
  open: '복구 대기',
  repairing: '복구 중',
  repaired: '복구됨',
  partial: '일부 복구',
  unrecoverable: '복구 불가',
  'venue-hole': '거래소 자체 공백',
};

export const koreanVerdicts: Readonly<Record<Verdict, string>> = {
  proven: '완전 입증',
  covered: '교차 확인',
  unproved: '미입증',
  incomplete: '불완전',
};

/** A time of day, with its date where what is told does not lie on one day. */
const CLOCK = String.raw`(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+`;
const COUNT = String.raw`\d+(?:\.\d+)?`;

type Form = readonly [english: RegExp, korean: (...found: string[]) => string];

/** `<n>`: a count, `<t>`: a time, `<x>`: a word, `<.>`: anything; a word in parentheses may be there. */
function form(pattern: string, korean: (...found: string[]) => string): Form {
  const source = pattern
    .replaceAll(/[.*+?^$[\]\\]/g, (sign) => (sign === '?' ? sign : `\\${sign}`))
    .replaceAll('<n>', `(${COUNT})`)
    .replaceAll('<t>', `(${CLOCK})`)
    .replaceAll('<x>', String.raw`(\S+)`)
    .replaceAll('<\\.>', '(.*)');
  return [new RegExp(`^${source}$`), korean];
}

const forms: readonly Form[] = [
  form('the ids of <n> trades? follow each other without a hole', (n) => `체결 ${n}건의 번호가 빠짐없이 이어짐`),
  form(
    "no trade was printed: the venue's ids go on without a hole across the window",
    () => '구간 안에 체결 없음: 앞뒤 체결 번호가 빠짐없이 이어짐',
  ),
  form('no trade came in this window', () => '구간 안에 수신된 체결 없음'),
  form(
    'no id beyond <.> UTC is known yet; there lines <.> both covered the stream',
    (times, lines) => `${spans(times)} UTC 바깥의 체결 번호를 아직 모름. 그 사이 회선 ${and(lines)}이 모두 수신함`,
  ),
  form(
    "no id beyond <.> UTC is known yet; there line <n> covered the stream, and its minutes equal the venue's own",
    (times, n) =>
      `${spans(times)} UTC 바깥의 체결 번호를 아직 모름. 그 사이 회선 ${n}이 수신했고 분 단위 합계가 거래소와 일치함`,
  ),
  form(
    'no id beyond <.> UTC is known yet; there line <n> alone covered the stream',
    (times, n) => `${spans(times)} UTC 바깥의 체결 번호를 아직 모름. 그 사이 회선 ${n}만 수신함`,
  ),
  form(
    'no id beyond <.> UTC is known yet; there no single line covered the stream',
    (times) => `${spans(times)} UTC 바깥의 체결 번호를 아직 모름. 그 사이 전체를 수신한 단일 회선이 없음`,
  ),
  // Of manifests of before.
  form(
    "no trade was printed: the venue's ids go on without a hole across the window, or a line covered all of it",
    () => '구간 안에 체결 없음: 앞뒤 체결 번호가 이어지거나, 한 회선이 구간 전체를 수신함',
  ),
  form(
    'the hours of this window are not sealed yet, and hot hours were not read',
    () => '이 구간의 시간대가 아직 확정되지 않았고, 확정 전 데이터는 읽지 않음',
  ),
  form('the instrument was not traded in this window', () => '이 구간에는 거래되지 않은 종목'),
  form(
    'what was received last cannot be written to the store at present',
    () => '마지막으로 수신한 체결을 지금 저장소에 쓸 수 없음',
  ),
  form(
    'the window is not over yet: the store has read until <t> UTC, <n> s are missing',
    (t, n) => `구간이 아직 끝나지 않음: 저장소가 ${t} UTC까지 처리했고 ${n}초 남음`,
  ),
  form(
    "the minute <t> UTC differs from the venue's candle: <.>",
    (t, rest) => `${t} UTC의 1분이 거래소 캔들과 다름: ${one(rest)}`,
  ),
  form("<n> trades? came from the venue's history alone", (n) => `체결 ${n}건은 거래소 과거 조회로만 확보`),
  form(
    'the venue lists the instrument at <t> UTC, inside or after the window',
    (t) => `거래소 상장 시각 ${t} UTC: 구간 안 또는 이후`,
  ),
  form(
    "the venue's list did not hold it as trading until <t> UTC",
    (t) => `${t} UTC까지 거래소 목록에서 거래 중이 아니었음`,
  ),
  form("the venue's list no longer holds it since <t> UTC", (t) => `${t} UTC부터 거래소 목록에 없음`),
  form(
    'never recorded: no line covered this stream near the window and no trade of it is stored',
    () => '수집된 적 없음: 구간 부근에 수신한 회선도, 저장된 체결도 없음',
  ),
  form(
    'never recorded: the settings ask for it, but no line has carried it',
    () => '수집된 적 없음: 설정에 있으나 수신한 회선이 없음',
  ),
  form('never recorded: the settings do not ask for it', () => '수집된 적 없음: 설정의 수집 대상이 아님'),
  form(
    'never recorded: <x> <x> has no instrument of <x> that this recorder knows',
    (venue, market, coin) => `수집된 적 없음: ${venue} ${market}에서 ${coin} 종목을 찾지 못함`,
  ),
  form(
    'never recorded: no venue is set up and no instrument of <x> is known',
    (coin) => `수집된 적 없음: 설정된 거래소가 없고 ${coin} 종목도 찾지 못함`,
  ),
  form('the catalog does not know this stream', () => '카탈로그에 없는 스트림'),
  form(
    '<n> ids? between those that are stored are missing, and no gap says why',
    (n) => `저장된 번호 사이에 ${n}개가 빠졌고, 설명하는 결손이 없음`,
  ),
  form(
    'no line covered <t> to <t> UTC, and no id beyond it is known',
    (a, b) => `${a}~${b} UTC를 수신한 회선이 없고, 그 너머의 번호도 모름`,
  ),
  form('no line covered <t> to <t> UTC', (a, b) => `${a}~${b} UTC를 수신한 회선이 없음`),
  form(
    'lines <.> both covered the whole window and agree on <n> trades?',
    (lines, n) => `회선 ${and(lines)}이 구간 전체를 수신했고 체결 ${n}건이 일치함`,
  ),
  form(
    "lines? <.> covered the whole window unbroken, and what is stored of its <n> minutes? holds every trade of the venue's own pages",
    (lines, n) => `회선 ${and(lines)}이 구간 전체를 끊김 없이 수신했고, ${n}분의 저장분에 거래소 조회 체결이 모두 있음`,
  ),
  form(
    "lines? <.> covered the whole window unbroken, and what is stored of its <n> minutes? equals the venue's own candles",
    (lines, n) => `회선 ${and(lines)}이 구간 전체를 끊김 없이 수신했고, ${n}분의 저장분이 거래소 캔들과 일치함`,
  ),
  form(
    "<n> minutes? of <n> not yet found equal to the venue's candles",
    (a, b) => `${b}분 중 ${a}분은 아직 거래소 캔들과 대조되지 않음`,
  ),
  form(
    "<n> minutes? of <n> not yet found equal to the venue's pages",
    (a, b) => `${b}분 중 ${a}분은 아직 거래소 조회 체결과 대조되지 않음`,
  ),
  form(
    "<n> trades? of the venue's history reached no line, though both were open",
    (n) => `두 회선이 열려 있었는데도 거래소 과거 체결 ${n}건이 어느 회선에도 오지 않음`,
  ),
  form('<n> trades? of <n> reached one line only', (a, b) => `체결 ${b}건 중 ${a}건은 한 회선에만 도착함`),
  form(
    'line <n> covered the whole window unbroken; no second line confirms it',
    (n) => `회선 ${n}이 구간 전체를 끊김 없이 수신했으나 확인할 둘째 회선이 없음`,
  ),
  form(
    'no single line covered the whole window, but together they left no hole',
    () => '구간 전체를 수신한 단일 회선은 없으나, 합치면 빈 곳이 없음',
  ),
  form("this venue's ids do not prove completeness", () => '이 거래소의 체결 번호로는 누락 여부를 입증할 수 없음'),
  form(
    "<n> streams could not be compared with the venue's newest trades in <n> s",
    (n, s) => `${n}개 스트림을 ${s}초 안에 거래소 최근 체결과 대조하지 못함`,
  ),
  form(
    '<n> of <n> gaps were still open <n> s after they were asked for; a later repair writes a new version',
    (a, b, s) => `결손 ${b}건 중 ${a}건은 조회 ${s}초 후에도 복구 대기: 나중에 복구되면 새 버전이 작성됨`,
  ),
  form('nothing is being recorded; the last record is of <.>', (at) => `수집 중이 아님: 마지막 기록 ${at}`),
  form(
    'the store was still reading the journal of this window after <n> s',
    (s) => `${s}초 후에도 저장소가 이 구간의 저널을 읽는 중이었음`,
  ),
  form(
    '<x> % from the price before the window; up to <x> % is usual',
    (a, b) => `구간 이전 가격 대비 ${a} %; 평소 ${b} % 이내`,
  ),
  form('<n> trades within a second; up to <n> are usual', (a, b) => `1초에 체결 ${a}건; 평소 ${b}건 이내`),
  form('history gave <n> trades, <n> of them new<.>', (a, b, rest) => {
    const more = /^(?:, (\d+) could not be read)?(?: \((.*)\))?$/.exec(rest);
    if (!more) return '';
    return `과거 조회로 체결 ${a}건 수신, 신규 ${b}건${more[1] ? `, ${more[1]}건 판독 불가` : ''}${more[2] ? ` (${more[2]})` : ''}`;
  }),
  form(
    'the venue gives its newest <n> trades only, which do not reach back to all of it',
    (n) => `거래소는 최근 체결 ${n}건만 제공하며, 결손 전체에는 닿지 않음`,
  ),
  form("the venue's history does not reach back to all of it", () => '거래소 과거 체결이 결손 전체에는 닿지 않음'),
  form(
    "the venue's history ended inside the gap after <n> pages?",
    (n) => `거래소 과거 체결이 ${n}쪽 만에 결손 안에서 끝남`,
  ),
  form("the venue's history reached it until <x>", (at) => `거래소 과거 조회 가능 기한: ${at}`),
  form(
    '<x> <x> offers no history to fill it from',
    (venue, market) => `${venue} ${market}: 채울 과거 체결이 제공되지 않음`,
  ),
  form('the gap is still there', () => '결손이 그대로 남아 있음'),
  // What an attempt ran into are the venue's words.
  form('attempt <n>: <n> pages?<.>', (n, pages, rest) => {
    const more = rest === '' ? '' : rest.startsWith(', ') ? ` (${rest.slice(2)})` : null;
    return more === null ? '' : `${n}차 시도: ${pages}쪽${more}`;
  }),
  [/^attempt (\d+): ((?:(?!; ).)+)$/, (n, why) => `${n}차 시도: ${why}`],
  form('<n> ids are missing', (n) => `번호 ${n}개 누락`),
  form("<n> ids are missing in the venue's history too", (n) => `거래소 과거 체결에도 번호 ${n}개가 없음`),
  form('for less than the gap is by now', () => '그사이 커진 결손보다 좁은 범위였음'),
  form('the venue gives no history', () => '거래소가 과거 체결을 제공하지 않음'),
  form(
    'the trades that the venue gave at subscribing reach back before it',
    () => '구독 시 거래소가 보낸 체결이 결손 이전까지 이어짐',
  ),
  form(
    "<n> trades? of the venue's page had reached no line",
    (n) => `거래소 조회 체결 ${n}건이 어느 회선에도 오지 않았음`,
  ),
  form(
    'a gap in this minute could not be filled, and without ids nothing says that the rest is whole',
    () => '이 1분의 결손을 채울 수 없고, 번호가 없어 나머지도 온전한지 알 수 없음',
  ),
  form('candle says <.>, stored <.>', (candle, stored) => {
    const sum = (text: string): string =>
      text
        .replace(/^nothing$/, '없음')
        .replace(/ in (\d+) trades/, ' (체결 $1건)')
        .replace(/: more is stored than the venue says$/, ': 거래소 값보다 많음');
    return `캔들 ${sum(candle)}, 저장 ${sum(stored)}`;
  }),
];

const gapForm = new RegExp(
  `^gap (\\S+) \\(([a-z-]+), ([a-z-]+)\\) from (${CLOCK}) (?:to (${CLOCK})|still growing) UTC(?:, ids after (\\S+) and before (\\S+))?( lies inside the window|: the sum is right now|: filled from the venue's history|: the venue itself has no trades with these ids)$`,
);
const gapTails: Readonly<Record<string, string>> = {
  ' lies inside the window': '구간 안에 있음',
  ': the sum is right now': '지금은 합계가 일치함',
  ": filled from the venue's history": '거래소 과거 체결로 채움',
  ': the venue itself has no trades with these ids': '거래소에도 이 번호의 체결이 없음',
};

/** Spans of time, several with "and". */
function spans(times: string): string {
  return times.replaceAll(' to ', '~').replaceAll(' and ', ', ');
}

function and(lines: string): string {
  return lines.replaceAll(' and ', '·');
}

function gapSentence(text: string): string | null {
  const found = gapForm.exec(text);
  if (!found) return null;
  const [, id = '', cause = '', state = '', from = '', to, after, before, tail = ''] = found;
  if (!(cause in koreanCauses) || !(state in koreanGapStates)) return null;
  const ids = after === undefined ? '' : `, 번호 ${after} 초과 ${before} 미만`;
  const span = to === undefined ? `${from} UTC부터 진행 중` : `${from}~${to} UTC`;
  return `결손 ${id} (${koreanCauses[cause as GapCause]}, ${koreanGapStates[state as GapState]}) ${span}${ids}: ${gapTails[tail]}`;
}

/** What is said of several streams together: the weakest word and those that it is about. */
function summarySentence(text: string): string | null {
  const found = /^([a-z]+): (\S.*?)(?: and (\d+) more)? \((\d+) of (\d+) streams\)$/.exec(text);
  if (!found) return null;
  const [, verdict = '', names = '', more, named = '', all = ''] = found;
  if (!(verdict in koreanVerdicts)) return null;
  return `${koreanVerdicts[verdict as Verdict]}: ${names}${more ? ` 외 ${more}개` : ''} (스트림 ${all}개 중 ${named}개)`;
}

function one(text: string): string {
  const whole = gapSentence(text) ?? summarySentence(text);
  if (whole !== null) return whole;
  for (const [english, korean] of forms) {
    const found = english.exec(text);
    const said = found ? korean(...found.slice(1).map((part) => part ?? '')) : '';
    if (said !== '') return said;
  }
  return text;
}

/** A reason or a piece of evidence in Korean; as it came where it is not known. */
export function koreanReason(text: string): string {
  const whole = one(text);
  if (whole !== text) return whole;
  // Evidence may be several findings, one after another.
  for (const sign of ['; ', ', ']) {
    const parts = text.split(sign);
    const said = parts.map(one);
    if (parts.length > 1 && said.every((part, at) => part !== parts[at])) return said.join('; ');
  }
  const at = text.lastIndexOf(', for less than');
  return at > 0 ? `${one(text.slice(0, at))}; ${one(text.slice(at + 2))}` : text;
}
