// The streams of an extract as the window shows them: how each is drawn, and what it lags behind the leader.
import { type Market, marketSchema } from '../../../../src-shared/market/instrument.ts';
import type { Manifest, StreamVerdict } from '../../../../src-shared/market/listing.ts';
import type { Lead, PumpFigures } from '../../../../src-shared/market/pump.ts';
import { type LineStyle, lineStyle } from '../../../parts/venue-style.ts';
import { instrumentParts } from '../picture.ts';
import { streamKey } from './series-columns.ts';

export interface ShownStream {
  readonly key: string;
  readonly stream: StreamVerdict;
  readonly figures: PumpFigures | null;
  readonly style: LineStyle;
  readonly pair: string;
  readonly quote: string;
  /** By the measure that most streams answer; null: it did not move, or nobody did. */
  readonly lagUs: number | null;
}

function marketOf(stream: StreamVerdict): Market {
  const market = marketSchema.safeParse(stream.market);
  return market.success ? market.data : 'spot';
}

/** The measure that tells of most streams; the abnormal tick where both tell of as many. */
export function bestLead(manifest: Manifest): Lead | null {
  return (manifest.leads ?? []).toSorted((a, b) => b.order.length - a.order.length)[0] ?? null;
}

/** Streams that traded first, then those without a trade; inside, as the manifest has them. */
export function shownStreams(manifest: Manifest): ShownStream[] {
  const lags = new Map(bestLead(manifest)?.order.map((one) => [streamKey(one), one.lagUs]));
  const shown = manifest.streams.map((stream): ShownStream => {
    const siblings = manifest.streams.filter(
      (other) => other.venue === stream.venue && marketOf(other) === marketOf(stream),
    );
    const { pair } = instrumentParts(stream.instrument);
    const known = manifest.instruments?.find(
      (one) => one.venue === stream.venue && one.market === stream.market && one.symbol === stream.symbol,
    );
    return {
      key: streamKey(stream),
      stream,
      figures: stream.figures ?? null,
      style: lineStyle(stream.venue, marketOf(stream), siblings.indexOf(stream)),
      pair,
      quote: known?.quote ?? '',
      lagUs: lags.get(streamKey(stream)) ?? null,
    };
  });
  return shown.toSorted((a, b) => Number(b.stream.rows > 0) - Number(a.stream.rows > 0));
}

/** What the drawing is measured from, as a float: the first price in the window, so that what ran before t0 is seen too. null: no trade. */
export function firstPrice({ figures }: ShownStream): number | null {
  const price = Number(figures?.firstPrice ?? Number.NaN);
  return Number.isFinite(price) && price > 0 ? price : null;
}
