-- title: Venue to socket
-- title-ko: 거래소에서 소켓까지
-- about: How long after the venue's own time trades reached the socket, by venue: median, 99th percentile, worst. Clock differences are in it.
-- about-ko: 거래소 시각부터 소켓 수신까지 걸린 시간을 거래소별 중앙값·99퍼센타일·최댓값으로 보여줍니다. 시계 차이도 포함됩니다.
-- param from_us time "From" "시작" = now-15m
-- param to_us time "To" "끝" = now

SELECT venue, market, count(*) AS trades,
       round(quantile_cont(recv_us - event_us, 0.5) / 1000.0, 1) AS p50_ms,
       round(quantile_cont(recv_us - event_us, 0.99) / 1000.0, 1) AS p99_ms,
       round(max(recv_us - event_us) / 1000.0, 1) AS worst_ms
FROM trade
WHERE origin = 'live' AND event_us >= $from_us AND event_us < $to_us
GROUP BY venue, market
ORDER BY p99_ms DESC
