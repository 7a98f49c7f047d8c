-- title: Gaps by cause
-- title-ko: 원인별 결손
-- about: What is or was missing, by venue, cause and state, with how long it lasted together; a gap that still grows counts up to now.
-- about-ko: 빠졌거나 빠졌던 구간을 거래소·원인·상태별로 모으고 전체 길이를 보여줍니다. 아직 커지는 결손은 현재까지의 길이로 셉니다.

SELECT venue, cause, state, count(*) AS gaps, count(DISTINCT symbol) AS symbols,
       round(sum(coalesce(to_us, epoch_us(now())) - from_us) / 1000000.0, 1) AS seconds,
       make_timestamp(min(from_us)) AS first_gap, make_timestamp(max(from_us)) AS last_gap
FROM gap
GROUP BY venue, cause, state
ORDER BY gaps DESC
