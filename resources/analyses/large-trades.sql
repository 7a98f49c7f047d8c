-- title: Largest trades
-- title-ko: 가장 큰 체결
-- about: The trades of a coin that moved most money, in the quote currency of each instrument.
-- about-ko: 코인의 체결 가운데 금액이 가장 큰 것을 종목의 호가 통화로 보여줍니다.
-- param coin text "Coin" "코인" = BTC
-- param from_us time "From" "시작" = now-1h
-- param to_us time "To" "끝" = now

SELECT t.event_at, t.venue, t.market, t.symbol, t.side, t.price, t.base_qty,
       round(t.px * t.base_sz, 2) AS value, i.quote
FROM trade t JOIN instrument i USING (venue, market, symbol)
WHERE i.base = upper($coin) AND t.event_us >= $from_us AND t.event_us < $to_us
ORDER BY value DESC NULLS LAST
LIMIT 500
