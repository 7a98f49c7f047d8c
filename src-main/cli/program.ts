// The command line: the same requests that the screen makes, from a terminal. Run as `npm run -s tapedeck -- <command>`.
// Promises: what was asked for on stdout and nothing else; trouble is one clear line on stderr and an exit code that is not 0.
import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { versionOf } from '../host/entries.ts';
import { become } from './become.ts';
import { run } from './output.ts';

const program = new Command('tapedeck');
program
  .description('Records every trade around a listing announcement and proves what it holds.')
  .version(versionOf(dirname(dirname(import.meta.dirname))), '-V, --version', 'print the version')
  .showSuggestionAfterError(true)
  .configureOutput({
    outputError: (text, say) =>
      say(
        `tapedeck: ${text
          .replace(/^error: /, '')
          .replaceAll(/\s*\n\s*/g, ' ')
          .trim()}\n`,
      ),
  })
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s tapedeck -- record --data ./data --settings settings.json
  $ npm run -s tapedeck -- status --data ./data --json
  $ npm run -s tapedeck -- extract --data ./data --coin POD --at "2026-11-20 18:00:00 KST"
  $ npm run -s tapedeck -- doctor

Times: 2026-11-20T09:00:00Z, "2026-11-20 18:00:00 KST", 2026-11-20T18:00:00+09:00. One without a zone is UTC, and all times that are printed are UTC.
`,
  );

const data = (): Option => new Option('--data <dir>', 'the data folder').makeOptionMandatory();
const json = (): Option => new Option('--json', 'print one JSON document');

program
  .command('record')
  .description('record without a desktop; the screen is served to a browser on this machine')
  .addOption(data())
  .option('--settings <file>', 'settings file; default: settings.json of the data folder')
  .option('--port <n>', 'port of the screen and of /health and /metrics; default: a free one')
  .option('--listen <address>', 'address to listen on', '127.0.0.1')
  .option('--rehearsal [recipe]', 'record simulated venues; the recipe file says what they do')
  .addHelpText(
    'after',
    `
Prints {"event":"ready","url","token","pid","children"} when host, journal and store are up. SIGTERM drains and exits 0.

Examples:
  $ npm run -s tapedeck -- record --data ./data --settings settings.json --port 8080
  $ npm run -s tapedeck -- record --data ./practice --rehearsal
`,
  )
  .action((options: { data: string; settings?: string; port?: string; listen: string; rehearsal?: string | boolean }) =>
    become('headless', [
      '--data',
      resolve(options.data),
      '--listen',
      options.listen,
      ...(options.settings === undefined ? [] : ['--settings', resolve(options.settings)]),
      ...(options.port === undefined ? [] : [`--port=${options.port}`]),
      ...(options.rehearsal === undefined ? [] : ['--rehearsal']),
      ...(typeof options.rehearsal === 'string' ? ['--recipe', resolve(options.rehearsal)] : []),
    ]),
  );

program
  .command('status')
  .description('what the recorder does and holds')
  .addOption(data())
  .addOption(json())
  .addHelpText('after', '\nExample:\n  $ npm run -s tapedeck -- status --data ./data --json\n')
  .action((options) => run(async () => (await import('./read-commands.ts')).status(options), options.json ?? false));

program
  .command('lines')
  .description('every connection to the venues, or the log of the life of one')
  .addOption(data())
  .addOption(json())
  .option('--log <line>', 'the log of this line, e.g. binance:spot:0, newest first')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s tapedeck -- lines --data ./data
  $ npm run -s tapedeck -- lines --data ./data --log upbit:spot:1 --json
`,
  )
  .action((options) => run(async () => (await import('./line-commands.ts')).lines(options), options.json ?? false));

const filtered = (command: Command): Command =>
  command
    .option('--venue <name>', 'only this venue')
    .option('--market <name>', 'only this market: spot, perp (also linear-perp) or stock')
    .option('--symbol <name>', 'only this symbol, as the venue writes it');

filtered(program.command('ticks').description('ticks of a window, ordered by event time, then id').addOption(data()))
  .requiredOption('--from <iso>', 'first moment')
  .requiredOption('--to <iso>', 'moment after the last')
  .option('--format <name>', 'jsonl or csv', 'jsonl')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s tapedeck -- ticks --data ./data --from 2026-11-20T09:00:00Z --to 2026-11-20T09:01:00Z --venue upbit
  $ npm run -s tapedeck -- ticks --data ./data --from "2026-11-20 18:00 KST" --to "2026-11-20 18:01 KST" --format csv > ticks.csv
`,
  )
  .action((options) => run(async () => (await import('./read-commands.ts')).ticks(options), false));

program
  .command('extract')
  .description('write the seconds around a moment, of every instrument of a coin, with a verdict per stream')
  .addOption(data())
  .requiredOption('--coin <symbol>', 'coin, e.g. POD')
  .requiredOption('--at <iso>', 'the announcement')
  .option('--before <seconds>', 'seconds before it', '20')
  .option('--after <seconds>', 'seconds after it', '20')
  .option('--format <name>', 'parquet, csv or jsonl', 'parquet')
  .option('--out <dir>', 'folder that receives <coin>-<time>; default: exports of the data folder')
  .option('--unlisted', 'also a coin that no recorded venue lists, e.g. one that is yet to be listed')
  .addOption(json())
  .addHelpText(
    'after',
    `
