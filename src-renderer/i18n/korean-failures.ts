// Korean for why a request of the console failed. What a venue, the system, DuckDB, a file or the reader's own statement said in it stays as it came.
import { contract } from '../../src-shared/contract/index.ts';
import { processName, processWord } from './korean-alerts.ts';
import { koreanLineStates, modes } from './korean-lines.ts';
import type { Form, Say } from './korean-notes.ts';

/** Names of requests; they stay, so that a failure can be told on. */
const REQUEST = `(${Object.keys(contract)
  .filter((name) => contract[name as keyof typeof contract].kind === 'request')
  .map((name) => name.replaceAll('.', String.raw`\.`))
  .join('|')})`;

/** `<request>: …`, and what the words behind it are. */
function about(rest: string, korean: (...found: string[]) => string): Form {
  return [new RegExp(`^${REQUEST}: ${rest}$`, 's'), (name, ...found) => `${korean(...found)} (${name})`];
}

/** `data folder <path> …, or choose another folder with --data` */
function folder(rest: string, korean: (...found: string[]) => string): Form {
  return [
    new RegExp(`^data folder (.*?) ${rest}[;:,]? (?:or )?choose another folder with --data$`, 's'),
    (path, ...found) => `데이터 폴더 ${path}: ${korean(...found)} --data로 다른 폴더를 지정하세요`,
  ];
}

function modeName(mode: string): string {
  return modes[mode] ?? mode;
}

function lineState(word: string): string {
  const words: Readonly<Record<string, string>> = koreanLineStates;
  return words[word] ?? word;
}

const READING =
  'Only one statement that reads is run here: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN of one.';
const KOREAN_READING =
  '읽는 문장 하나만 실행함 (SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE 또는 그 EXPLAIN)';

const linkForms = (say: Say): readonly Form[] => [
  about('the link to the host was lost', () => '응답을 받기 전에 호스트와 연결이 끊어짐'),
  about('there is no link to the host', () => '호스트에 연결되어 있지 않음'),
  about('no answer within (\\d+) s', (s) => `${s}초 안에 응답 없음`),
  about(
    "the host's answer is not in the agreed shape: (.*)",
    (why) => `호스트의 응답을 해석할 수 없음, 화면과 호스트의 버전이 다를 수 있음: ${why}`,
  ),
  [new RegExp(`^${REQUEST} was cancelled$`), (name) => `취소됨 (${name})`],
  [new RegExp(`^${REQUEST} failed: (.*)$`, 's'), (name, why) => `요청을 처리하지 못함: ${why} (${name})`],
  [
    new RegExp(`^${REQUEST} was answered with something else: (.*)$`, 's'),
    (name, why) => `약속과 다른 응답이 옴: ${why} (${name})`,
  ],
  [
    new RegExp(`^${REQUEST} is answered by (\\S+), which is not part of this host$`),
    (name, owner) => `이 호스트에 없는 부분이 답하는 요청임: ${processName(owner ?? '')} (${name})`,
  ],
  [
    new RegExp(`^(${processWord}) did not answer ${REQUEST} within (\\d+) ms$`),
    (owner, name, ms) => `${processName(owner ?? '')}: ${ms} ms 안에 응답 없음 (${name})`,
  ],
  [
    new RegExp(`^(?:the )?(${processWord}) does not answer (\\S+)( yet)?$`),
    (owner, name, yet) => `${processName(owner ?? '')}: ${yet ? '아직 ' : ''}답할 수 없는 요청 (${name})`,
  ],
  [/^there is no request named (.*)$/, (name) => `호스트가 모르는 요청, 화면과 호스트의 버전이 다를 수 있음: ${name}`],
  [/^request (\d+) is still running$/, (id) => `요청 ${id}번이 아직 처리되는 중`],
  [/^(\d+) requests are unanswered$/, (n) => `답을 기다리는 요청이 ${n}건이라 더 보낼 수 없음`],
  [/^this screen is not shown by a desktop$/, () => '데스크톱 앱에서만 할 수 있음'],
  // A process that is not there.
  [
    new RegExp(`^(?:the )?(${processWord}) does not start: (.*)$`, 's'),
    (process, why) => `${processName(process ?? '')}: 시작되지 않음: ${say(why ?? '')}`,
  ],
  [/^no reason given$/, () => '알려진 이유 없음'],
  [
    new RegExp(`^the (${processWord}) is not up yet(?: \\((.*)\\))?$`),
    (process, why) => `${processName(process ?? '')}: 아직 준비되지 않음${why ? ` (${say(why)})` : ''}`,
  ],
  [
    new RegExp(`^(${processWord}) does not run in mode (\\S+)$`),
    (process, mode) => `${processName(process ?? '')}: ${modeName(mode ?? '')} 모드에서는 실행되지 않음`,
  ],
  [
    /^nothing is recorded yet: choose live venues or a rehearsal$/,
    () => '아직 수집한 것이 없음: 실제 거래소나 리허설을 고르세요',
  ],
];

