-- The catalog: the facts that people act on. Numbers given out here are never given out again.

CREATE TABLE stream (
  no INTEGER PRIMARY KEY,
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  channel TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (venue, market, symbol, channel)
) STRICT;

CREATE TABLE instrument (
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  base TEXT NOT NULL,
  quote TEXT NOT NULL,
  contract_size TEXT,
  state TEXT NOT NULL,
  listed_us INTEGER,
  first_seen_us INTEGER NOT NULL,
  last_seen_us INTEGER NOT NULL,
  PRIMARY KEY (venue, market, symbol)
) STRICT, WITHOUT ROWID;
CREATE INDEX instrument_base ON instrument (base);

-- What an instrument was before each change, and the change itself: one row per differing sight of it.
CREATE TABLE instrument_history (
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  seen_us INTEGER NOT NULL,
  base TEXT NOT NULL,
  quote TEXT NOT NULL,
  contract_size TEXT,
  state TEXT NOT NULL,
  listed_us INTEGER,
  PRIMARY KEY (venue, market, symbol, seen_us)
) STRICT, WITHOUT ROWID;

-- Intervals in which a connection of a line carried a symbol. connection is the journal line number and the frame of its acknowledgement: the same on every replay.
CREATE TABLE coverage (
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  line INTEGER NOT NULL,
  connection TEXT NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER,
  PRIMARY KEY (venue, market, symbol, line, connection)
) STRICT, WITHOUT ROWID;
CREATE INDEX coverage_time ON coverage (from_us, to_us);

CREATE TABLE gap (
  id TEXT PRIMARY KEY,
  stream INTEGER NOT NULL,
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  symbol TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  cause TEXT NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER,
  from_id TEXT,
  to_id TEXT,
  deadline_us INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  evidence TEXT NOT NULL DEFAULT '[]',
  opened_us INTEGER NOT NULL,
  closed_us INTEGER,
  -- The last journal frame that changed this row: a replay of earlier frames leaves it alone.
  frame INTEGER NOT NULL,
  -- When the repair job may ask again, and what it noted.
  next_attempt_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX gap_state ON gap (state, deadline_us);
CREATE INDEX gap_stream ON gap (stream, from_us);

CREATE TABLE listing (
  id TEXT PRIMARY KEY,
  coin TEXT NOT NULL,
  source TEXT NOT NULL,
  venue TEXT,
  title TEXT NOT NULL,
  url TEXT,
  published_us INTEGER NOT NULL,
  detected_us INTEGER NOT NULL,
  quotes TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_time ON listing (published_us);

-- Every entry of a notice page that was a listing, whether or not it became a row of its own.
CREATE TABLE notice_seen (
  venue TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  first_seen_us INTEGER NOT NULL,
  last_seen_us INTEGER NOT NULL,
  PRIMARY KEY (venue, id, title)
) STRICT, WITHOUT ROWID;

CREATE TABLE extract_job (
  job_id TEXT PRIMARY KEY,
  coin TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  listing_id TEXT,
  state TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  input TEXT NOT NULL,
  job TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX extract_job_listing ON extract_job (listing_id);

-- Frames and rows that could not be read, where they lie in the journal and why. Bounded in detail per minute; the totals count all.
CREATE TABLE quarantine (
  frame INTEGER NOT NULL,
  -- -1: the whole frame; else the row inside it.
  item INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  line_no INTEGER NOT NULL,
  recv_us INTEGER NOT NULL,
  reason TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  excerpt TEXT NOT NULL,
  PRIMARY KEY (frame, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_time ON quarantine (recv_us);

-- Parquet files of closed hours. state: live (part of the archive), replaced (compacted away, may be deleted).
CREATE TABLE sealed_file (
  path TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  hour_us INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  sha256 TEXT,
  state TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_file_hour ON sealed_file (hour_us);

-- Things an operator should know, for good: a database set aside, a damaged record, a halt.
CREATE TABLE ledger (
  no INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  note TEXT NOT NULL,
  -- Equal keys are one entry: a replay does not write it twice.
  key TEXT UNIQUE
) STRICT;

-- Single values: where a rebuild of the hot hours has to begin, the highest frame ever committed, ...
CREATE TABLE fact (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
