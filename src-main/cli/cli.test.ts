// Tests of the command line as a terminal sees it: what is on stdout, what on stderr, and the exit code.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { parametersOf } from './analysis-commands.ts';
import { decoderOf } from './decode.ts';
import { csvRow, secondText } from './output.ts';
import { marketOf, secondsOf, timeOf, venueOf } from './values.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-cli-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Of a recorder that has recorded for a few seconds. */
const terminal = join(dir, 'terminal');
const main = join(import.meta.dirname, 'main.ts');
const cli = (args: readonly string[], input = '') => {
  // Nothing else ends a command that hangs: a test that waits for it like this is beyond its own time limit.
  const ended = spawnSync(process.execPath, [main, ...args], {
    input,
    encoding: 'utf8',
    timeout: 90_000,
    killSignal: 'SIGKILL',
  });
  if (ended.error) throw new Error(`${args.join(' ')}: ${ended.error.message}; it said: ${ended.stderr}`);
  return { status: ended.status, stdout: ended.stdout, stderr: ended.stderr };
};

const trade = JSON.stringify({
  e: 'trade',
  E: 1_700_000_000_001,
  s: 'BTCUSDT',
  t: 5,
  p: '61837.63000000',
  q: '1.00000000',
  T: 1_700_000_000_000,
  m: true,
  M: true,
});

