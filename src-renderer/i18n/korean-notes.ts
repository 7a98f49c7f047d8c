// What the recorder says of its lines and its work, in Korean. It writes English, which stays on disk: here its sentences are known by their form.
// What a venue or the system said inside of one, and a sentence that is not known, stay as they came.
import type { Verdict } from '../../src-shared/market/gap.ts';
import { koreanReason, koreanVerdicts } from '../../src-shared/market/korean-reasons.ts';

type Form = readonly [english: RegExp, korean: (...found: string[]) => string];

const forms: readonly Form[] = [
  // Extracts.
  [/^(\d+) trades?(?:, (.*))?$/, (n, rest) => [`체결 ${n}건`, ...(rest ? [each(rest)] : [])].join(', ')],
  [
    /^(\S+) around (\S+): (\d+) trades?, ([a-z]+), in (.*)$/,
    (coin, at, n, verdict, folder) => `${coin} ${at} 전후: 체결 ${n}건, ${verdictWord(verdict)}, ${folder}`,
  ],
  [
    /^(proven|covered|unproved|incomplete): (.*?)(?: and (\d+) more)? \((\d+) of (\d+) streams\)$/,
    (verdict, names, more, part, whole) =>
      `${verdictWord(verdict)}: ${names}${more ? ` 외 ${more}개` : ''} (스트림 ${whole}개 중 ${part}개)`,
  ],
  [/^cancelled; nothing was written$/, () => '취소됨, 작성한 것 없음'],
  [/^the window is over in (.*)$/, (left) => `구간이 끝나기까지 ${span(left)}`],
  [/^the store is reading the last frames of the window$/, () => '저장소가 구간의 마지막 프레임을 읽는 중'],
  [
    /^a line has been silent since the window: waiting for its sign of life$/,
    () => '구간 이후 조용한 회선이 있어 수신을 기다리는 중',
  ],
  [
    /^(\d+) streams are compared with the venue's newest trades$/,
    (n) => `스트림 ${n}개를 거래소 최근 체결과 대조하는 중`,
  ],
  [/^(\d+) open gaps? inside the window (?:is|are) being asked for$/, (n) => `구간 안의 결손 ${n}건을 조회하는 중`],
  [/^reading(?: (\d+) streams)?$/, (n) => (n ? `스트림 ${n}개를 읽는 중` : '읽는 중')],
  [/^writing the trades$/, () => '체결을 쓰는 중'],
  [/^checking and drawing$/, () => '검사하고 그리는 중'],
  [/^publishing the folder$/, () => '폴더를 내놓는 중'],
  // Lines.
  [/^symbol list: (.*)$/, (why) => `종목 목록을 읽지 못함: ${why}`],
  [/^not in the venue's list: (.*)$/, (names) => `거래소 목록에 없음: ${names}`],
  [/^no symbol of the venue matches the settings$/, () => '설정에 맞는 종목이 거래소에 없음'],
  [/^(\d+) refused, (\S+): (.*)$/, (n, symbol, why) => `${n}개 거절됨, ${symbol}: ${why}`],
  [/^renewal failed: (.*)$/, (why) => `갱신 실패: ${koreanNote(why)}`],
  [/^halted: (.*)$/, (why) => `수집 중단: ${koreanNote(why)}`],
  [/^renewed: (.*)$/, (why) => `갱신: ${koreanNote(why)}`],
  [/^age$/, () => '수명 한도'],
  [/^asked for$/, () => '직접 요청'],
  [/^stopped by hand$/, () => '수동 정지'],
  [/^the settings changed$/, () => '설정 변경'],
  [/^the computer slept$/, () => '컴퓨터 절전'],
  [/^no frame for (\d+) ms$/, (ms) => `${ms} ms 동안 수신 없음`],
  [/^no answer to a ping for (\d+) ms$/, (ms) => `${ms} ms 동안 핑 응답 없음`],
  [/^the venue did not say within (\d+) ms that it is ready$/, (ms) => `거래소가 ${ms} ms 안에 준비를 알리지 않음`],
  [/^no frame since the renewal began \((.*)\)$/, (why) => `갱신을 시작한 뒤 수신 없음 (${koreanNote(why)})`],
  [
    /^silent on (\d+) symbols that the other line delivers, (\S+) for one$/,
    (n, symbol) => `다른 회선이 받는 종목 ${n}개가 조용함, 예: ${symbol}`,
  ],
  [/^behind: (.*)$/, (why) => `뒤처짐: ${koreanNote(why)}`],
  [/^brings less than half of what the other line brings$/, () => '다른 회선이 받는 양의 절반도 받지 못함'],
  // Repairs.
  [/^automatic repair$/, () => '자동 복구'],
  [/^gap (\S+)$/, (id) => `결손 ${id}`],
  [/^(\d+) gaps$/, (n) => `결손 ${n}건`],
  [/^every open gap$/, () => '열린 결손 전체'],
  [
    /^gaps of (all streams|\S+)(?: from (\S+))?(?: to (\S+))?$/,
    (stream, from, to) =>
      `${stream === 'all streams' ? '전체 스트림' : stream}의 결손${from || to ? ` ${from}~${to}` : ''}`,
  ],
  // Alerts.
  [
    /^(\d+) gaps? ended within ten minutes without all of (?:its|their) trades; in all (\d+) are filled in part and (\d+) are out of the venue's reach: see the (?:missing|unrepaired) ones under Gaps$/,
    (n, partial, beyond) =>
      `10분 안에 결손 ${n}건이 체결을 다 채우지 못하고 종료됨; 전체로는 일부 복구 ${partial}건, 조회 범위 밖 ${beyond}건: 결손 화면의 누락 목록 참조`,
  ],
  [
    /^(\d+) unrepaired; the first that can soon not be asked for any more: (.*)$/,
    (n, name) => `미복구 ${n}건; 조회 기한이 가장 가까운 것: ${name}`,
  ],
  [
    /^(\d+) frames that no decoder could read went to quarantine within ten minutes$/,
    (n) => `10분 안에 해석할 수 없는 프레임 ${n}개가 격리됨`,
  ],
  [/^this computer's clock is (\d+) ms ahead of the venues$/, (ms) => `이 컴퓨터의 시계가 거래소보다 ${ms} ms 빠름`],
  [/^this computer's clock is (\d+) ms behind the venues$/, (ms) => `이 컴퓨터의 시계가 거래소보다 ${ms} ms 느림`],
  [
    /^the store is (\d+) s behind the journal; what was received is safe, but not to be queried yet$/,
    (s) => `저장소가 저널보다 ${s}초 늦음; 수신한 것은 안전하나 아직 조회할 수 없음`,
  ],
  [
    /^what is received is safe on disk only after (\d+) ms \(p99\)$/,
    (ms) => `수신한 것이 ${ms} ms 뒤에야 디스크에 안전하게 기록됨 (p99)`,
  ],
  [/^no word from (\S+) for (\d+) s$/, (name, s) => `${name}: ${s}초 동안 응답 없음`],
  // The store.
  [/^store ready at frame (\d+)$/, (n) => `저장소 준비됨, 프레임 ${n}까지`],
];

function verdictWord(word: string): string {
  return word in koreanVerdicts ? koreanVerdicts[word as Verdict] : word;
}

/** 2 h 11 m. */
function span(text: string): string {
  return text.replace(/ h\b/, '시간').replace(/ m\b/, '분').replace(/ s\b/, '초');
}

function each(text: string): string {
  return text.split('; ').map(koreanNote).join('; ');
}

/** A note in Korean; as it came where it is not known. */
export function koreanNote(text: string): string {
  for (const [english, korean] of forms) {
    const found = english.exec(text);
    if (found) return korean(...found.slice(1).map((part) => part ?? ''));
  }
  return koreanReason(text);
}