const hostForms = (say: Say): readonly Form[] => [
  // Settings and their file.
  [
    /^settings cannot be changed in mode (\S+): (.*)$/,
    (mode, why) => `${modeName(mode ?? '')} 모드에서는 설정을 바꿀 수 없음: ${say(why ?? '')}`,
  ],
  [/^in a rehearsal the settings come with the simulated venues$/, () => '리허설에서는 모의 거래소가 설정을 정함'],
  [
    /^the data folder is only read, nothing is recorded by these settings$/,
    () => '데이터 폴더를 읽기만 하며 이 설정으로 수집하지 않음',
  ],
  [/^settings cannot be written to (.*?): (.*)$/s, (path, why) => `설정을 ${path}에 쓸 수 없음: ${why}`],
  [
    /^the settings in force cannot be kept in (.*?): (.*)$/s,
    (path, why) => `적용 중인 설정을 ${path}에 보관할 수 없음: ${why}`,
  ],
  [/^settings file (.*?) cannot be read: (.*)$/s, (path, why) => `설정 파일을 읽을 수 없음: ${path}: ${why}`],
  [/^settings file (.*?) is not JSON: (.*)$/s, (path, why) => `설정 파일이 JSON이 아님: ${path}: ${why}`],
  [/^there is no older version named (.*)$/, (name) => `없는 이전 설정: ${name}`],
  [/^the version (\S+) cannot be read: (.*)$/s, (name, why) => `이전 설정을 읽을 수 없음: ${name}: ${why}`],
  // Folders.
  [/^this host has no desktop to open (.*) on$/, (path) => `이 호스트에는 폴더를 열 데스크톱이 없음: ${path}`],
  [/^(.*) is not a folder of (.*)$/, (path, top) => `${top} 안에 있는 폴더가 아님: ${path}`],
  [/^(.*?) cannot be opened: (.*)$/s, (path, why) => `열 수 없음: ${path}: ${why}`],
  folder('does not exist; record into it first', () => '없는 폴더임, 먼저 여기에 수집하거나'),
  folder('is a file, not a folder', () => '폴더가 아니라 파일임:'),
  folder(
    'is not writable for this user \\((\\S+)\\); change its permissions',
    (code) => `이 사용자가 쓸 수 없음 (${code}): 권한을 고치거나`,
  ),
  folder('lies on a read-only disk; mount it writable', () => '읽기 전용 디스크에 있음: 쓸 수 있게 마운트하거나'),
  folder(
    'lies on a full disk \\((\\S+)\\); free some space',
    (code) => `디스크가 가득 참 (${code}): 공간을 확보하거나`,
  ),
  folder('cannot be made: a part of the path is a file', () => '만들 수 없음, 경로 중간에 파일이 있음:'),
  folder('cannot be used: (.*?)', (why) => `쓸 수 없음 (${why}):`),
  folder('holds (simulated|real) trades; (?:simulated|real) ones must not be mixed in', (has) =>
    has === 'real'
      ? '실제 체결이 들어 있어 모의 체결을 섞을 수 없음:'
      : '모의 체결이 들어 있어 실제 체결을 섞을 수 없음:',
  ),
  // Kept analyses, logs.
  [/^there is no saved analysis (.*)$/, (id) => `저장한 분석이 없음: ${id}`],
  about('the folder of analyses could not be used: (.*)', (why) => `분석 폴더를 쓸 수 없음: ${why}`),
  [/^(\d+) drafts are open; close some of them$/, (n) => `열린 질의가 ${n}개임: 일부를 닫으세요`],
  [
    /^(".*) is no place in the logs; read from the newest$/,
    (cursor) => `로그에 없는 위치: ${cursor}, 최신부터 다시 읽으세요`,
  ],
  // A recorder on another computer.
  [
    /^this is no address of a recorder; it looks like (\S+)$/,
    (example) => `수집기의 주소가 아님: ${example}처럼 쓰세요`,
  ],
  [
    /^a user name or password does not belong into the address; the token is asked for$/,
    () => '주소에 사용자 이름이나 비밀번호를 넣을 수 없음: 토큰만 쓰세요',
  ],
  [
    /^(\S+) is not encrypted: the token could be read on the way\. Use https, or a tunnel to this computer \((.*)\)$/,
    (origin, tunnel) =>
      `${origin}: 암호화되지 않아 토큰이 전송 중에 노출될 수 있음. https나 이 컴퓨터로 오는 터널을 쓰세요 (${tunnel})`,
  ],
  [
    /^the token of (\S+) is missing; its host prints it when it is ready$/,
    (origin) => `${origin}의 토큰이 없음: 그 호스트가 준비되면 출력합니다`,
  ],
  [/^the Host header names another host: (.*)$/, (name) => `HTTP 헤더의 호스트가 다름: ${name}`],
  [/^requests from (.*) are not let in$/, (origin) => `${origin}에서 온 요청은 받지 않음`],
];

const recorderForms = (say: Say): readonly Form[] => [
  // Lines by hand.
  [/^(\S+) was stopped by hand; start it instead$/, (id) => `${id}: 수동 정지된 회선임, 갱신하지 말고 시작하세요`],
  [
    new RegExp(
      `^(\\S+) is (${Object.keys(koreanLineStates).join('|')})(?: \\((.*)\\))?: it has nothing to change over from$`,
    ),
    (id, state, why) => `${id}: 갱신할 연결이 없음, 지금은 ‘${lineState(state ?? '')}’${why ? ` (${say(why)})` : ''}`,
  ],
  [/^(\S+) renews just now; ask again when it is done$/, (id) => `${id} 회선이 갱신하는 중임: 끝난 뒤 다시 요청하세요`],
  [/^(\S+) is stopped already$/, (id) => `${id}: 이미 정지된 회선임`],
  [
    /^no other line carries all (\d+) symbols of (\S+) just now: what is printed until it is started would be missing$/,
    (n, id) => `${id}의 종목 ${n}개를 모두 받는 다른 회선이 지금 없음: 다시 시작할 때까지 나오는 체결이 누락됨`,
  ],
  [/^(\S+) is not stopped$/, (id) => `${id}: 정지된 회선이 아님`],
  [/^there is no line (\S+)$/, (id) => `없는 회선: ${id}`],
  // Repairs, listings, extracts.
  [/^there is no repair (\S+)$/, (id) => `없는 복구 작업: ${id}`],
  [/^name the coin that is listed$/, () => '상장되는 코인을 쓰세요'],
  [/^there is no such extract$/, () => '없는 추출'],
  [/^the extract of (\S+) is not written yet$/, (coin) => `${coin} 추출이 아직 끝나지 않음`],
  [
    /^(.*) has the format (\S+), which this version does not read$/,
    (path, format) => `${path}: 이 버전이 읽지 못하는 ${format} 형식`,
  ],
  [/^the range from (\S+) to (\S+) µs is empty$/, (from, to) => `빈 범위: ${from}~${to} µs`],
  // Reading what is stored.
  [/^the archive could not be read: (.*)$/s, (why) => `저장된 체결을 읽지 못함: ${why}`],
  [
    /^hours were sealed (\d+) times while (?:the query ran|the snapshot was made)(?:: (.*))?; ask again$/s,
    (n, why) => `읽는 동안 시간대가 ${n}번 확정됨${why ? ` (${why})` : ''}: 다시 조회하세요`,
  ],
  [
    /^the hot hours could not be given to the analyst: (.*)$/s,
    (why) => `확정 전 데이터를 분석기에 넘기지 못함: ${why}`,
  ],
  [
    /^what was counted was read too long ago to be judged; read it again$/,
    () => '읽은 지 오래되어 판정할 수 없음: 다시 조회하세요',
  ],
];

const analystForms = (say: Say): readonly Form[] => [
  [
    /^the cursor is not one that (?:was given by analysis\.ticks|this store gave)$/,
    () => '이어 읽을 수 없는 위치: 처음부터 다시 조회하세요',
  ],
  [/^the (?:page was|bars were) not waited for$/, () => '기다리는 곳이 없어 그만둠'],
  [/^nobody waits for the (?:run|export) any more$/, () => '기다리는 곳이 없음'],
  [/^ticks could not be read: (.*)$/s, (why) => `체결을 읽지 못함: ${why}`],
  [/^the window ends before it begins$/, () => '구간의 끝이 시작보다 앞에 있음'],
  [/^bars of (\S+ \S+ \S+) could not be made: (.*)$/s, (name, why) => `${name} 봉을 만들지 못함: ${why}`],
  [/^a day was asked for: at most (\d+) days are counted by stream$/, (days) => `스트림별로는 ${days}일까지만 집계함`],
  [/^(.*?) could not be counted: (.*)$/s, (path, why) => `${path}: 집계하지 못함: ${why}`],
  // Runs and exports.
  [/^the analyst is leaving; ask again$/, () => '분석기가 종료되는 중: 다시 요청하세요'],
  [
    /^(\d+) (queries|exports) wait already; cancel some of them$/,
    (n, what) => `대기 중인 ${what === 'queries' ? '질의' : '내보내기'}가 이미 ${n}건임: 일부를 취소하세요`,
  ],
  [
    /^the rows of this result are no longer in memory; run the query again$/,
    () => '이 결과의 행이 더 이상 메모리에 없음: 질의를 다시 실행하세요',
  ],
  [/^there is no run (\S+)$/, (id) => `없는 질의 실행: ${id}`],
  [/^there is no export (\S+) since the analyst started$/, (id) => `분석기가 시작된 뒤로 없는 내보내기: ${id}`],
  [/^cancelled before it began$/, () => '시작하기 전에 취소됨'],
  [/^EXPLAIN has nothing to export$/, () => 'EXPLAIN은 내보낼 행이 없음'],
  [
    /^stopped: less than (\d+) GB are left on the disk, and they belong to the recording$/,
    (gb) => `중단됨: 디스크에 남은 공간이 수집에 쓸 ${gb} GB보다 적음`,
  ],
  [
    /^parameters are named here: write \$name instead of \? or \$1$/,
    () => '매개변수는 이름으로 씀: ?나 $1 대신 $name처럼 쓰세요',
  ],
  [/^no value was given for (\$.*)$/, (names) => `값이 없는 매개변수: ${names}`],
  // How a run ended.
  [
    /^stopped after its time limit of (\S+) s; narrow the window or allow more time$/,
    (s) => `제한 시간 ${s}초가 지나 중단됨: 체결 범위를 좁히거나 시간을 늘리세요`,
  ],
  [/^the analyst was stopped$/, () => '분석기가 종료됨'],
  [
    /^stopped: it needs more than the (\d+) MB that queries may use together; narrow the window, select fewer columns, aggregate earlier, or close older results$/,
    (mb) =>
      `중단됨: 질의에 허용된 메모리 ${mb} MB로 부족함, 체결 범위를 좁히거나 열을 줄이거나 먼저 집계하거나 이전 결과를 닫으세요`,
  ],
  [
    /^refused: (.*)\. Statements read the tables of the archive only\.$/s,
    (why) => `거부됨: ${why}. 저장된 테이블만 읽을 수 있음`,
  ],
  [
    /^files of the archive were replaced while the query ran; run it again \((.*)\)$/s,
    (why) => `질의하는 동안 파일이 교체됨: 다시 실행하세요 (${why})`,
  ],
  [
    /^the analyst ended while it ran; nothing that is recorded was touched$/,
    () => '실행하던 분석기가 종료됨, 수집한 데이터는 그대로임',
  ],
  [
    /^stopped: a query did not stop within (\S+) s of being (out of time|cancelled), so the analyst was ended; recording went on$/,
    (s, why) =>
      `중단됨: ${why === 'cancelled' ? '취소' : '제한 시간'} 후 ${s}초 안에 멈추지 않아 분석기를 종료함, 수집은 계속됨`,
  ],
  [
    /^stopped: the analyst used (\d+) MB of memory, more than its (\d+) MB, and was ended; recording went on\. Narrow the window, or build shorter texts and lists\.$/,
    (used, most) =>
      `중단됨: 분석기가 메모리 ${used} MB를 써서 한도 ${most} MB를 넘어 종료됨, 수집은 계속됨. 체결 범위를 좁히거나 문자열과 목록을 줄이세요`,
  ],
  // A line that is stopped says "stopped: " too, but never for these reasons.
  [
    /^stopped: (nobody asks|the (?:host|app|session|computer shuts|program) .*|an operator .*|mode \S+|SIG[A-Z]+)$/,
    (why) => `분석기가 종료되어 중단됨: ${say(why ?? '')}`,
  ],
  // Statements that are not run.
  [/^there is no statement in the text$/, () => '질의문이 비어 있음'],
  [/^DuckDB gave no syntax tree for this statement$/, () => 'DuckDB가 이 문장의 구문 트리를 내지 않음'],
  [
    new RegExp(String.raw`^(.*) is refused\. ${READING}(?: Write PIVOT inside a SELECT and name its values: (.*)\.)?$`),
    (what, pivot) =>
      `${what === 'this statement' ? '이 문장' : what?.replace(' inside a statement', ' (문장 안)')}: 실행할 수 없음. ${KOREAN_READING}${pivot ? `. PIVOT은 SELECT 안에 값을 밝혀 쓰세요: ${pivot}` : ''}`,
  ],
  [new RegExp(String.raw`^(\d+) statements were given\. ${READING}$`), (n) => `문장이 ${n}개임. ${KOREAN_READING}`],
  [
    /^(.*\(\.\.\.\)) is refused: statements read the tables of the archive, never files, the network or the engine's own state\.$/,
    (name) => `${name}: 실행할 수 없음, 저장된 테이블만 읽을 수 있고 파일, 네트워크, 엔진 내부에는 닿지 않음`,
  ],
  [
    /^(.*\(\.\.\.\)) is refused: it does more than give a value\.$/,
    (name) => `${name}: 실행할 수 없음, 값을 구하는 것 외의 작용이 있음`,
  ],
];

export const failureForms = (say: Say): readonly Form[] => [
  ...linkForms(say),
  ...hostForms(say),
  ...recorderForms(say),
  ...analystForms(say),
];

/** Only where nothing else is known of a sentence: it begins with the name of a request, or with the address of a recorder. */
export const lastForms = (say: Say): readonly Form[] => [
  about('(.*)', (why) => `요청 값이 올바르지 않음: ${why}`),
  [/^(https?:\/\/[^\s/]+): (.*)$/s, (origin, why) => `${origin}: ${say(why ?? '')}`],
];
