// Korean for what is wrong with settings: each finding of the check names its place and its value, which stay as the file has them.
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import type { Form, Say } from './korean-notes.ts';

/** Where a finding lies; only places of the settings, so that no other sentence is taken for a finding. */
const PLACE = String.raw`((?:${Object.keys(settingsSchema.shape).join('|')})(?:[.[]\S*)?|the file)`;

const types: Readonly<Record<string, string>> = {
  string: '문자열',
  number: '숫자',
  int: '정수',
  boolean: 'true 또는 false',
  array: '목록',
  object: '객체',
  record: '객체',
};

/** As it was written: JSON, cut off where it is long. What is quoted may hold the sign that stands between findings. */
const VALUE = String.raw`((?:"(?:[^"\\]|\\.)*"|[^";])*|[^;]*\.\.\.)`;

function placed(place: string): string {
  return place === 'the file' ? '파일' : place;
}

function typed(type: string): string {
  return types[type] ?? type;
}

/** `<place>: <value> …`; the value is told last, as it was written. */
function finding(rest: string, korean: (...found: string[]) => string): Form {
  return [
    new RegExp(`^${PLACE}: ${VALUE} ${rest}$`),
    (place = '', value = '', ...found) =>
      `${placed(place)}: ${korean(...found)} (값: ${value === 'nothing' ? '없음' : value})`,
  ];
}

/** A sign between findings is no part of a quoted value. */
function findingsOf(text: string): string[] {
  return text.split(/; (?=(?:[^"]*"[^"]*")*[^"]*$)/);
}

/** Several findings, or a finding and its hint, are told one after another with "; " between them: each of the parts is known here. */
export const settingsForms = (say: Say): readonly Form[] => [
  [/^unknown key "([^"]*)"(?: in (\S+))?$/, (key, place) => `${place ? `${place}: ` : ''}알 수 없는 항목 "${key}"`],
  [/^did you mean "(.*)"\?$/, (near) => `"${near}"인지 확인하세요`],
  [
    new RegExp(`^${PLACE}: (\\S+) is missing$`),
    (place = '', type = '') => `${placed(place)}: 값이 없음 (${typed(type)})`,
  ],
  finding('must name at least (\\d+)', (least) => `${least}개 이상 써야 함`),
  finding('must name at most (\\d+)', (most) => `${most}개까지만 쓸 수 있음`),
  finding('must be at least (\\S+)', (least) => `${least} 이상이어야 함`),
  finding('must be at most (\\S+)', (most) => `${most} 이하여야 함`),
  finding(
    'must be more than (\\S+) \\((\\S+)\\): the warning comes before the halt',
    (other, bytes) => `${other} (${bytes})보다 커야 함, 경고가 중단보다 먼저임`,
  ),
  finding(
    'must be "all", a list like (\\[.*\\]), (\\{.*\\}) or (\\{.*\\})',
    (list, quotes, coins) => `"all", ${list} 같은 목록, ${quotes}, ${coins} 중 하나여야 함`,
  ),
  finding('must be an IPv4 or IPv6 address of this machine', () => '이 컴퓨터의 IPv4 또는 IPv6 주소여야 함'),
  finding('the two addresses must differ', () => '두 주소가 서로 달라야 함'),
  finding('must begin with (\\S+) or (\\S+)', (one, other) => `${one} 또는 ${other} 주소여야 함`),
  finding('must be an? (string|number|int|boolean|array|object|record)', (type = '') => `${typed(type)}만 쓸 수 있음`),
  finding('must be (\\S+(?: or \\S+)*)', (choices) => `${choices?.replaceAll(' or ', ' 또는 ')}만 쓸 수 있음`),
  finding('is none of (.*)', (choices) => `${choices} 중 하나여야 함`),
  [
    new RegExp(`^${PLACE}: (\\S+ \\S+) is not recorded by this version$`),
    (place, market) => `${place}: 이 버전은 ${market} 시장을 수집하지 않음`,
  ],
  [/^it records (\S+ \(.*\)) and (\S+ \(.*\))$/, (most, last) => `수집하는 시장: ${most}, ${last}`],
  finding(
    'holds a blank, comma or quote(?:; one name per entry)?',
    () => '빈칸, 쉼표, 따옴표 없이 한 칸에 하나씩 써야 함',
  ),
  [/^one name per entry$/, () => '한 칸에 하나씩 쓰세요'],
  finding('is not written as the venue writes it', () => '거래소의 표기와 다름'),
  finding('is named twice', () => '두 번 적혀 있음'),
  [/^and (\d+) more$/, (n) => `외 ${n}건`],
  [
    /^(settings|\S.*settings\.json): (.*)$/,
    (from = '', rest = '') => {
      const parts = findingsOf(rest);
      const said = parts.map(say);
      // Each finding for itself: one that is not known leaves the others Korean.
      if (said.every((part, at) => part === parts[at])) return `${from}: ${rest}`;
      return `${from === 'settings' ? '설정' : from}: ${said.join('; ')}`;
    },
  ],
];
