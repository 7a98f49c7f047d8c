// One gap down to its evidence: its bounds, what was tried, and the coverage of its stream around it.
import { useState } from 'react';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Button, Card, Choice } from '../../parts/controls.tsx';
import { formatCount, formatDuration, formatTime } from '../../parts/format.ts';
import { gapTones } from '../../parts/gap-style.ts';
import { Mark } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { CoverageBar } from './coverage-bar.tsx';
import { canRepair, lengthMs, missingIds } from './gap-filter.ts';
import { Deadline } from './gap-table.tsx';
import { RefusalOf } from './refusals.tsx';
import { askedAround, fittingSpan, type SpanId, spans, windowAround } from './timeline.ts';

export function GapDetail({ gap, asking, onRepair }: { gap: Gap; asking: boolean; onRepair(): void }) {
  const text = useText();
  const words = text.gaps.detail;
  const zone = usePreferences((preferences) => preferences.zone);
  const [openedUs] = useState(() => Date.now() * 1000);
  const [span, setSpan] = useState<SpanId>(() => fittingSpan(gap, openedUs));
  const spanUs = spans.find((one) => one.id === span)?.us ?? spans[0].us;
  // The gap is read again and again while it is looked at: what is drawn around it goes on with it.
  const window = windowAround(gap, spanUs, Date.now() * 1000);
  const asked = askedAround(gap, spanUs, openedUs);
  const { venue, market, symbol } = gap;
  const ids = missingIds(gap);
  return (
    <Card
      title={
        <>
          {symbol} <span className="faint">{`${venueNames[venue]} ${market} · ${gap.channel}`}</span>
        </>
      }
      className="gap-detail"
      testId="gap-detail"
      end={
        <Button
          small
          kind="primary"
          keys="B"
          testId="repair-one"
          aria-disabled={!canRepair(gap) || asking}
          title={canRepair(gap) ? undefined : words.cannot}
          onClick={() => {
            if (canRepair(gap) && !asking) onRepair();
          }}
        >
          {words.repair}
        </Button>
      }
    >
      <div className="card-body gap-detail-body">
        <dl className="facts">
          <dt>{text.gaps.state}</dt>
          <dd>
            <Mark tone={gapTones[gap.state]} testId="gap-state">
              {text.live.gapStates[gap.state]}
            </Mark>{' '}
            <span className="quiet">{text.live.gapCauses[gap.cause]}</span>
          </dd>
          <dt>{text.gaps.from}</dt>
          <dd>{formatTime(gap.fromUs, zone, 'milli')}</dd>
          <dt>{words.to}</dt>
          <dd>
            {gap.toUs === null ? text.gaps.growing : formatTime(gap.toUs, zone, 'milli')}{' '}
            {gap.toUs !== null && <span className="faint">{formatDuration(lengthMs(gap), text.units)}</span>}
          </dd>
          {gap.fromId !== null && (
            <>
              <dt>{text.gaps.ids}</dt>
              <dd>
                <code>{gap.fromId}</code> … <code>{gap.toId ?? '?'}</code>{' '}
                {ids !== null && <span className="faint">{words.between(formatCount(ids))}</span>}
              </dd>
            </>
          )}
          <dt>{text.gaps.deadline}</dt>
          <dd>
            {gap.deadlineUs === null ? (
              gap.state === 'unrecoverable' ? (
                text.gaps.over
              ) : (
                text.gaps.always
              )
            ) : (
              <>
                {formatTime(gap.deadlineUs, zone)} <Deadline gap={gap} />
              </>
            )}
          </dd>
          <dt>{text.gaps.attempts}</dt>
          <dd>
            {formatCount(gap.attempts)}{' '}
            {gap.askedUs != null && <span className="faint">{words.lastAsked(formatTime(gap.askedUs, zone))}</span>}
          </dd>
        </dl>
        <RefusalOf gap={gap} />
        <Ended gap={gap} />
        <div className="gap-cover">
          <div className="gap-cover-head">
            <h3 className="gap-heading">{words.coverage}</h3>
            <Choice<SpanId>
              small
              label={words.span}
              value={span}
              options={spans.map((one) => ({ value: one.id, label: words.spans[one.id] }))}
              testId="gap-span"
              onChange={setSpan}
            />
          </div>
          <CoverageBar gap={gap} window={window} asked={asked} />
        </div>
        <Compared gap={gap} />
        <h3 className="gap-heading">{words.evidence}</h3>
        {gap.evidence.length === 0 ? (
          <p className="quiet">{words.noEvidence}</p>
        ) : (
          <ol className="evidence" data-testid="gap-evidence">
            {gap.evidence.map((entry) => (
              <li key={entry}>{text.common.reason(entry)}</li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}

/** How it ended where it is not filled: what was found last, and what follows from it. */
function Ended({ gap }: { gap: Gap }) {
  const text = useText();
  const words = text.gaps.detail;
  const found = gap.evidence.at(-1);
  if (gap.state === 'venue-hole')
    return (
      <p className="gap-ended" data-testid="gap-ended">
        <Mark tone={gapTones[gap.state]}>{words.venueHole}</Mark>
      </p>
    );
  if (gap.state !== 'unrecoverable' && gap.state !== 'partial') return null;
  return (
    <p className="gap-ended" data-testid="gap-ended">
      <Mark tone={gapTones[gap.state]}>
        <b>{words[gap.state]}</b>
      </Mark>
      {found === undefined ? '.' : `: ${text.common.reason(found)}.`}{' '}
      <span className="quiet">{gap.state === 'partial' ? words.partialWhat : words.unrecoverableWhat}</span>
    </p>
  );
}

/** The standing figure of the stream against the venue's own candles. */
function Compared({ gap }: { gap: Gap }) {
  const text = useText();
  const words = text.gaps.detail;
  const { venue, market, symbol } = gap;
  const found = useRequest('gaps.reconciled', { venue, market, symbol }, { everyMs: 10_000, keep: true });
  const one = found.data?.streams.find((stream) => stream.channel === gap.channel);
  if (!one || one.compared === 0) return null;
  return (
    <p className="gap-compared" data-testid="gap-compared">
      <Mark tone={one.differing === 0 ? 'ok' : 'warn'}>
        {words.compared(formatCount(one.compared), formatCount(one.equal))}
      </Mark>{' '}
      {one.note && <span className="quiet">{text.common.reason(one.note)}</span>}
    </p>
  );
}
