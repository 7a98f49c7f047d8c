-- title: Pump figures of a moment
-- title-ko: 급등 수치
-- about: Peak, time to the peak and the volume multiple of every instrument of a coin after a moment, against the same span before it.
-- about-ko: 기준 시각 이후의 최고가, 최고가까지 걸린 시간, 직전 같은 기간 대비 거래량 배수를 종목별로 보여줍니다.
-- param coin text "Coin" "코인" = POD
-- param at_us time "Moment" "기준 시각" = now-10m
-- param seconds interval "Seconds before and after" "전후 시간(초)" = 60

WITH t AS (
  SELECT t.venue, t.market, t.symbol, t.event_us, t.id, t.px, t.sz
  FROM trade t JOIN instrument i USING (venue, market, symbol)
  WHERE i.base = upper($coin)
    AND t.event_us >= $at_us - $seconds * 1000000 AND t.event_us < $at_us + $seconds * 1000000
)
SELECT venue, market, symbol,
       arg_max(px, (event_us, length(id), id)) FILTER (WHERE event_us < $at_us) AS price_before,
       max(px) FILTER (WHERE event_us >= $at_us) AS peak,
       round((peak / price_before - 1) * 100, 3) AS peak_percent,
       (arg_max(event_us, (px, -event_us)) FILTER (WHERE event_us >= $at_us) - $at_us) / 1000000.0 AS seconds_to_peak,
       sum(sz) FILTER (WHERE event_us < $at_us) AS volume_before,
       sum(sz) FILTER (WHERE event_us >= $at_us) AS volume_after,
       round(volume_after / nullif(volume_before, 0), 2) AS volume_multiple
FROM t
GROUP BY ALL
ORDER BY peak_percent DESC NULLS LAST
