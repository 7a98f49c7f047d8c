// What people keep: files that say what they are, drafts that survive, names that stay inside their folder.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Result, unwrap } from '../../src-shared/base/result.ts';
import { contract, type RequestInput, type RequestName, type RequestOutput } from '../../src-shared/contract/index.ts';
import { readAnalysis, writeAnalysis } from '../base/analysis-file.ts';
import { analysesRequests } from './analyses.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-analyses-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const signal = new AbortController().signal;

function open() {
  const handlers = analysesRequests({ dataDir, nowUs: () => 1_795_165_200_000_000 });
  return async <N extends RequestName>(name: N, input: RequestInput<N>): Promise<Result<RequestOutput<N>>> => {
    const handler = handlers[name];
    if (!handler) throw new Error(`nobody answers ${name}`);
    return (await handler(contract[name].input.parse(input) as never, { signal })) as Result<RequestOutput<N>>;
  };
}

const draft = (id: string, sql: string, updatedUs: number, position = 0) => ({
  id,
  title: '',
  sql,
  updatedUs,
  position,
});

describe('saved analyses', () => {
  it('are files that anyone can read, listed behind the ready-made ones', async () => {
    const ask = open();
    const parameters = [{ name: 'coin', type: 'text' as const, label: { en: 'Coin "x"', ko: '코인' }, initial: 'POD' }];
    const saved = unwrap(
      await ask('analyses.save', {
        title: '내 분석: 1/2',
        about: 'two\nlines',
        sql: 'SELECT $coin, $other',
        parameters,
      }),
    );
    expect(saved.id).toBe('내-분석-1-2');
    expect(readFileSync(join(dataDir, 'analyses', `${saved.id}.sql`), 'utf8')).toBe(
      '-- title: 내 분석: 1/2\n-- about: two lines\n-- param coin text "Coin \'x\'" "코인" = POD\n\nSELECT $coin, $other\n',
    );
    const all = unwrap(await ask('analyses.list', {})).analyses;
    expect(all.filter((one) => one.kind === 'ready').length).toBeGreaterThan(5);
    expect(all.at(-1)).toMatchObject({
      id: saved.id,
      title: { en: '내 분석: 1/2' },
      sql: 'SELECT $coin, $other',
      parameters: [
        { name: 'coin', initial: 'POD' },
        { name: 'other', type: 'text' },
      ],
    });
    const again = unwrap(await ask('analyses.save', { id: saved.id, title: 'x', sql: 'SELECT 2' }));
    expect(again).toMatchObject({ id: saved.id, sql: 'SELECT 2' });
    unwrap(await ask('analyses.remove', { id: saved.id }));
    expect(unwrap(await ask('analyses.list', {})).analyses.every((one) => one.kind === 'ready')).toBe(true);
  });

  it.each(['../secret', '..', 'a/b', 'a\\b', '.hidden', ''])('a name cannot leave the folder: %s', async (id) => {
    const ask = open();
    mkdirSync(join(dataDir, 'analyses'));
    writeFileSync(join(dataDir, 'secret.sql'), 'SELECT 1');
    expect((await ask('analyses.save', { id, title: 'x', sql: 'SELECT 1' })).ok).toBe(false);
    expect((await ask('analyses.remove', { id })).ok).toBe(false);
    expect(readdirSync(dataDir)).toContain('secret.sql');
  });

  it('a title can neither end the header nor become SQL', () => {
    const text = writeAnalysis({ title: 'a\nDROP TABLE x', about: '', sql: 'SELECT 1', parameters: [] });
    const read = readAnalysis(text, { id: 'a', kind: 'saved', updatedUs: 0 });
    expect(read).toMatchObject({ title: { en: 'a DROP TABLE x' }, sql: 'SELECT 1', parameters: [] });
  });

  it('a file without a header is an analysis too', () => {
    const place = { id: 'by hand', kind: 'saved', updatedUs: 0 } as const;
    expect(readAnalysis("SELECT $a, '$1', $$x$$, $t$ y $t$\r\n", place)).toMatchObject({
      title: { en: 'by hand', ko: 'by hand' },
      parameters: [{ name: 'a' }],
    });
  });
});

describe('drafts', () => {
  it('are there after a crash, in their order, the newest text of each', async () => {
    const ask = open();
    await Promise.all([
      ask('analyses.keep-draft', draft('b', 'SELECT 2', 1, 1)),
      ask('analyses.keep-draft', draft('a', 'SEL', 1)),
      ask('analyses.keep-draft', draft('a', 'SELECT', 2)),
      ask('analyses.keep-draft', draft('a', 'SELECT 1', 3)),
    ]);
    unwrap(await ask('analyses.keep-draft', draft('a', 'late and old', 2)));
    const next = open();
    expect(unwrap(await next('analyses.drafts', {})).drafts.map(({ sql }) => sql)).toEqual(['SELECT 1', 'SELECT 2']);
  });

  it('come back when they were closed by mistake', async () => {
    const ask = open();
    unwrap(await ask('analyses.keep-draft', draft('a', 'SELECT 1', 1)));
    unwrap(await ask('analyses.keep-draft', draft('b', ' ', 1)));
    unwrap(await ask('analyses.drop-draft', { id: 'a' }));
    unwrap(await ask('analyses.drop-draft', { id: 'b' }));
    const next = open();
    expect(unwrap(await next('analyses.drafts', {})).drafts).toEqual([]);
    expect(unwrap(await next('analyses.restore-draft', {})).draft).toMatchObject({ id: 'a', sql: 'SELECT 1' });
    expect(unwrap(await next('analyses.restore-draft', {})).draft).toBeNull();
  });

  it('a file that does not read is set aside, not overwritten', async () => {
    mkdirSync(join(dataDir, 'analyses'));
    writeFileSync(join(dataDir, 'analyses', 'drafts.json'), '{"drafts":[{"sql":"SELECT half');
    const ask = open();
    expect(unwrap(await ask('analyses.drafts', {})).drafts).toEqual([]);
    unwrap(await ask('analyses.keep-draft', draft('a', 'SELECT 1', 1)));
    expect(readdirSync(join(dataDir, 'analyses')).sort()).toEqual([
      'drafts.json',
      'drafts.unreadable-20261120T090000Z.json',
    ]);
  });
});
