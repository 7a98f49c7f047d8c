// What SQL finds in the sandbox: the tables by name, what they mean, and how they are put up on a connection of their own.
// Promises: only what a statement names is put up; facts of the catalog are those of the moment.
import { ok, type Result } from '../../src-shared/base/result.ts';
import type { Reach } from '../../src-shared/contract/days.ts';
import type { RequestOutput } from '../../src-shared/contract/index.ts';
import type { DuckConnection } from '../base/duck.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { gapPages } from './gap-pages.ts';
import { type SnapshotSource, type SnapshotWindow, tradeRelation } from './snapshot.ts';

type Schema = RequestOutput<'analysis.schema'>;
type TableSchema = Schema['tables'][number];

const column = (name: string, type: string, about: string): TableSchema['columns'][number] => ({ name, type, about });

const streamColumns = [
  column('venue', 'VARCHAR', 'binance, bybit, okx, kucoin, gate, phemex, upbit'),
  column('market', 'VARCHAR', 'spot, perp or stock'),
  column('symbol', 'VARCHAR', "the venue's own name"),
];

const tradeTable: TableSchema = {
  name: 'trade',
  about: 'Every trade that is stored, each once: sealed hours and hot hours',
  columns: [
    ...streamColumns,
    column('channel', 'VARCHAR', 'trade channel of the venue'),
    column('id', 'VARCHAR', "the venue's trade id"),
    column('price', 'VARCHAR', 'exact decimal text as the venue sent it'),
    column('qty', 'VARCHAR', "exact decimal text in the venue's unit (coins or contracts)"),
    column('base_qty', 'VARCHAR', 'exact decimal text in base coins; NULL where it is not known'),
    column('px', 'DOUBLE', 'price as a number'),
    column('sz', 'DOUBLE', 'qty as a number'),
    column('base_sz', 'DOUBLE', 'base_qty as a number'),
    column('side', 'VARCHAR', "the taker's side: buy, sell or unknown"),
    column('event_us', 'BIGINT', "the venue's time, µs UTC"),
    column('recv_us', 'BIGINT', 'our time at the socket, µs UTC'),
    column('event_at', 'TIMESTAMP', 'event_us as a time, UTC'),
    column('recv_at', 'TIMESTAMP', 'recv_us as a time, UTC'),
    column('origin', 'VARCHAR', 'live or backfill'),
    column('lines', 'UINTEGER', 'bit mask of the lines that saw it'),
    column('frame', 'BIGINT', 'number of its frame in the journal'),
    column('flags', 'UINTEGER', 'guard flags; from bit 8 on: how many further ids it stands for'),
  ],
};

interface FactTable extends TableSchema {
  /** Field of the contract's rows for each column, where it is not the column's name. */
  readonly fields: Readonly<Record<string, string>>;
  /** Its rows in pages; ends with the first that fails. */
  pages(ask: ParentPort['ask'], window: SnapshotWindow): AsyncIterable<Result<readonly unknown[]>>;
}

const factTables: readonly FactTable[] = [
  {
    name: 'instrument',
    about: "What can be traded where, as the venues' lists say",
    columns: [
      ...streamColumns,
      column('base', 'VARCHAR', 'coin'),
      column('quote', 'VARCHAR', 'quote currency'),
      column('contract_size', 'VARCHAR', 'base coins in one unit of quantity'),
      column('state', 'VARCHAR', 'trading, pre-launch, halted, ended or unknown'),
      column('listed_us', 'BIGINT', 'when the venue lists it'),
      column('first_seen_us', 'BIGINT', 'first sight in a list'),
      column('ended_us', 'BIGINT', 'when a list no longer held it'),
    ],
    fields: {
      contract_size: 'contractSize',
      listed_us: 'listedUs',
      first_seen_us: 'firstSeenUs',
      ended_us: 'endedUs',
    },
    pages: async function* (ask) {
      const found = await ask('archive.instruments', {});
      yield found.ok ? ok(found.value.instruments) : found;
    },
  },
  {
    name: 'gap',
    about: 'What is known to be missing, or was',
    columns: [
      column('id', 'VARCHAR', ''),
      ...streamColumns,
      column('channel', 'VARCHAR', ''),
      column('state', 'VARCHAR', 'open, repairing, repaired, partial, unrecoverable or venue-hole'),
      column('cause', 'VARCHAR', 'sequence, disconnect, silent, volume, ...'),
      column('from_us', 'BIGINT', 'unseen from, µs UTC'),
      column('to_us', 'BIGINT', 'unseen to; NULL while it grows'),
      column('deadline_us', 'BIGINT', 'until when the venue can be asked'),
      column('attempts', 'BIGINT', ''),
      column('opened_us', 'BIGINT', ''),
      column('closed_us', 'BIGINT', ''),
    ],
    fields: {
      from_us: 'fromUs',
      to_us: 'toUs',
      deadline_us: 'deadlineUs',
      opened_us: 'openedUs',
      closed_us: 'closedUs',
    },
    pages: gapPages,
  },
  {
    name: 'coverage',
    about: 'When each line covered each stream; of the last day where no window is given',
    columns: [
      ...streamColumns,
      column('line', 'BIGINT', 'which line'),
      column('from_us', 'BIGINT', 'µs UTC'),
      column('to_us', 'BIGINT', 'NULL while it still covers'),
    ],
    fields: { from_us: 'fromUs', to_us: 'toUs' },
    pages: async function* (ask, window) {
      const toUs = window.toUs ?? Date.now() * 1000;
      const found = await ask('gaps.coverage', { fromUs: window.fromUs ?? toUs - 86_400_000_000, toUs });
      yield found.ok ? ok(found.value.coverage) : found;
    },
  },
  {
    name: 'listing',
    about: 'Listings with their clocks',
    columns: [
      column('id', 'VARCHAR', ''),
      column('coin', 'VARCHAR', ''),
      column('source', 'VARCHAR', 'notice, instrument or operator'),
      column('venue', 'VARCHAR', ''),
      column('title', 'VARCHAR', ''),
      column('url', 'VARCHAR', ''),
      column('published_us', 'BIGINT', "the venue's time of publication"),
      column('detected_us', 'BIGINT', 'when it was first seen here'),
    ],
    fields: { published_us: 'publishedUs', detected_us: 'detectedUs' },
    pages: async function* (ask) {
      const found = await ask('listings.list', { limit: 10_000 });
      yield found.ok ? ok(found.value.listings) : found;
    },
  },
];

