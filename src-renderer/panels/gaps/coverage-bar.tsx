// When each line covered the stream, and where its gaps lie, on one scale of time. What is drawn is also written below it.
import { useEffect, useRef } from 'react';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { failureWords } from '../../i18n/failures.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { formatBareClock, formatClock } from '../../parts/format.ts';
import { coverOf, coverPercent, gapBars, type Window } from './timeline.ts';

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

/** asked: what is asked for, which holds the window wherever it moves to. */
export function CoverageBar({ gap, window, asked }: { gap: Gap; window: Window; asked: Window }) {
  const text = useText();
  const words = text.gaps.detail;
  const zone = usePreferences((preferences) => preferences.zone);
  const stream = { venue: gap.venue, market: gap.market, symbol: gap.symbol, ...asked };
  // Nothing is kept of another question: its shares would be told of this one.
  const coverage = useRequest('gaps.coverage', stream, { everyMs: 10_000 });
  const gaps = useRequest('gaps.list', { ...stream, limit: 1000 }, { everyMs: 10_000 });
  const nowUs = Date.now() * 1000;
  // What changed the gap changed the coverage of its stream as well.
  const [readCoverage, readGaps] = [coverage.refetch, gaps.refetch];
  const told = [gap.state, gap.fromUs, gap.toUs, gap.attempts].join(' ');
  const shown = useRef(told);
  useEffect(() => {
    if (shown.current === told) return;
    shown.current = told;
    void readCoverage();
    void readGaps();
  }, [told, readCoverage, readGaps]);
  if (coverage.error) return <p className="field-error">{failureWords(text, coverage.error.failure)}</p>;
  const lines = coverOf(coverage.data?.coverage ?? [], window, nowUs);
  // The gap itself as it is by now: the list of its neighbours is read less often.
  const others = (gaps.data?.gaps ?? []).filter((one) => one.id !== gap.id);
  const bars = gapBars([...others, gap], window, nowUs);
  const spoken = lines.map(({ line, share }) => words.lineCovered(line, coverPercent(share))).join(' · ');
  return (
    <figure className="cover" data-testid="coverage-bar" aria-label={words.coverage}>
      {lines.map(({ line, bars: covered, holes }) => (
        <div className="cover-row" key={line}>
          <span className="cover-name">{words.line(line)}</span>
          <span className="cover-track">
            {covered.map((bar) => (
              <span
                key={bar.from}
                className="cover-bar"
                style={{ left: percent(bar.from), width: percent(bar.to - bar.from) }}
              />
            ))}
            {/* After the bars, whose least width would cover a short hole. */}
            {holes.map((hole) => (
              <span
                key={hole.from}
                className="cover-hole"
                style={{ left: `min(${percent(hole.from)}, 100% - 2px)`, width: percent(hole.to - hole.from) }}
              />
            ))}
          </span>
        </div>
      ))}
      {lines.length === 0 && <p className="quiet">{coverage.isPending ? text.common.loading : words.noCoverage}</p>}
      <div className="cover-row">
        <span className="cover-name">{words.gaps}</span>
        <span className="cover-track">
          {bars.map((bar) => (
            <span
              key={bar.gap.id}
              className={`cover-gap cover-${bar.gap.state}`}
              data-own={bar.gap.id === gap.id || undefined}
              title={`${text.live.gapStates[bar.gap.state]} · ${text.live.gapCauses[bar.gap.cause]} · ${formatClock(bar.gap.fromUs, zone, 'milli')}`}
              style={{ left: percent(bar.from), width: percent(Math.max(bar.to - bar.from, 0.004)) }}
            />
          ))}
        </span>
      </div>
      <div className="cover-row">
        <span className="cover-name" />
        <span className="cover-axis faint">
          <span>{formatBareClock(window.fromUs, zone)}</span>
          <span>{formatBareClock((window.fromUs + window.toUs) / 2, zone)}</span>
          <span>{formatClock(window.toUs, zone)}</span>
        </span>
      </div>
      <figcaption className="faint">
        {spoken}
        {spoken && gaps.data && ' · '}
        {gaps.data && words.gapsInside(bars.length)}
      </figcaption>
    </figure>
  );
}
