// The recorder's own sentences in Korean; what others said inside of them as it came.
import { expect, it } from 'vitest';
import { koreanNote } from './korean-notes.ts';

it.each([
  ['symbol list: binance: fetch failed', '종목 목록을 읽지 못함: binance: fetch failed'],
  [
    '29643 trades, incomplete: bybit:perp:PODUSDT and 2 more (3 of 13 streams); history gave 60 trades, 0 of them new',
    '체결 29643건, 불완전: bybit:perp:PODUSDT 외 2개 (스트림 13개 중 3개); 과거 조회로 체결 60건 수신, 신규 0건',
  ],
  [
    'POD around 2026-11-21T12:49:15.000000Z: 29643 trades, incomplete, in /data/extracts/POD',
    'POD 2026-11-21T12:49:15.000000Z 전후: 체결 29643건, 불완전, /data/extracts/POD',
  ],
  ['the window is over in 2 h 11 m', '구간이 끝나기까지 2시간 11분'],
  ['the window is over in 45 s', '구간이 끝나기까지 45초'],
  ['late trades are waited for, 9 s more', '늦게 오는 체결을 9초 더 기다리는 중'],
  ['renewal failed: no frame for 10000 ms', '갱신 실패: 10000 ms 동안 수신 없음'],
  ['2 refused, ABCUSDT: Invalid symbol', '2개 거절됨, ABCUSDT: Invalid symbol'],
  ['1 trades', '체결 1건'],
  ['automatic repair', '자동 복구'],
  ['gap 1-1795274163098299', '결손 1-1795274163098299'],
  [
    'gaps of upbit:spot from 2026-11-20T09:00:00Z to 2026-11-20T09:01:00Z',
    'upbit:spot 결손 2026-11-20T09:00:00Z~2026-11-20T09:01:00Z',
  ],
  [
    "1 gap ended within ten minutes without all of its trades; in all 0 filled in part and 1 out of the venue's reach: see the missing ones under Gaps",
    '10분 안에 결손 1건이 체결을 다 채우지 못하고 종료됨; 전체로는 일부 복구 0건, 조회 범위 밖 1건: 결손 화면의 누락 목록 참조',
  ],
  ["this computer's clock is 900 ms behind the venues'", '이 컴퓨터의 시계가 거래소보다 900 ms 느림'],
  ['connect ECONNREFUSED 127.0.0.1:443', 'connect ECONNREFUSED 127.0.0.1:443'],
])('%s', (english, korean) => {
  expect(koreanNote(english)).toBe(korean);
});
