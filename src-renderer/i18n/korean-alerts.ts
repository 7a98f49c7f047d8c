// Korean for the notes of alerts and of the processes' lives. A process's last words stay as it wrote them.
import { koreanLineStates } from './korean-lines.ts';
import type { Form, Say } from './korean-notes.ts';

const processes: Readonly<Record<string, string>> = {
  host: '호스트',
  collector: '수집기',
  store: '저장소',
  rehearsal: '리허설',
  analyst: '분석기',
  desktop: '데스크톱',
};
export const processWord = Object.keys(processes).join('|');
const lineWord = Object.keys(koreanLineStates).join('|');

export function processName(word: string): string {
  return processes[word] ?? word;
}

function lineState(word: string): string {
  const words: Readonly<Record<string, string>> = koreanLineStates;
  return words[word] ?? word;
}

export const alertForms = (say: Say): readonly Form[] => [
  [
    /^this computer's clock is (\d+) ms (ahead of|behind) the venues'$/,
    (ms, side) => `이 컴퓨터의 시계가 거래소보다 ${ms} ms ${side === 'behind' ? '느림' : '빠름'}`,
  ],
  [
    /^(\d+) frames that no decoder could read went to quarantine within ten minutes$/,
    (n) => `해석할 수 없는 프레임 ${n}건이 10분 안에 격리됨`,
  ],
  [
    /^what is received is safe on disk only after (\d+) ms \(p99\)$/,
    (ms) => `수신한 데이터가 디스크에 안전하게 기록되기까지 ${ms} ms (p99)`,
  ],
  [
    /^the store is (\d+) s behind the journal; what was received is safe, but not to be queried yet$/,
    (s) => `저장소가 저널보다 ${s}초 뒤처짐: 수신한 데이터는 안전하나 아직 조회할 수 없음`,
  ],
  [
    /^(\d+) unrepaired; the first that can soon not be asked for any more: (.*)$/,
    (n, name) => `미복구 ${n}건, 복구 기한이 가장 가까운 결손: ${name}`,
  ],
  [
    /^(\d+) gaps? ended within ten minutes without all of (?:its|their) trades; in all (\d+) (?:are )?filled in part and (\d+) (?:are )?out of the venue's reach: see the (?:missing|unrepaired) ones under Gaps$/,
    (n, part, beyond) =>
      `10분 안에 결손 ${n}건이 체결을 다 채우지 못하고 종료됨; 전체로는 일부 복구 ${part}건, 조회 범위 밖 ${beyond}건: 결손 화면의 누락 목록 참조`,
  ],
  [new RegExp(`^every line is (${lineWord})$`), (state) => `모든 회선: ${lineState(state)}`],
  [new RegExp(`^(${lineWord})$`), (state) => lineState(state)],
  [new RegExp(`^(${lineWord}): (.*)$`), (state, why) => `${lineState(state)}: ${say(why)}`],
  // Processes.
  [/^it does not start$/, () => '시작되지 않음'],
  [/^it ended$/, () => '종료됨'],
  [/^code (\d+)(?:: (.*))?$/, (code, words) => `코드 ${code}${words ? `: ${words}` : ''}`],
  [/^ended with (.*)$/, (how) => `종료됨: ${say(how)}`],
  [
    /^ended (\d+) times before it was ready, last with (.*)$/,
    (n, how) => `준비되기 전에 ${n}번 종료됨, 마지막: ${say(how)}`,
  ],
  [/^unresponsive: no sign of life for (\d+) s$/, (s) => `응답 없음: ${s}초 동안 기척 없음`],
  [
    new RegExp(`^no word from (${processWord}) for (\\d+) s$`),
    (process, s) => `${processName(process)}: ${s}초 동안 소식 없음`,
  ],
  [new RegExp(`^(${processWord}) is starting$`), (process) => `${processName(process)}: 시작하는 중`],
  [new RegExp(`^(${processWord}) is being restarted$`), (process) => `${processName(process)}: 재시작하는 중`],
  [
    new RegExp(`^(${processWord}) is held(?:: (.*))?$`),
    (process, why) => `${processName(process)}: 기동 보류${why ? `, ${say(why)}` : ''}`,
  ],
  [
    new RegExp(`^(${processWord}) does not run in this mode$`),
    (process) => `${processName(process)}: 이 모드에서는 실행되지 않음`,
  ],
  [
    new RegExp(`^(${processWord}) ended \\((.*)\\) before it answered$`),
    (process, how) => `${processName(process)}: 응답하기 전에 종료됨 (${how})`,
  ],
  [
    new RegExp(`^(${processWord}) has (\\d+) requests unanswered; (\\S+) was not sent$`),
    (process, n, name) => `${processName(process)}: 답하지 않은 요청 ${n}건, ${name} 요청을 보내지 않음`,
  ],
];
