// Korean for what the store says of its work: extracts, repairs and their evidence, comparisons, the disk, sealing, and what it found at its start.
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import { koreanVerdicts } from '../../src-shared/market/korean-reasons.ts';
import type { Form, Say } from './korean-notes.ts';

export const koreanDiskStates: Readonly<Record<StoreMeter['disk']['state'], string>> = {
  ok: '정상',
  warn: '부족',
  pruning: '오래된 파일 정리 중',
  halted: '가득 차 수집 중단',
  failed: '오류',
};

function named(words: Readonly<Record<string, string>>, word: string): string {
  return words[word] ?? word;
}

/** 2 h 11 m. */
function span(text: string): string {
  return text.replace(/ h\b/, '시간').replace(/ m\b/, '분').replace(/ s\b/, '초');
}

export const workForms = (say: Say): readonly Form[] => [
  // Extracts.
  [/^(\d+) trades?(?:, (.*))?$/, (n, rest) => [`체결 ${n}건`, ...(rest ? [say(rest)] : [])].join(', ')],
  [
    /^(\S+) around (\S+): (\d+) trades?, ([a-z]+), in (.*)$/,
    (coin, at, n, verdict, folder) => `${coin} ${at} 전후: 체결 ${n}건, ${named(koreanVerdicts, verdict)}, ${folder}`,
  ],
  [
    /^(proven|covered|unproved|incomplete): (.*?)(?: and (\d+) more)? \((\d+) of (\d+) streams\)$/,
    (verdict, names, more, part, whole) =>
      `${named(koreanVerdicts, verdict)}: ${names}${more ? ` 외 ${more}개` : ''} (스트림 ${whole}개 중 ${part}개)`,
  ],
  [/^cancelled; nothing was written$/, () => '취소됨, 작성한 것 없음'],
  [/^the window is over in (.*)$/, (left) => `구간이 끝나기까지 ${span(left)}`],
  [/^late trades are waited for, (.*) more$/, (left) => `늦게 오는 체결을 ${span(left)} 더 기다리는 중`],
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
  [/^(\S+): no new version after a repair: (.*)$/, (coin, why) => `${coin}: 복구 후 새 버전을 쓰지 못함: ${say(why)}`],
  [/^(\S+): no automatic extract: (.*)$/, (coin, why) => `${coin}: 자동 추출을 시작하지 못함: ${say(why)}`],
  [/^cancelled while (?:waiting|streams were compared|gaps were asked for)$/, () => '취소됨'],
  [/^the extract of (\S+) failed: (.*)$/s, (coin, why) => `${coin} 추출에 실패함: ${why}`],
  [/^the extract of (\S+) was cancelled; nothing was left behind$/, (coin) => `${coin} 추출이 취소됨, 남긴 것 없음`],
  [
    /^the extract of (\S+) could not be written to (.*?): (.*)$/,
    (coin, folder, why) => `${coin} 추출을 ${folder}에 쓰지 못함: ${why}`,
  ],
  [
    /^(\d+) trades were written, (\d+) counted; nothing was kept$/,
    (wrote, told) => {
      return `체결 ${wrote}건을 썼으나 ${told}건이어야 해서 남기지 않음`;
    },
  ],
  [
    /^the folder "(.*)" is not a full path; give one that begins at the root$/,
    (folder) => {
      return `‘${folder}’ 폴더는 전체 경로가 아님: 루트부터 쓰세요`;
    },
  ],
  [
    /^the folder (.*) cannot be created \((.*)\); choose another folder or mend its permissions$/,
    (folder, why) => `${folder} 폴더를 만들 수 없음 (${why}): 다른 폴더를 고르거나 권한을 고치세요`,
  ],
  [
    /^nothing can be written in (.*) \((.*)\); choose another folder or mend its permissions$/,
    (folder, why) => `${folder}에 쓸 수 없음 (${why}): 다른 폴더를 고르거나 권한을 고치세요`,
  ],
  [/^(.*) has (\d+) versions; move some of them away$/, (path, n) => `${path}의 버전이 ${n}개임: 일부를 옮기세요`],
  [/^name the coin to extract$/, () => '추출할 코인을 쓰세요'],
  [/^the window is empty: give seconds before or after$/, () => '구간이 비어 있음: 전후 초를 정하세요'],
  [/^there is no extract (\S+)$/, (id) => `없는 추출: ${id}`],
  [
    /^nobody waits for this extract any more; the job itself runs on$/,
    () => '이 추출을 기다리는 곳은 없으나 작업은 계속됨',
  ],
  // Listings.
  [
    /^(\S+ \S+): (\d+) instruments appeared in one list at (\S+); they are recorded as the settings say, but not taken for listings$/,
    (name, n, at) => `${name}: ${at} 목록에 종목 ${n}개가 한꺼번에 나타남, 설정대로 수집하되 상장으로 보지 않음`,
  ],
  [/^(\S+) appeared in the venue's list$/, (name) => `${name} 종목이 거래소 목록에 나타남`],
  // Evidence of gaps.
  [
    /^history gave (\d+) trades, (\d+) of them new(?:, (\d+) could not be read)? \((.*)\)$/,
    (a, b, unread, why) =>
      `과거 조회로 체결 ${a}건 수신, 신규 ${b}건${unread ? `, ${unread}건 판독 불가` : ''} (${say(why)})`,
  ],
  [/^all (\d+) missing ids came$/, (n) => `빠진 번호 ${n}개가 모두 도착함`],
  [/^ids run on without a hole: (\S+), (\S+)$/, (a, b) => `번호가 빠짐없이 이어짐: ${a}, ${b}`],
  [/^(\d+) is the first id that a venue can give$/, (id) => `${id}은 거래소가 줄 수 있는 첫 번호임`],
  [/^(\S+ \S+) offers no history to fill it from$/, (name) => `${name}: 채울 과거 체결을 제공하지 않음`],
  [/^the venue's history reached it until (\S+)$/, (at) => `거래소 과거 조회로 닿는 기한이 ${at}까지였음`],
  [
    /^the venue's history ended inside the gap after (\d+) pages?$/,
    (n) => `거래소 과거 조회가 ${n}쪽 만에 결손 안에서 끝남`,
  ],
  [
    /^attempt (\d+): (\d+) pages?(?:, (.*))?$/,
    (n, pages, why) => `${n}차 조회: ${pages}쪽${why ? `, ${say(why)}` : ''}`,
  ],
  [/^attempt (\d+): (.*)$/, (n, why) => `${n}차 조회: ${say(why)}`],
  [/^the gap is still there$/, () => '결손이 그대로임'],
  [/^stopped after (\d+) pages$/, (n) => `${n}쪽에서 멈춤`],
  [/^cancelled$/, () => '취소됨'],
  [/^the journal had no room for a page$/, () => '저널에 한 쪽을 쓸 자리가 없었음'],
  [
    /^what the venue gave ends before the gap does, and it may not have come so far yet$/,
    () => '거래소 조회가 결손 끝에 못 미침: 아직 반영되지 않았을 수 있음',
  ],
  [
    /^the venue's day changed while it was asked, so a page may have been of another day$/,
    () => '조회 중 거래소의 날짜가 바뀌어 다른 날의 쪽이 섞였을 수 있음',
  ],
  [
    /^asked for (\d+) gaps together, and the venue's history ended inside them$/,
    (n) => `결손 ${n}건을 함께 조회했으나 거래소 과거 조회가 그 안에서 끝남`,
  ],
  [/^back-fill of (\S+) was cancelled after (\d+) pages$/, (symbol, n) => `${symbol} 조회가 ${n}쪽 만에 취소됨`],
  [/^(\S+) has no history to ask for$/, (name) => `${name}: 조회할 과거 체결이 없음`],
  [/^(\S+) is not in the settings$/, (name) => `${name}: 설정에 없음`],
  [/^not recording: (.*)$/, (why) => `수집 중이 아님: ${say(why)}`],
  // Comparisons with candles and pages.
  [/^(\d+) quantities are no plain decimal$/, (n) => `수량 ${n}개가 일반 소수가 아님`],
  [
    /^no line covered all of this minute, so nothing says that more should be stored$/,
    () => '이 1분 전체를 수신한 회선이 없어 더 저장돼야 하는지 알 수 없음',
  ],
  [/^the venue has not closed this candle$/, () => '거래소가 이 캔들을 아직 마감하지 않음'],
  [/^the volume is no plain decimal$/, () => '거래량이 일반 소수가 아님'],
  [/^nothing to compare with: (.*)$/, (names) => `대조할 자료 없음: ${names}`],
  [
    /^the page of the venue holds no trade, so it says nothing of what was before it$/,
    () => '거래소 조회에 체결이 없어 그 이전은 알 수 없음',
  ],
  [
    /^the venue's page begins at (\S+): what was printed from (\S+) until then was compared only as far as earlier pages did$/,
    (until, from) => `거래소 조회가 ${until}에서 시작함: ${from}부터 그때까지는 이전 조회가 닿은 만큼만 대조됨`,
  ],
  [/^(\S+(?: \S+){0,2}) is not recorded$/, (name) => `${name}: 수집하지 않는 종목`],
  [/^(\S+ \S+ \S+) could not be compared: (.*)$/s, (name, why) => `${name}: 대조하지 못함: ${why}`],
  [/^(\S+(?: \S+){0,2}) is not compared by pages$/, (name) => `${name}: 거래소 조회로 대조하지 않음`],
  [
    /^(\S+(?: \S+){0,2}): the store has not read the page yet$/,
    (name) => `${name}: 저장소가 아직 조회 결과를 읽지 않음`,
  ],
  [
    /^(?:(\S+(?: \S+){0,2}): )?not all of the venue's page could be read, so nothing is compared with it$/,
    (name = '') => `${name && `${name}: `}거래소 조회를 모두 읽지 못해 대조하지 않음`,
  ],
  // Repairs that were asked for.
  [/^automatic repair$/, () => '자동 복구'],
  [/^every open gap$/, () => '복구 대기 결손 전체'],
  [/^gap (\S+)$/, (id) => `결손 ${id}`],
  [/^(\d+) gaps$/, (n) => `결손 ${n}건`],
  [
    /^gaps of (all streams|\S+)(?: from (\S+))?(?: to (\S+))?$/,
    (stream, from, to) =>
      `${stream === 'all streams' ? '모든 스트림' : stream} 결손${from || to ? ` ${from}~${to}` : ''}`,
  ],
  [
    /^(.*): (\d+) asked for, (\d+) repaired, (\d+) holes of the venue itself, (\d+) in part, (\d+) beyond reach$/,
    (title, all, whole, venue, part, beyond) =>
      `${say(title)}: 조회 ${all}건, 복구 ${whole}건, 거래소 자체 공백 ${venue}건, 일부 ${part}건, 조회 범위 밖 ${beyond}건`,
  ],
  // The disk ladder.
  [/^(.*) \(the recorder did not answer: (.*)\)$/, (what, why) => `${say(what)} (수집기가 응답하지 않음: ${say(why)})`],
  [
    /^(\d+) MiB free, below the (\d+) MiB at which recording stops; free some space and it goes on by itself$/,
    (free, mark) => `${free} MiB 남음, 수집 중단 기준 ${mark} MiB 미만: 공간을 확보하면 저절로 재개됨`,
  ],
  [
    /^space is back, but recording could not resume: (.*)$/,
    (why) => `공간은 확보되었으나 수집을 재개하지 못함: ${say(why)}`,
  ],
  [/^(\d+) MiB free: recording resumed$/, (free) => `${free} MiB 남음: 수집 재개됨`],
  [
    /^(\d+) MiB free: the raw log is not kept \((\d+) MiB removed just now\)$/,
    (free, freed) => `${free} MiB 남음: 원본 로그를 보관하지 않음 (방금 ${freed} MiB 삭제)`,
  ],
  [
    /^(\d+) MiB free, less than the (\d+) MiB of the warning mark$/,
    (free, mark) => `${free} MiB 남음, 경고 기준 ${mark} MiB 미만`,
  ],
  [/^the disk of (.*) cannot be used: (.*)$/, (folder, why) => `${folder} 디스크를 쓸 수 없음: ${why}`],
  [
    /^the disk is ([a-z]+)(?: \((.*)\))?: sealed hours only$/,
    (state, why) => `디스크 ${named(koreanDiskStates, state)}${why ? ` (${say(why)})` : ''}: 확정된 시간만 포함`,
  ],
  // The store's start and its files.
  [/^store ready at frame (\d+)$/, (n) => `저장소 준비됨, 프레임 ${n}까지`],
  [/^the state of the streams cannot be read back \((.*)\)$/, (why) => `스트림 상태를 다시 읽지 못함 (${why})`],
  [
    /^the hot hours are rebuilt from journal segment (\d+)$/,
    (segment) => `확정 전 데이터를 저널 세그먼트 ${segment}부터 다시 만드는 중`,
  ],
  [
    /^the catalog would not open \((.*)\); it was moved to (.*) and is rebuilt from the journal$/,
    (why, place) => `카탈로그가 열리지 않아 (${why}) ${place}(으)로 옮기고 저널에서 다시 만듦`,
  ],
  [
    /^the hot database would not open \((.*)\); it was moved to (.*) and is rebuilt from the journal$/,
    (why, place) => `확정 전 데이터베이스가 열리지 않아 (${why}) ${place}(으)로 옮기고 저널에서 다시 만듦`,
  ],
  [
    /^the hot database ended the store (\d+) times while opening; it was moved to (.*) and is rebuilt from the journal$/,
    (n, place) => `확정 전 데이터베이스를 여는 중 저장소가 ${n}번 종료되어 ${place}(으)로 옮기고 저널에서 다시 만듦`,
  ],
  [/^commits are refused: (.*)$/, (why) => `커밋이 거부됨: ${why}`],
  [
    /^(\S+ \S+ \S+): a trade of (\d+) has the id (\S+) of another trade of (\d+) and is not stored$/,
    (name, at, id, other) => `${name}: ${at} 체결의 번호 ${id}이(가) ${other}의 다른 체결과 같아 저장하지 않음`,
  ],
  [/^a sealed file does not read and was put aside: (.*)$/, (path) => `확정 파일을 읽을 수 없어 따로 옮김: ${path}`],
  [/^a sealed file is not on disk any more: (.*)$/, (path) => `확정 파일이 디스크에 없음: ${path}`],
  [
    /^(\d+) sealed files were not in the catalog and are again$/,
    (n) => `카탈로그에 없던 확정 파일 ${n}개를 다시 등록함`,
  ],
  [
    /^hour (\S+) could not be (sealed|compacted): (.*)$/,
    (at, what, why) => {
      return `${at} 시간대를 ${what === 'sealed' ? '확정하지' : '합치지'} 못함: ${why}`;
    },
  ],
  [
    /^hour (\S+): stream (\d+) is not in the catalog; its rows stay hot$/,
    (at, stream) => `${at} 시간대: 스트림 ${stream}이(가) 카탈로그에 없어 확정하지 않고 둠`,
  ],
  [
    /^(.*): (\d+) rows were written, (\d+) read back; the file is removed and the hour stays hot$/,
    (path, wrote, read) => `${path}: ${wrote}행을 썼으나 ${read}행만 읽혀 파일을 지우고 확정하지 않음`,
  ],
  [/^the store has not read the replies yet$/, () => '저장소가 아직 응답을 처리하지 못함'],
  [
    /^(.*); (\d+) trades of sealed hours are still hot and not among them$/,
    (why, n) => `${say(why)}; 봉인된 시간대에 뒤늦게 온 체결 ${n}건은 포함되지 않음`,
  ],
  [
    /^more than (\d+) hot rows came since the last question; ask again for the rest$/,
    (n) => `지난 조회 이후 확정 전 행이 ${n}개 넘게 들어옴: 나머지는 다시 조회하세요`,
  ],
];
