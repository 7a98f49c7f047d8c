-- When the venue was last asked for a gap: the order of repair can be read from it.
ALTER TABLE gap ADD COLUMN asked_us INTEGER;

-- Repairs that were asked for. spec: the request as it was asked; a restart goes on with what has no outcome yet.
CREATE TABLE repair_job (
  job_id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  started_us INTEGER NOT NULL,
  ended_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX repair_job_time ON repair_job (started_us);

-- item: a gap's id, or `window-...` for an explicit back-fill of a stream and window (spec: JSON).
CREATE TABLE repair_item (
  job_id TEXT NOT NULL,
  item TEXT NOT NULL,
  spec TEXT,
  outcome TEXT,
  PRIMARY KEY (job_id, item)
) STRICT, WITHOUT ROWID;

-- How far the minutes of a stream have been compared with the venue's candles, and what stands in the way.
CREATE TABLE reconcile_stream (
  stream INTEGER PRIMARY KEY,
  next_us INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;

-- Minutes and what came of them, neighbours of one result as one row, never overlapping:
-- equal | differing | excluded (inside a gap that is not repaired, looked at again when it is) | partial (no line covered the whole minute).
CREATE TABLE reconcile_span (
  stream INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (stream, from_us)
) STRICT, WITHOUT ROWID;
CREATE INDEX reconcile_span_result ON reconcile_span (result, from_us);
