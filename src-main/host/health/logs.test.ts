// Tests of the log pages and the support bundle: every line once, in order, in bounded reads; and no secret leaves the house.
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLevel, LogLine } from '../../../src-shared/contract/health.ts';
import { makeBundle, withoutSecrets } from './bundle.ts';
import { type LogQuestion, logPage } from './log-pages.ts';

let dir = '';
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'tapedeck-logs-')), 'logs');
  mkdirSync(dir);
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const levels: Record<string, number> = { debug: 20, info: 30, warn: 40, error: 50 };
function record(second: number, msg: string, level = 'info', more: object = {}): string {
  const time = new Date(Date.UTC(2026, 10, 20) + second * 1000).toISOString();
  return `${JSON.stringify({ level: levels[level], time, process: 'x', pid: 1, ...more, msg })}\n`;
}

const question = (more: Partial<LogQuestion> = {}): LogQuestion => ({
  level: 'info' as LogLevel,
  text: '',
  limit: 100,
  ...more,
});

async function page(more: Partial<LogQuestion> = {}): Promise<{ lines: LogLine[]; next: string | null }> {
  const found = await logPage([dir, dir], question(more));
  if (!found.ok) throw new Error(found.failure.message);
  return found.value;
}

async function all(more: Partial<LogQuestion> = {}): Promise<string[]> {
  const lines: LogLine[] = [];
  let before: string | undefined;
  for (;;) {
    const found = await page({ ...more, ...(before === undefined ? {} : { before }) });
    lines.push(...found.lines);
    if (found.next === null) return lines.map((line) => line.message);
    before = found.next;
  }
}

describe('the log pages', () => {
  it('merge the processes newest first, each line once, over rolled files and any page size', async () => {
    writeFileSync(join(dir, 'host.2.log'), record(1, 'a') + record(4, 'd'));
    writeFileSync(join(dir, 'host.1.log'), record(5, 'e'));
    writeFileSync(join(dir, 'host.log'), record(8, 'h'));
    writeFileSync(join(dir, 'store.log'), record(2, 'b') + record(3, 'c') + record(6, 'f') + record(7, 'g'));
    writeFileSync(join(dir, 'notes.txt'), 'x');
    const want = ['h', 'g', 'f', 'e', 'd', 'c', 'b', 'a'];
    for (const limit of [1, 2, 3, 8, 100]) expect(await all({ limit })).toEqual(want);
    expect(await all({ limit: 2, processes: ['store'] })).toEqual(['g', 'f', 'c', 'b']);
  });

  it('find by level and text, also in the details, and never hide what is no record', async () => {
    writeFileSync(
      join(dir, 'store.log'),
      record(1, 'quiet', 'debug') +
        record(2, 'seen', 'warn', { symbol: 'KRW-BTC' }) +
        record(3, '업비트 연결') +
        'Error: torn\n' +
        record(4, 'bad', 'error'),
    );
    expect(await all()).toEqual(['bad', 'Error: torn', '업비트 연결', 'seen']);
    expect(await all({ level: 'error' })).toEqual(['bad']);
    expect(await all({ level: 'debug', text: 'QUIET' })).toEqual(['quiet']);
    expect(await all({ text: 'krw-btc' })).toEqual(['seen']);
    expect(await all({ text: '업비트' })).toEqual(['업비트 연결']);
  });

  it('go on at their place while the file rolls and grows', async () => {
    writeFileSync(join(dir, 'host.log'), Array.from({ length: 50 }, (_, n) => record(n, `line ${n}`)).join(''));
    const first = await page({ limit: 10 });
    renameSync(join(dir, 'host.log'), join(dir, 'host.1.log'));
    writeFileSync(join(dir, 'host.log'), record(60, 'new'));
    appendFileSync(join(dir, 'host.log'), record(61, 'newer'));
    const second = await page({ limit: 10, before: first.next ?? '' });
    expect(second.lines.map((line) => line.message)).toEqual(Array.from({ length: 10 }, (_, n) => `line ${39 - n}`));
    expect(new Set([...first.lines, ...second.lines].map((line) => line.key)).size).toBe(20);
  });

  it('read a bounded part for a page, and find what lies far back in the end', async () => {
    const filler = record(2, 'x'.repeat(1000));
    writeFileSync(join(dir, 'host.log'), record(1, 'needle', 'error') + filler.repeat(9000));
    const first = await page({ level: 'error' });
    expect(first.lines).toEqual([]);
    expect(first.next).not.toBeNull();
    expect(await all({ level: 'error' })).toEqual(['needle']);
  });

  it('take a file that rolls away while they are read for one that is gone', { timeout: 120_000 }, async () => {
    for (let turns = 0; turns < 60; turns += 1) {
      for (const [name, at] of [
        ['host', 5],
        ['host.1', 4],
        ['host.2', 3],
        ['store', 2],
      ] as const)
        writeFileSync(join(dir, `${name}.log`), record(at, `line ${at}`));
      const reading = page();
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      for (const name of ['host.2', 'store']) rmSync(join(dir, `${name}.log`));
      const messages = (await reading).lines.map((line) => line.message);
      expect(messages.slice(0, 2)).toEqual(['line 5', 'line 4']);
    }
  });

  it('refuse a cursor that is none', async () => {
    expect(await logPage([dir], question({ before: 'nonsense' }))).toMatchObject({
      ok: false,
      failure: { code: 'logs.cursor' },
    });
    expect(await page()).toMatchObject({ lines: [], next: null });
  });
});

describe('the support bundle', () => {
  it('holds documents and logs as plain tar, without secrets', async () => {
    writeFileSync(join(dir, 'host.log'), record(1, 'see http://127.0.0.1:1/?token=SECRET1 and Bearer SECRET2'));
    const { name, bytes, files } = await makeBundle({
      nowUs: Date.UTC(2026, 10, 20) * 1000,
      documents: {
        settings: { rest: 'https://user:SECRET3@venue.example/v1?apikey=SECRET4', apiKey: 'SECRET5', lines: 2 },
      },
      logFolders: [dir],
    });
    expect(name).toBe('tapedeck-support-20261120T000000Z.tar.gz');
    expect(files).toEqual(['settings.json', 'logs/host.log']);
    const tar = gunzipSync(bytes);
    expect(tar.length % 512).toBe(0);
    expect(tar.toString('latin1', 257, 262)).toBe('ustar');
    expect(tar.toString('latin1', 0, 50)).toContain('tapedeck-support-20261120T000000Z/settings.json');
    const text = tar.toString();
    expect(text).not.toMatch(/SECRET/);
    expect(text).toContain('"lines": 2');
    expect(text).toContain('see http://127.0.0.1:1/?token=[removed]');
  });

  it('goes without a log that rolls away while it is made', { timeout: 120_000 }, async () => {
    for (let turns = 0; turns < 60; turns += 1) {
      for (const name of ['analyst', 'host', 'store']) writeFileSync(join(dir, `${name}.log`), record(1, name));
      const making = makeBundle({ nowUs: 0, documents: {}, logFolders: [dir] });
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      rmSync(join(dir, 'store.log'));
      expect((await making).files.slice(0, 2)).toEqual(['logs/analyst.log', 'logs/host.log']);
    }
  });

  it('leaves ordinary words alone', () => {
    expect(withoutSecrets({ note: 'no key needed', tokens: null, url: 'wss://stream.example/ws?streams=a' })).toEqual({
      note: 'no key needed',
      tokens: null,
      url: 'wss://stream.example/ws?streams=a',
    });
  });
});
