-- Gaps of an instrument in a window, without reading every gap that there ever was.
CREATE INDEX gap_instrument ON gap (venue, market, symbol, from_us);

-- Extracts that lack something: they are looked at whenever gaps change, however many came after them.
CREATE INDEX extract_job_lacking ON extract_job (created_us)
  WHERE state = 'done' AND coalesce(json_extract(job, '$.manifest.verdict'), 'incomplete') = 'incomplete';

-- Extracts that have not ended: few at any time.
CREATE INDEX extract_job_unended ON extract_job (created_us) WHERE state NOT IN ('done', 'failed', 'cancelled');