A coin that no recorded venue lists, now or earlier, and of which no trade was recorded, is refused with exit code 1 and the names near to it: as a
rule it is mistyped. --unlisted extracts it all the same.

Example:
  $ npm run -s tapedeck -- extract --data ./data --coin POD --at "2026-11-20 18:00:00 KST" --after 60 --format csv
`,
  )
  .action((options) => run(async () => (await import('./read-commands.ts')).extract(options), options.json ?? false));

program
  .command('listings')
  .description('announced coins, newest first, with what was extracted of each')
  .addOption(data())
  .addOption(json())
  .addHelpText('after', '\nExample:\n  $ npm run -s tapedeck -- listings --data ./data\n')
  .action((options) => run(async () => (await import('./read-commands.ts')).listings(options), options.json ?? false));

filtered(
  program
    .command('instruments')
    .description('what can be traded where, as the venues list it')
    .addOption(data())
    .addOption(json()),
)
  .option('--coin <symbol>', 'only this coin, e.g. POD')
  .option('--history', 'every change that was seen, oldest first')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s tapedeck -- instruments --data ./data --coin POD
  $ npm run -s tapedeck -- instruments --data ./data --venue upbit --history --json
`,
  )
  .action((options) =>
    run(async () => (await import('./read-commands.ts')).instruments(options), options.json ?? false),
  );

filtered(program.command('gaps').description('what is known to be missing').addOption(data()).addOption(json()))
  .option('--state <names>', 'only these: open, repairing, repaired, partial, unrecoverable, venue-hole')
  .option('--from <iso>', 'only those that reach beyond this moment')
  .option('--to <iso>', 'only those that begin before this moment')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s tapedeck -- gaps --data ./data --json
  $ npm run -s tapedeck -- gaps --data ./data --venue upbit --state open,partial --from 2026-11-20
`,
  )
  .action((options) => run(async () => (await import('./read-commands.ts')).gaps(options), options.json ?? false));

filtered(
  program
    .command('backfill')
    .description('ask the venues for what is missing, now, and wait for it')
    .addOption(data())
    .addOption(json()),
)
  .option('--gap <id>', 'one gap, also one that was given up')
  .option('--all', 'every gap that may still be filled')
  .option('--from <iso>', 'begin of the window')
  .option('--to <iso>', 'end of the window')
  .addHelpText(
    'after',
    `
A stream with both ends of a window is asked for even where no gap is known. Ctrl-C cancels what has not been asked for yet.
Exit code 0: nothing of what was asked for is missing, or it is a hole of the venue itself; 1: something is, also when it was given up earlier.

Examples:
  $ npm run -s tapedeck -- backfill --data ./data --all
  $ npm run -s tapedeck -- backfill --data ./data --gap 12-1700000000000000 --json
  $ npm run -s tapedeck -- backfill --data ./data --venue upbit --market spot --symbol KRW-BTC --from 2026-11-20T09:00Z --to 2026-11-20T09:05Z
`,
  )
  .action((options) =>
    run(async () => (await import('./repair-commands.ts')).backfill(options), options.json ?? false),
  );

filtered(
  program
    .command('reconcile')
    .description(
      "compare a day's minutes with the venues' own candles, or with the newest trades where a venue gives none",
    )
    .addOption(data())
    .addOption(json()),
)
  .requiredOption('--date <day>', 'UTC day, e.g. 2026-11-20')
  .addHelpText(
    'after',
    `
A minute that differs becomes a gap and is repaired like any other. Exit code 0: every minute that could be compared is equal; 1 also when nothing is recorded of that day.

Example:
  $ npm run -s tapedeck -- reconcile --data ./data --date 2026-11-20 --venue upbit --json
`,
  )
  .action((options) =>
    run(async () => (await import('./repair-commands.ts')).reconcile(options), options.json ?? false),
  );

filtered(
  program
    .command('verdict')
    .description('proven, covered, unproved or incomplete: what can be said of a window')
    .addOption(data())
    .addOption(json()),
)
  .option('--coin <symbol>', 'every instrument of this coin')
  .option('--at <iso>', 'the moment')
  .option('--before <seconds>', 'seconds before it', '20')
  .option('--after <seconds>', 'seconds after it', '20')
  .option('--from <iso>', 'first moment, instead of --at')
  .option('--to <iso>', 'moment after the last')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s tapedeck -- verdict --data ./data --coin POD --at "2026-11-20 18:00:00 KST"
  $ npm run -s tapedeck -- verdict --data ./data --venue binance --market spot --symbol PODUSDT --from 2026-11-20T09:00Z --to 2026-11-20T09:10Z
`,
  )
  .action((options) => run(async () => (await import('./repair-commands.ts')).verdict(options), options.json ?? false));

