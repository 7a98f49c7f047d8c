// Korean for what the collector says of its lines, of the venues' lists and of the journal, and for why it stands still.
import type { LineState } from '../../src-shared/contract/recording.ts';
import type { Form, Say } from './korean-notes.ts';

export const koreanLineStates: Readonly<Record<LineState['state'], string>> = {
  waiting: '대기',
  connecting: '연결 중',
  subscribing: '구독 중',
  live: '수신 중',
  renewing: '갱신 중',
  closing: '종료 중',
  closed: '닫힘',
  halted: '중단',
  stopped: '수동 정지',
};

export const modes: Readonly<Record<string, string>> = {
  none: '설정 전',
  live: '실거래소',
  rehearsal: '리허설',
  offline: '오프라인',
};

export const lineForms = (say: Say): readonly Form[] => [
  // Lists and limits of a market.
  [/^symbol list: (.*)$/, (why) => `종목 목록을 읽지 못함: ${say(why)}`],
  [/^not in the venue's list: (.*)$/, (names) => `거래소 목록에 없음: ${names}`],
  [/^no symbol of the venue matches the settings$/, () => '설정에 맞는 종목이 거래소에 없음'],
  [
    /^(\d+) of (\d+) symbols carried, (.*): (\S+) allows an address (\d+) connections of (\d+) symbols, (\d+) of them are for each line of this market$/,
    (part, all, order, venue, connections, symbols, own) =>
      `종목 ${all}개 중 ${part}개만 수집 (${say(order)}): ${venue}의 주소당 한도는 연결 ${connections}개, 연결당 종목 ${symbols}개이며 이 시장의 회선마다 연결 ${own}개를 씀`,
  ],
  [/^in the order of the settings$/, () => '설정 순서'],
  [/^by turnover$/, () => '거래대금 순서'],
  [
    /^in the order of the venue's list \(turnover is not known(?:: (.*))?\)$/,
    (why) => `거래소 목록 순서, 거래대금을 알 수 없음${why ? `: ${say(why)}` : ''}`,
  ],
  [
    /^(\S+ \S+): page (\d+) is one that was read already$/,
    (name, n) => `${name}: ${n}번째 페이지가 이미 읽은 페이지임`,
  ],
  [
    /^(\S+ \S+): the venue's list (?:is empty|holds only (\d+) of (\d+) symbols); what is recorded stays until it says so for longer$/,
    (name, stay, before) =>
      `${name}: 거래소 목록${stay ? `에 종목 ${before}개 중 ${stay}개만 있음` : '이 비어 있음'}, 계속 그럴 때까지 수집 종목을 그대로 유지함`,
  ],
  [
    /^the journal has no room left, for the disk takes nothing$/,
    () => '디스크에 쓰이는 것이 없어 저널에 남은 자리가 없음',
  ],
  [/^the journal has no room for the symbol list$/, () => '저널에 종목 목록을 쓸 자리가 없음'],
  [/^(\S+ \S+): (?:list|turnover) not read: (.*)$/, (name, why) => `${name}: 목록을 읽지 못함: ${say(why)}`],
  [/^no result within (\d+) ms$/, (ms) => `${ms} ms 안에 결과 없음`],
  [/^the thread ended with (\d+)$/, (code) => `스레드가 코드 ${code}로 종료됨`],
  [/^no feed(?: yet)? for (.*)$/, (names) => `아직 지원하지 않음: ${names}`],
  [/^(\d+) pages could not be held$/, (n) => `공지 ${n}쪽을 보관하지 못함`],
  // Subscriptions.
  [/^(\d+) refused, (\S+): (.*)$/, (n, symbol, why) => `${n}개 거절됨, ${symbol}: ${say(why)}`],
  [/^not acknowledged$/, () => '구독 미확인'],
  [/^(\S+(?:, \S+)*): not acknowledged$/, (names) => `${names}: 구독 미확인`],
  [
    /^(\d+) symbols not acknowledged, (\S+) for one$/,
    (n, symbol) => `종목 ${n}개의 구독이 확인되지 않음, 예: ${symbol}`,
  ],
  [/^refused: (\d+) requests one after the other: (.*)$/, (n, why) => `요청이 ${n}번 연달아 거절됨: ${say(why)}`],
  // Why a connection ended or is changed over.
  [/^renewal failed: (.*)$/, (why) => `갱신 실패: ${say(why)}`],
  [/^halted: (.*)$/, (why) => `수집 중단: ${say(why)}`],
  [/^renewed: (.*)$/, (why) => `갱신: ${say(why)}`],
  [/^renewal$/, () => '갱신'],
  [/^age$/, () => '수명 한도'],
  [/^asked for$/, () => '직접 요청'],
  [/^stopped by hand$/, () => '수동 정지'],
  [/^the settings changed$/, () => '설정 변경'],
  [/^the clock of this computer was set forward$/, () => '컴퓨터 시계가 앞으로 맞춰짐'],
  [/^silent while the connection before it delivers$/, () => '이전 연결은 수신하는데 새 연결은 수신하지 않음'],
  [/^the computer slept$/, () => '컴퓨터 절전'],
  [/^closed with (\d+)(?:(?::| ) ?(.*))?$/, (code, words) => `코드 ${code}로 닫힘${words ? `: ${words}` : ''}`],
  [/^the server answered (\d+) instead of opening$/, (code) => `서버가 연결 대신 ${code}로 응답함`],
  [/^a message over (\d+) bytes, not recorded$/, (bytes) => `${bytes}바이트를 넘는 메시지, 수집하지 않음`],
  [/^no frame for (\d+) ms$/, (ms) => `${ms} ms 동안 수신 없음`],
  [/^no answer to a ping for (\d+) ms$/, (ms) => `${ms} ms 동안 핑 응답 없음`],
  [/^the venue did not say within (\d+) ms that it is ready$/, (ms) => `거래소가 ${ms} ms 안에 준비를 알리지 않음`],
  [/^no frame since the renewal began \((.*)\)$/, (why) => `갱신을 시작한 뒤 수신 없음 (${say(why)})`],
  [
    /^silent on (\d+) symbols that the other line delivers, (\S+) for one$/,
    (n, symbol) => `다른 회선이 받는 종목 ${n}개가 조용함, 예: ${symbol}`,
  ],
  [
    /^nothing came of (\S+) until it was asked for again$/,
    (symbol) => `${symbol}: 다시 요청할 때까지 받은 데이터 없음`,
  ],
  [/^behind: (.*)$/, (why) => `뒤처짐: ${say(why)}`],
  [/^brings less than half of what the other line brings$/, () => '다른 회선이 받는 양의 절반도 받지 못함'],
  // Requests.
  [/^(\S+): no answer within (\d+) ms$/, (url, ms) => `${url}: ${ms} ms 안에 응답 없음`],
  [/^(\S+): reply is longer than (\d+) bytes$/, (url, bytes) => `${url}: 응답이 ${bytes}바이트보다 김`],
  [/^(\S+): cancelled$/, (url) => `${url}: 취소됨`],
  // A recorder on another computer.
  [/^(\S+) does not answer: (.*)$/, (origin, why) => `${origin}: 응답하지 않음: ${why}`],
  [/^(\S+) does not take this token$/, (origin) => `${origin}: 이 토큰을 받아들이지 않음`],
  [/^(\S+) refused with status (\d+)$/, (origin, status) => `${origin}: 상태 ${status}로 거절함`],
  [
    /^(\S+) answers, but not as a recorder of this version does$/,
    (origin) => `${origin}: 응답하지만 이 버전의 수집기가 아님`,
  ],
  [/^the network is too slow for what the window asks$/, () => '네트워크가 화면의 요청을 감당하지 못함'],
  [/^the recorder sent what is no message$/, () => '수집기가 알 수 없는 메시지를 보냄'],
  [/^the window closed its pipe$/, () => '화면이 연결을 닫음'],
  [/^the window shows another recorder$/, () => '화면이 다른 수집기를 표시함'],
  [/^the connection closed \((\d+)\)$/, (code) => `연결이 닫힘 (${code})`],
  // Why the whole starts, leaves or stands still.
  [
    /^disk: (\d+) Mi?B free, recording needs (\d+) Mi?B$/,
    (free, need) => `디스크: ${free} MiB 남음, 수집에는 ${need} MiB 필요`,
  ],
  [/^mode (none|live|rehearsal|offline)$/, (mode) => `${modes[mode]} 모드로 전환`],
  [/^the host is (?:gone|leaving)$/, () => '호스트 종료'],
  [/^the program that started the host is gone$/, () => '호스트를 시작한 프로그램이 종료됨'],
  [/^the session ends$/, () => '세션 종료'],
  [/^the app quits$/, () => '앱 종료'],
  [/^the computer shuts down$/, () => '컴퓨터 종료'],
  [/^it could not start$/, () => '시작하지 못함'],
  [/^nobody asks$/, () => '요청 없음'],
  [/^an operator asked for a restart$/, () => '운영자가 재시작을 요청함'],
  [/^the simulated venues moved$/, () => '모의 거래소 주소 변경'],
  // The journal.
  [
    /^(.*) is already being written by process (\d+)$/,
    (folder, pid) => `${folder}: 다른 프로세스 ${pid}이(가) 이미 쓰는 중`,
  ],
  [
    /^(.*): several processes want to write this journal$/,
    (folder) => `${folder}: 여러 프로세스가 이 저널에 쓰려고 함`,
  ],
  [/^(.*): the compressed copy does not read back the same$/, (file) => `${file}: 압축본이 원본과 다르게 읽힘`],
  [/^(\d+) unreadable bytes left in the last segment$/, (n) => `마지막 세그먼트에 읽을 수 없는 ${n}바이트가 남음`],
  [/^(\d+) unreadable rows in (\S+)$/, (n, file) => `${file}에 읽을 수 없는 행 ${n}개`],
  [
    /^journal segment (\d+) offset (\d+): (.*)$/,
    (segment, offset, why) => `저널 세그먼트 ${segment}의 ${offset} 위치: ${say(why)}`,
  ],
  [/^checksum or header damaged$/, () => '체크섬 또는 헤더 손상'],
  [/^record without its end$/, () => '끝나지 않은 레코드'],
  [/^segment header damaged$/, () => '세그먼트 헤더 손상'],
  [/^compressed segment damaged: (.*)$/, (why) => `압축 세그먼트 손상: ${why}`],
  [/^frames (\d+) to (\d+) are not there$/, (from, to) => `프레임 ${from}~${to} 없음`],
  [
    /^the journal goes on at frame (\d+), (\d+) was read before$/,
    (next, read) => `저널이 프레임 ${next}부터 이어지나 이미 ${read}까지 읽음`,
  ],
  [
    /^segment (\d+) is not there: frames (\d+) to (\d+) are missing$/,
    (segment, from, to) => `세그먼트 ${segment} 없음: 프레임 ${from}~${to} 누락`,
  ],
  [
    /^segment (\d+) is not there and the journal ends before it$/,
    (segment) => `세그먼트 ${segment} 없음: 저널이 그 앞에서 끝남`,
  ],
  [/^segment ends at (\d+), before its synced end$/, (end) => `세그먼트가 동기화된 끝보다 앞인 ${end}에서 끝남`],
  [
    /^position (\d+) lies behind the (?:synced end|end of its segment,) (\d+)$/,
    (at, end) => `위치 ${at}이 끝 ${end}보다 뒤에 있음`,
  ],
  [/^not copied to quarantine: (.*)$/, (why) => `격리 폴더로 복사하지 못함: ${why}`],
];
