-- title: Bars of a symbol on every venue
-- title-ko: 심볼의 거래소별 봉
-- about: Bars of any length of one symbol, venue by venue, newest first.
-- about-ko: 한 심볼의 봉을 원하는 길이로 거래소별로, 최신순으로 보여줍니다.
-- param symbol symbol "Symbol" "심볼" = BTCUSDT
-- param seconds interval "Length of a bar, s" "봉 길이(초)" = 60
-- param from_us time "From" "시작" = now-1h

SELECT make_timestamp((event_us // ($seconds * 1000000)::BIGINT) * ($seconds * 1000000)::BIGINT) AS bar_at, venue, market,
       arg_min(px, (event_us, length(id), id)) AS open, max(px) AS high, min(px) AS low,
       arg_max(px, (event_us, length(id), id)) AS close,
       sum(sz) AS volume, sum(sz) FILTER (WHERE side = 'buy') AS buy_volume, count(*) AS trades
FROM trade
WHERE symbol = $symbol AND event_us >= $from_us
GROUP BY ALL
ORDER BY bar_at DESC, venue, market