filtered(
  program.command('coverage').description('when each line covered each stream').addOption(data()).addOption(json()),
)
  .requiredOption('--from <iso>', 'first moment')
  .requiredOption('--to <iso>', 'moment after the last')
  .addHelpText(
    'after',
    '\nExample:\n  $ npm run -s tapedeck -- coverage --data ./data --from 2026-11-20T09:00Z --to 2026-11-20T10:00Z --json\n',
  )
  .action((options) => run(async () => (await import('./read-commands.ts')).coverage(options), options.json ?? false));

program
  .command('sql')
  .description('one read-only statement over everything that is stored: sealed hours and hot hours')
  .argument('<statement>', 'SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; - reads it from stdin')
  .addOption(data())
  .option('--param <name=value...>', 'value of $name, text or a number of up to 15 digits; may be given several times')
  .option('--from <iso>', 'trade holds nothing before this moment')
  .option('--to <iso>', 'trade holds nothing from this moment on')
  .option('--limit <rows>', 'rows at most; default: 1000, with --csv or --json 1000000')
  .option('--timeout <seconds>', 'stop after so long', '120')
  .option('--csv', 'print CSV')
  .addOption(json())
  .option('--out <file>', 'write every row to a .csv or .parquet file')
  .addHelpText(
    'after',
    `
Tables: trade, instrument, gap, coverage, listing, and bar(seconds). DESCRIBE trade names its columns, docs/columns.md says what they mean.
No files, no network, no settings; memory and time are bounded. Ctrl-C cancels.

Examples:
  $ npm run -s tapedeck -- sql --data ./data "SELECT venue, count(*) AS trades FROM trade GROUP BY venue ORDER BY trades DESC"
  $ npm run -s tapedeck -- sql --data ./data --csv --param symbol=BTCUSDT 'SELECT * FROM bar(60) WHERE symbol = $symbol'
  $ npm run -s tapedeck -- sql --data ./data --from 2026-11-20 --to 2026-11-21 --out day.parquet "FROM trade"
`,
  )
  .action((statement, options) =>
    run(async () => (await import('./analysis-commands.ts')).sql(statement, options), options.json ?? false),
  );

program
  .command('bars')
  .description('bars of one instrument out of stored ticks')
  .addOption(data())
  .requiredOption('--venue <name>', 'the venue')
  .option('--market <name>', 'spot, perp (also linear-perp) or stock', 'spot')
  .requiredOption('--symbol <name>', 'as the venue writes it')
  .requiredOption('--from <iso>', 'first moment')
  .requiredOption('--to <iso>', 'moment after the last')
  .option('--interval <name>', '1s, 5s, 15s, 1m, 5m, 15m, 1h, 4h or 1d', '1m')
  .option('--csv', 'print CSV')
  .addOption(json())
  .addHelpText(
    'after',
    '\nExample:\n  $ npm run -s tapedeck -- bars --data ./data --venue binance --symbol BTCUSDT --from 2026-11-20T09:00Z --to 2026-11-20T10:00Z\n',
  )
  .action((options) => run(async () => (await import('./analysis-commands.ts')).bars(options), options.json ?? false));

program
  .command('decode')
  .description('decode raw frames from stdin, one JSON {"raw": "..."} a line')
  .requiredOption('--venue <name>', 'whose frames they are')
  .option('--market <name>', 'spot, perp (also linear-perp) or stock', 'spot')
  .option('--instruments <file>', "the venue's own symbol list, for quantities in coins")
  .addHelpText(
    'after',
    `\nExample:\n  $ echo '{"raw":"{\\"e\\":\\"trade\\",...}"}' | npm run -s tapedeck -- decode --venue binance --market spot\n`,
  )
  .action((options) => run(async () => (await import('./decode.ts')).decode(options), false));

program
  .command('rehearse')
  .description('the simulated venues alone, for drills and for other recorders')
  .requiredOption('--recipe <file>', 'what they do')
  .option('--port <n>', 'where they listen; 0 for any free port', '0')
  .option('--ledger <file>', 'receives everything that they print')
  .option('--check', 'only read the recipe: nothing is said when it is in order')
  .addHelpText(
    'after',
    `
What a recipe can say: docs/recipes.md.

Examples:
  $ npm run -s tapedeck -- rehearse --recipe resources/recipes/listing.json --port 9001 --ledger ledger.jsonl
  $ npm run -s tapedeck -- rehearse --recipe mine.json --check
`,
  )
  .action((options: { recipe: string; port: string; ledger?: string; check?: boolean }) =>
    become('rehearsal', [
      '--recipe',
      resolve(options.recipe),
      ...(options.check ? ['--check'] : []),
      `--port=${options.port}`,
      ...(options.ledger === undefined ? [] : ['--ledger', resolve(options.ledger)]),
    ]),
  );

program
  .command('doctor')
  .description('what is installed, what is missing and how to get it')
  .option('--data <dir>', 'data folder to look at; default: Tapedeck in the home folder')
  .addOption(json())
  .addHelpText('after', '\nExample:\n  $ npm run -s tapedeck -- doctor --data ./data\n')
  .action((options) => run(async () => (await import('./doctor.ts')).doctor(options), options.json ?? false));

await program.parseAsync();
