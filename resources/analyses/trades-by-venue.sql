-- title: Trades by venue
-- title-ko: 거래소별 체결 수
-- about: How many trades each venue and market gave in a window, and when the first and the last came.
-- about-ko: 기간 안에 거래소·시장별로 체결이 몇 건 있었는지, 처음과 마지막은 언제였는지 보여줍니다.
-- param from_us time "From" "시작" = now-1h
-- param to_us time "To" "끝" = now

SELECT venue, market, count(*) AS trades, count(DISTINCT symbol) AS symbols,
       min(event_at) AS first_trade, max(event_at) AS last_trade
FROM trade
WHERE event_us >= $from_us AND event_us < $to_us
GROUP BY venue, market
ORDER BY trades DESC
