-- Comparisons that were asked for. input: the order as it was given; job: as it was told last. A restart goes on with the streams that are not done.
CREATE TABLE reconcile_job (
  job_id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  started_us INTEGER NOT NULL,
  input TEXT NOT NULL,
  job TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reconcile_job_time ON reconcile_job (started_us);

-- Streams of an order that are done.
CREATE TABLE reconcile_done (
  job_id TEXT NOT NULL,
  stream INTEGER NOT NULL,
  PRIMARY KEY (job_id, stream)
) STRICT, WITHOUT ROWID;
