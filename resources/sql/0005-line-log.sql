-- The life of the lines as the journal's control records tell it. frame: the journal frame of the record, or of the first of those that
-- were folded into one row (last_frame the last), so that a replay finds it again. line: null for what concerns the whole recorder.
CREATE TABLE line_log (
  frame INTEGER PRIMARY KEY,
  last_frame INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  line TEXT,
  venue TEXT,
  market TEXT,
  kind TEXT NOT NULL,
  connection INTEGER,
  -- Symbols of the record, or frames that were lost.
  count INTEGER NOT NULL,
  -- Of a close: 1 when the recorder meant it.
  planned INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX line_log_line ON line_log (line, frame);

-- What happened lately is asked for again and again.
CREATE INDEX gap_opened ON gap (opened_us);
CREATE INDEX gap_closed ON gap (closed_us);
