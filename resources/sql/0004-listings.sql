-- How far each market's symbol list was read: the journal frame of the newest page that is in the catalog, and when a whole list was read last.
CREATE TABLE instrument_list (
  venue TEXT NOT NULL,
  market TEXT NOT NULL,
  frame INTEGER NOT NULL,
  whole_us INTEGER,
  PRIMARY KEY (venue, market)
) STRICT, WITHOUT ROWID;

-- The newest whole list in which it did not trade yet: before that nothing was printed. Null: it stood in the first list that was read.
ALTER TABLE instrument ADD COLUMN absent_us INTEGER;

-- Where a listing is known from: several venues, a notice and the market's appearance are one event with clocks of their own.
-- kind: listing, or what a later notice says of it: changed, cancelled.
CREATE TABLE listing_source (
  id TEXT PRIMARY KEY,
  listing_id TEXT NOT NULL,
  coin TEXT NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  venue TEXT,
  market TEXT,
  title TEXT NOT NULL,
  url TEXT,
  published_us INTEGER NOT NULL,
  detected_us INTEGER NOT NULL,
  quotes TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_source_listing ON listing_source (listing_id);
CREATE INDEX listing_source_coin ON listing_source (coin, published_us);
INSERT INTO listing_source (id, listing_id, coin, kind, source, venue, market, title, url, published_us, detected_us, quotes)
  SELECT id, id, coin, 'listing', source, venue, NULL, title, url, published_us, detected_us, quotes FROM listing;
