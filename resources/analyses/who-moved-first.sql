-- title: Who moved first
-- title-ko: 누가 먼저 움직였나
-- about: For every instrument of a coin: the price before a moment, the first trade that differs from it by more than a threshold, and how long after the moment it came.
-- about-ko: 코인의 모든 종목에 대해 기준 시각 직전 가격, 그 가격에서 임계값 이상 벗어난 첫 체결, 기준 시각 이후 걸린 시간을 보여줍니다.
-- param coin text "Coin" "코인" = POD
-- param at_us time "Moment" "기준 시각" = now-10m
-- param seconds interval "Seconds before and after" "전후 시간(초)" = 60
-- param percent number "Threshold, %" "임계값(%)" = 1

WITH t AS (
  SELECT t.venue, t.market, t.symbol, t.event_us, t.id, t.px,
         TRY_CAST(t.price AS DECIMAL(34, 18)) AS digits
  FROM trade t JOIN instrument i USING (venue, market, symbol)
  WHERE i.base = upper($coin)
    AND t.event_us >= $at_us - $seconds * 1000000 AND t.event_us < $at_us + $seconds * 1000000
), before AS (
  SELECT venue, market, symbol, arg_max(px, (event_us, length(id), id)) AS price,
         arg_max(digits, (event_us, length(id), id)) AS digits
  FROM t WHERE event_us < $at_us GROUP BY ALL
), moved AS (
  SELECT t.venue, t.market, t.symbol, any_value(b.price) AS price_before,
         min(t.event_us) AS moved_us, arg_min(t.px, (t.event_us, length(t.id), t.id)) AS moved_to
  FROM t JOIN before b USING (venue, market, symbol)
  -- By the digits: as numbers with a floating point, 0.0707 is less than 1 % away from 0.07.
  WHERE t.event_us >= $at_us AND abs(t.digits - b.digits) * 100 >= CAST($percent AS DECIMAL(12, 4)) * b.digits
  GROUP BY ALL
)
SELECT b.venue, b.market, b.symbol, b.price AS price_before, m.moved_to,
       round((m.moved_to / b.price - 1) * 100, 3) AS percent,
       make_timestamp(m.moved_us) AS moved_at, (m.moved_us - $at_us) / 1000.0 AS after_ms
FROM before b LEFT JOIN moved m USING (venue, market, symbol)
ORDER BY after_ms NULLS LAST, venue
