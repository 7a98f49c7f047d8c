-- The pipeline's whole state at the start of journal segments: from the newest one that lies before every hot row, the hot hours can be rebuilt.
CREATE TABLE segment_start (
  segment INTEGER PRIMARY KEY,
  position TEXT NOT NULL,
  commit_no INTEGER NOT NULL,
  totals TEXT NOT NULL,
  -- zstd of a JSON list of [stream, state].
  states BLOB NOT NULL,
  at_us INTEGER NOT NULL
) STRICT;