describe('command line', () => {
  it.each([
    [['status', '--data', join(dir, 'none')], `data folder ${join(dir, 'none')} does not exist`],
    [['ticks', '--data', dir, '--from', 'soon', '--to', '2026-11-20'], '--from "soon" is no time'],
    [
      ['ticks', '--data', dir, '--from', '2026-11-21', '--to', '2026-11-20'],
      '--from 2026-11-21 is not before --to 2026-11-20',
    ],
    [
      ['ticks', '--data', dir, '--from', '2026-11-20', '--to', '2026-11-21', '--venue', 'binanse'],
      'did you mean "binance"?',
    ],
    [
      ['extract', '--data', dir, '--coin', 'POD', '--at', '2026-11-20', '--before', '-1'],
      '--before "-1" is no number of seconds',
    ],
    [
      ['extract', '--data', dir, '--coin', 'POD', '--at', '2026-11-20', '--after', '3601'],
      '--after 3601 is more than an hour',
    ],
    [
      ['extract', '--data', dir, '--coin', 'POD', '--at', '2026-11-20', '--format', 'xls'],
      '--format "xls" is none of parquet, csv, jsonl',
    ],
    [['record', '--data', dir, '--port', 'x'], '--port x is no port number'],
    [['sql', '--data', dir, 'SELECT 1', '--timeout', '0'], '--timeout "0" is no number from 0.1 to 600'],
    [
      ['sql', '--data', dir, 'SELECT 1', '--from', '2026-11-20', '--to', '2026-11-20'],
      '--from 2026-11-20 is not before --to 2026-11-20',
    ],
    [['sql', '--data', dir, 'SELECT $a', '--param', 'a'], '--param "a" is not of the form name=value'],
    [
      [
        'bars',
        '--data',
        dir,
        '--venue',
        'upbit',
        '--symbol',
        'A',
        '--from',
        '2026-11-20',
        '--to',
        '2026-11-21',
        '--interval',
        '2m',
      ],
      '--interval "2m" is none of 1s, 5s',
    ],
    [['record', '--data', dir, '--settings', join(dir, 'none.json')], 'none.json cannot be read'],
    [['coverage', '--data', dir, '--from', '2100-01-01', '--to', '2100-01-02'], '--from 2100-01-01 lies in the future'],
    [['reconcile', '--data', dir, '--date', '2100-01-01'], '--date 2100-01-01 lies in the future'],
    [
      ['backfill', '--data', dir, '--venue', 'upbit', '--symbol', 'A', '--from', '2100-01-01', '--to', '2100-01-02'],
      '--from 2100-01-01 lies in the future',
    ],
    [['extract', '--data', dir, '--coin', '', '--at', '2026-11-20'], '--coin names no coin'],
    [['sql', '--data', dir, ' '], 'there is no statement'],
    [['reconcile', '--data', dir, '--date', '20.11.'], '--date "20.11." is no day'],
    [['backfill', '--data', dir], 'name what to ask for: --gap ID, or --all'],
    [['backfill', '--data', dir, '--all', '--gap', '1-2'], 'name what to ask for'],
    [['gaps', '--data', dir, '--state', 'opn'], '--state "opn" is none of open'],
    [['verdict', '--data', dir, '--coin', 'POD'], 'name a window: --at'],
    [['verdict', '--data', dir, '--at', '2026-11-20'], 'name what is judged: --coin'],
    [['record'], "required option '--data <dir>' not specified"],
    [['stauts', '--data', dir], 'Did you mean status?'],
    [['decode', '--venue', 'upbit', '--market', 'perp'], 'there is no feed for upbit perp yet'],
  ])('%j ends with one clear line and no exit code 0', (args, words) => {
    const { status, stdout, stderr } = cli(args);
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^tapedeck: [^\n]+\n$/);
    expect(stderr).toContain(words);
  });

  it('says at once that nothing is recorded where nobody has said what: a service has no screen to choose on', async () => {
    const data = join(dir, 'unset');
    const child = spawn(process.execPath, [main, 'record', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ready = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(JSON.parse(ready)).toMatchObject({ event: 'ready', mode: 'none' });
    expect(said).toMatch(
      /^tapedeck: nothing is recorded: \S+settings\.json does not exist and no --settings was given; .*\n$/,
    );
  }, 60_000);

  it.each([
    ['record', '--data', join(dir, 'refused'), '--rehearsal'],
    ['rehearse', '--check', '--recipe'],
    ['rehearse', '--recipe'],
  ])('says in a line what is wrong with a recipe, and starts nothing: %s', (...args) => {
    const recipe = join(dir, 'recipe.json');
    writeFileSync(recipe, '{"version": 7}');
    const { status, stdout, stderr } = cli([...args, recipe]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^(rehearse|tapedeck): recipe .*recipe\.json is refused: version: [^\n]*\n$/);
    expect(existsSync(join(dir, 'refused'))).toBe(false);
  });

  it('goes on when nobody reads what it prints any more, and ends in order when its terminal closes', async () => {
    const recipe = join(import.meta.dirname, '../../resources/recipes/listing.json');
    const child = spawn(process.execPath, [main, 'record', '--data', terminal, '--rehearsal', recipe], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a terminal gives: what closes the terminal reaches all of it.
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    const ready = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const { url, pid, children } = JSON.parse(ready) as { url: string; pid: number; children: { store: number } };
    const health = async (): Promise<number> => (await fetch(`${url}/health`)).status;
    expect(await health()).toBe(200);
    child.stdout.destroy();
    child.stderr.destroy();
    // Whoever is sent this says so on its stderr, which the host passes on.
    process.kill(children.store, 'SIGUSR1');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await health()).toBe(200);
    process.kill(-pid, 'SIGHUP');
    expect(await ended).toBe(0);
  }, 90_000);

  it.each([
    [['verdict', '--coin', 'PODD'], 'no recorded venue lists PODD; did you mean POD?'],
    [['verdict', '--coin', 'POD', '--symbol', 'XUSDT'], 'no symbol XUSDT is known'],
    [['verdict', '--coin', 'POD', '--venue', 'gate'], 'gate is none of the 2 streams of POD'],
    [['verdict', '--venue', 'gate'], 'no stream gate was ever recorded'],
    [['instruments', '--coin', 'podd'], 'did you mean POD?'],
    [['instruments', '--symbol', 'POD'], 'no symbol POD is known'],
  ])('says that there is no such thing where it was recorded: %j', (args, words) => {
    const at = args[0] === 'verdict' ? ['--at', new Date().toISOString()] : [];
    const { status, stdout, stderr } = cli([...args, ...at, '--data', terminal]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(words);
  });

  it('adds the failure as JSON where JSON was asked for', () => {
    const { stderr } = cli(['gaps', '--data', join(dir, 'none'), '--json']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'data.missing' } });
  });

  it('explains every command with an example', () => {
    for (const command of [
      'record',
      'status',
      'ticks',
      'extract',
      'listings',
      'gaps',
      'coverage',
      'decode',
      'rehearse',
      'doctor',
    ]) {
      const { status, stdout } = cli([command, '--help']);
      expect([status, /Examples?:\n {2}\$ /.test(stdout)]).toEqual([0, true]);
    }
  }, 120_000);

  it('answers each frame with one line, whatever it holds', () => {
    const lines = [
      JSON.stringify({ raw: trade }),
      JSON.stringify({ raw: '{"result":null,"id":1}' }),
      JSON.stringify({ raw: '{"e":"trade"' }),
      'nonsense',
      '{"row":1}',
    ];
    const { status, stdout } = cli(['decode', '--venue', 'binance', '--market', 'spot'], `${lines.join('\n')}\n\n`);
    expect(status).toBe(0);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers.map((answer) => answer.kind)).toEqual([
      'trades',
      'control',
      'quarantine',
      'quarantine',
      'quarantine',
    ]);
    expect(answers[0]).toEqual({
      kind: 'trades',
      ticks: [
        {
          symbol: 'BTCUSDT',
          channel: 'trade',
          id: '5',
          price: '61837.63000000',
          qty: '1.00000000',
          baseQty: '1.00000000',
          side: 'sell',
          eventUs: 1_700_000_000_000_000,
        },
      ],
      rejected: [],
      reason: null,
    });
  });

  it('reads a folder that nobody records into, and leaves quietly when its reader has read enough', async () => {
    const data = join(dir, 'data');
    mkdirSync(data);
    const { status, stdout } = cli(['status', '--data', data, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      pid: null,
      recording: false,
      children: { collector: null, store: null },
      totals: { frames: 0, ticks: 0 },
    });
    const child = spawn(
      process.execPath,
      [main, 'ticks', '--data', data, '--from', '2026-11-20', '--to', '2026-11-21', '--format', 'csv'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    expect([await new Promise((resolve) => child.on('close', resolve)), said]).toEqual([0, '']);
  }, 60_000);
});

describe('a name that is mistyped', () => {
  const day = ['--from', '2026-11-20', '--to', '2026-11-21'];
  it.each([
    [['gaps', '--symbol', 'BTCUSD'], 'no symbol BTCUSD is known'],
    [['coverage', '--venue', 'binance', '--symbol', 'BTCUSD', ...day], 'no symbol binance BTCUSD is known'],
    [['ticks', '--symbol', 'BTCUSD', ...day], 'no symbol BTCUSD is known'],
    [['bars', '--venue', 'binance', '--symbol', 'BTCUSD', ...day], 'no symbol binance spot BTCUSD is known'],
    [['lines', '--log', 'binance:spot:o'], 'nothing is known of a line binance:spot:o'],
    [['sql', 'SELECT 1', '--out', join(dir, 'none', 'x.csv')], `there is no folder ${join(dir, 'none')}`],
  ])(
    '%j never looks as if nothing were missing or nothing had happened',
    (args, words) => {
      const data = join(dir, 'quiet');
      mkdirSync(data, { recursive: true });
      const { status, stdout, stderr } = cli([...args, '--data', data]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^tapedeck: [^\n]+\n$/);
      expect(stderr).toContain(words);
    },
    60_000,
  );
});

describe('values', () => {
  it('takes a parameter of a query for a number only where no digit is lost', () => {
    expect(parametersOf(['id=17883351803770005', 'price=0.1234567890123456', 'n=-12.50', 'coin=A=B', 'e='])).toEqual({
      id: '17883351803770005',
      price: '0.1234567890123456',
      n: -12.5,
      coin: 'A=B',
      e: '',
    });
  });

  it('takes times in UTC, with an offset and in KST, and seconds with fractions', () => {
    expect(timeOf('2026-11-20 18:00:00 KST', '--at')).toBe(timeOf('2026-11-20T09:00:00Z', '--at'));
    expect(secondsOf('0.5', '--after')).toBe(500_000);
    expect([venueOf('Binance'), marketOf('linear-perp')]).toEqual(['binance', 'perp']);
  });

  it('prints moments with their zone, which a program would otherwise take for its own', () => {
    const text = secondText(timeOf('2026-11-20 18:00:00 KST', '--at'));
    expect([text, Date.parse(text)]).toEqual(['2026-11-20T09:00:00Z', Date.UTC(2026, 10, 20, 9)]);
  });

  it('quotes CSV where it must', () => {
    const tick = {
      venue: 'binance',
      market: 'spot',
      symbol: 'A,"B"',
      channel: 'trade',
      id: '1',
      price: '1.00',
      qty: '2',
      baseQty: null,
      side: 'buy',
      eventUs: 1,
      recvUs: 2,
      origin: 'live',
      lines: [0, 1],
    } as const;
    expect(csvRow({ ...tick, lines: [...tick.lines] })).toBe(
      'binance,spot,"A,""B""",trade,1,1.00,2,,buy,1,2,live,0 1\n',
    );
  });

  it('counts contracts in coins by the size given, and leaves unknown sizes open', () => {
    const frame = Buffer.from(trade);
    expect(decoderOf(binanceSpot, () => '10')(frame).ticks[0]?.baseQty).toBe('10.00000000');
    expect(decoderOf(binanceSpot, () => null)(frame).ticks[0]?.baseQty).toBeNull();
  });
});
