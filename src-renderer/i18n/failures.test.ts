// A failure in the reader's language and zone; what others said in it as it came.
import { describe, expect, it } from 'vitest';
import { failureWords } from './failures.ts';
import { textsOf } from './text.ts';

const told = (code: string, message: string, language: 'en' | 'ko' = 'ko'): string =>
  failureWords(textsOf(language, 'KST'), { code, message });

describe('a failure', () => {
  it.each([
    ['link.lost', 'gaps.list: there is no link to the host', '호스트에 연결되어 있지 않음 (gaps.list)'],
    ['process.gone', 'store is being restarted', '저장소: 재시작하는 중'],
    [
      'extract.out-dir',
      'nothing can be written in /mnt/x (EROFS: read-only file system, mkdir); choose another folder or mend its permissions',
      '/mnt/x에 쓸 수 없음 (EROFS: read-only file system, mkdir): 다른 폴더를 고르거나 권한을 고치세요',
    ],
    [
      'archive.query',
      'the archive could not be read: IO Error: torn; page\n  of a file',
      '저장된 체결을 읽지 못함: IO Error: torn; page\n  of a file',
    ],
    [
      'request.invalid',
      'listings.add: coin: Too small: expected string to have >=1 characters; title: Invalid input',
      '요청 값이 올바르지 않음: coin: Too small: expected string to have >=1 characters; title: Invalid input (listings.add)',
    ],
    [
      'remote.gone',
      'https://far.example:8443 does not answer: connect ECONNREFUSED 10.0.0.1:8443',
      'https://far.example:8443: 응답하지 않음: connect ECONNREFUSED 10.0.0.1:8443',
    ],
    [
      'settings.invalid',
      'settings: something that nobody has put down',
      'settings: something that nobody has put down',
    ],
    ['x.y', 'something that nobody has put down', 'something that nobody has put down'],
  ])('%s: %s', (code, message, korean) => {
    expect(told(code, message)).toBe(korean);
    expect(told(code, message, 'en')).toBe(message);
  });

  it('has its times in the zone that was chosen', () => {
    const sealing = 'hour 2026-11-20T09:00:00Z could not be sealed: EIO';
    expect(told('archive.seal', sealing)).toContain('2026-11-20 18:00:00 KST');
    expect(told('archive.seal', sealing, 'en')).toBe('hour 2026-11-20 18:00:00 KST could not be sealed: EIO');
  });

  it('of a statement is what DuckDB said, in its own times', () => {
    const said = 'Conversion Error: 09:00:00 UTC is no interval; cancelled';
    expect(told('analysis.sql', said)).toBe(said);
    expect(told('analysis.syntax', 'syntax error at or near "SELEC"')).toBe('syntax error at or near "SELEC"');
  });
});