const barFunction = {
  name: 'bar',
  about:
    'bar(seconds): bars of every stream out of `trade`: venue, market, symbol, bar_us, bar_at, open, high, low, close, volume, buy_volume, trades',
};

/** Table functions of ours, beside DuckDB's harmless ones. */
export const macros: ReadonlySet<string> = new Set([barFunction.name]);

export const schema: Schema = {
  tables: [tradeTable, ...factTables.map(({ name, about, columns }) => ({ name, about, columns }))],
  functions: [barFunction],
};

const tradeView = (relation: string): string =>
  `CREATE OR REPLACE TEMP VIEW trade AS SELECT venue, market, symbol, channel, id, price, qty, base_qty,
    TRY_CAST(price AS DOUBLE) AS px, TRY_CAST(qty AS DOUBLE) AS sz, TRY_CAST(base_qty AS DOUBLE) AS base_sz, side,
    event_us, recv_us, make_timestamp(event_us) AS event_at, make_timestamp(recv_us) AS recv_at, origin, lines, frame, flags FROM ${relation}`;

/** The order of trades inside a bar is that of ticks everywhere: event time, then id. */
const barMacro = `CREATE OR REPLACE TEMP MACRO bar(seconds) AS TABLE
  SELECT venue, market, symbol, (event_us // (seconds * 1000000)::BIGINT) * (seconds * 1000000)::BIGINT AS bar_us, make_timestamp(bar_us) AS bar_at,
    arg_min(px, (event_us, length(id), id)) AS open, max(px) AS high, min(px) AS low, arg_max(px, (event_us, length(id), id)) AS close,
    sum(TRY_CAST(qty AS DECIMAL(38, 12)))::DOUBLE AS volume, coalesce(sum(TRY_CAST(qty AS DECIMAL(38, 12))) FILTER (WHERE side = 'buy'), 0)::DOUBLE AS buy_volume,
    count(*) AS trades
  FROM trade GROUP BY 1, 2, 3, 4`;

/** Puts up what the statement names. Tells how far `trade` reaches; null when it is not read. */
export async function putUp(
  connection: DuckConnection,
  dataDir: string,
  names: ReadonlySet<string>,
  window: SnapshotWindow,
  sources: { readonly snapshots: SnapshotSource; readonly ask: ParentPort['ask'] },
): Promise<Result<Reach | null>> {
  // SHOW and DESCRIBE without a table list what there is, so everything is there.
  const all =
    names.has('tables') || names.has('duckdb_tables') || names.has('duckdb_views') || names.has('duckdb_columns');
  let reach: Reach | null = null;
  if (all || names.has('trade') || names.has('bar')) {
    // A list of tables needs no row of them.
    const taken = await sources.snapshots.take(window, !all || names.has('trade') || names.has('bar'));
    if (!taken.ok) return taken;
    reach = taken.value.reach;
    await connection.run(tradeView(tradeRelation(dataDir, taken.value, window)));
    await connection.run(barMacro);
  }
  for (const table of factTables) {
    if (!all && !names.has(table.name)) continue;
    await putUpTable(connection, table);
    for await (const page of table.pages(sources.ask, window)) {
      if (!page.ok) return page;
      await putUpFacts(connection, table, page.value);
    }
  }
  return ok(reach);
}

async function putUpTable(connection: DuckConnection, { name, columns }: FactTable): Promise<void> {
  const shape = columns.map((column) => `"${column.name}" ${column.type}`).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE "${name}" (${shape})`);
}

async function putUpFacts(connection: DuckConnection, table: FactTable, rows: readonly unknown[]): Promise<void> {
  const shape = Object.fromEntries(table.columns.map(({ name, type }) => [table.fields[name] ?? name, type]));
  const values = table.columns.map(({ name }) => `(row."${table.fields[name] ?? name}")`);
  await connection.run(
    `INSERT INTO "${table.name}" SELECT ${values.join(', ')} FROM (SELECT unnest(from_json(CAST($1 AS JSON), '[${JSON.stringify(shape)}]')) AS row)`,
    [JSON.stringify(rows)],
  );
}
