// report.html: the page beside an extract that a person reads. Self-contained, no script, no outside resource, English and Korean in one page;
// every text is escaped, for coin names, titles and evidence come from strangers. Figures are those of the manifest, never reckoned anew.
import { formatIso, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Gap, Verdict } from '../../../src-shared/market/gap.ts';
import { koreanCauses, koreanGapStates, koreanReason } from '../../../src-shared/market/korean-reasons.ts';
import type { Manifest } from '../../../src-shared/market/listing.ts';
import { SHORT_PAST_SECONDS } from '../../../src-shared/market/pump.ts';
import {
  type DrawnStream,
  escapeHtml,
  movesPicture,
  percentText,
  type Scene,
  streamPicture,
  swatch,
} from './report-picture.ts';
import { reportStyle } from './report-style.ts';
import { both, definitions, type Language, type Pair, verdictMeanings, verdictPairs, words } from './report-words.ts';

const KST_US = 9 * 3600 * SECOND_US;
const NOTHING = '—';

/** In both zones, each with its date: from 15:00 UTC on the two are not the same. */
function clock(us: Us | null): string {
  if (us === null) return NOTHING;
  const written = (at: Us): string => formatIso(at).replace('T', ' ').slice(0, -4);
  return `${written(us)} UTC · ${written(us + KST_US)} KST`;
}

/** Seconds from t0, signed. */
function offset(us: Us, atUs: Us): string {
  return seconds(us - atUs, true);
}

function seconds(us: Us, signed = false): string {
  const value = us / SECOND_US;
  const sign = value < 0 ? '−' : signed ? '+' : '';
  return `${sign}${Math.abs(value).toFixed(3)} s`;
}

/** The unseen time of gaps that are not filled, by stream: hatched in its picture. */
function holesOf(gaps: readonly Gap[], window: Window): Map<string, Window[]> {
  const holes = new Map<string, Window[]>();
  for (const gap of gaps) {
    if (gap.state === 'repaired' || gap.state === 'venue-hole') continue;
    const key = `${gap.venue}:${gap.market}:${gap.symbol}`;
    holes.set(key, [...(holes.get(key) ?? []), { fromUs: gap.fromUs, toUs: gap.toUs ?? window.toUs }]);
  }
  return holes;
}

interface Head {
  readonly name: Pair;
  readonly number?: boolean;
}

const left = (name: Pair): Head => ({ name });
const right = (name: Pair): Head => ({ name, number: true });

function table(heads: readonly Head[], rows: readonly (readonly string[])[], first = false): string {
  const head = heads
    .map(({ name, number }) => `<th scope="col"${number ? ' class="number"' : ''}>${both(name)}</th>`)
    .join('');
  const body = rows.map((row, at) => `<tr${first && at === 0 ? ' class="first"' : ''}>${row.join('')}</tr>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A cell of plain text. */
function cell(text: string, className?: string): string {
  return `<td${className ? ` class="${className}"` : ''}>${escapeHtml(text)}</td>`;
}

/** A cell of HTML that is escaped already. */
function made(html: string, className?: string): string {
  return `<td${className ? ` class="${className}"` : ''}>${html}</td>`;
}

/** A sentence of the recorder in both languages, as HTML. */
function saidIn(reason: string): string {
  return both([reason, koreanReason(reason)]);
}

function verdictCell(verdict: Verdict): string {
  return made(both(verdictPairs[verdict]), `keep ${verdict}`);
}

/** The page. title: the announcement's own words, or empty. language: the one it opens in. */
export function reportHtml(
  manifest: Manifest,
  drawn: readonly DrawnStream[],
  gaps: readonly Gap[],
  title: string,
  language: Language,
): string {
  const { clocks, window } = manifest;
  const { atUs } = clocks;
  const order = new Map(drawn.map((stream, index) => [stream.instrument, index]));
  const verdict = manifest.verdict ?? 'incomplete';
  const notRecorded = manifest.notRecorded ?? [];
  const scene: Scene = {
    window,
    atUs,
    moments:
      clocks.detectedUs !== null && clocks.detectedUs !== atUs
        ? [{ us: clocks.detectedUs, name: both(['detected', '감지']) }]
        : [],
  };
  const marks = new Map(
    manifest.streams.flatMap(({ instrument, firstAbnormal }) =>
      firstAbnormal ? [[instrument, firstAbnormal.us]] : [],
    ),
  );
  const unseen = holesOf(gaps, window);
  const keys = new Map(manifest.streams.map((one) => [one.instrument, `${one.venue}:${one.market}:${one.symbol}`]));
  const pictures = drawn
    .map((stream, index) => streamPicture(stream, index, scene, unseen.get(keys.get(stream.instrument) ?? '') ?? []))
    .join('\n');
  const named = (instrument: string): string => {
    const index = order.get(instrument);
    return made(`${index === undefined ? '' : swatch(index)}${escapeHtml(instrument)}`, 'keep');
  };
  const heading = `${manifest.coin} ${formatIso(atUs).slice(0, 19)}Z`;
  const chosen = (one: Language): string => (one === language ? ' checked' : '');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(heading)}</title><style>${reportStyle}</style></head><body>
<div class="language" role="radiogroup" aria-label="Language 언어"><input type="radio" name="language" id="language-en"${chosen('en')}><label for="language-en">English</label><input type="radio" name="language" id="language-ko"${chosen('ko')}><label for="language-ko">한국어</label></div>
<h1>${escapeHtml(manifest.coin)}<span class="badge ${verdict}">${both(verdictPairs[verdict])}</span><small>t0 ${escapeHtml(clock(atUs))}</small></h1>
${title === '' ? '' : `<p class="title">${escapeHtml(title)}</p>`}
<p class="quiet">${both(verdictMeanings[verdict])}. ${(manifest.reasons ?? []).map(saidIn).join(' · ')}</p>
<dl class="figures">${figures(manifest)}</dl>
${drawn.length > 0 ? `${movesPicture(drawn, scene, marks, both(words.picture))}<p class="quiet">${both(words.marks)}</p>` : `<p>${both(words.noTrade)}</p>`}
<h2>${both(words.who)}</h2>
${leads(manifest, named)}
<h2>${both(words.figures)}</h2>
${pump(manifest, named)}
${notRecorded.length > 0 ? `<p class="quiet">${both(words.notRecorded)}: ${escapeHtml(notRecorded.join(', '))}</p>` : ''}
<h2>${both(words.evidence)}</h2>
${table(
  [left(words.instrument), left(words.verdict), right(words.rows), left(words.why)],
  manifest.streams.map((stream) => [
    named(stream.instrument),
    verdictCell(stream.verdict),
    cell(stream.rows.toLocaleString('en'), 'number'),
    made(stream.reasons.map(saidIn).join('<br>')),
  ]),
)}
<h2>${both(words.gaps)}</h2>
${gaps.length > 0 ? gapTable(gaps) : `<p>${both(words.noGap)}</p>`}
<h2>${both(words.clocks)}</h2>
${clockTable(manifest)}
<h2>${both(words.definitions)}</h2>
<dl class="terms">${definitions.map(([term, what]) => `<div><dt>${both(term)}</dt><dd>${both(what)}</dd></div>`).join('')}</dl>
${pictures === '' ? '' : `<h2>${both(words.each)}</h2>${pictures}`}
<h2>${both(words.files)}</h2>
${table(
  [left(words.file), right(words.rows), right(words.bytes), left(['SHA-256', 'SHA-256'])],
  manifest.files.map((file) => [
    cell(file.path, 'keep'),
    cell(file.rows.toLocaleString('en'), 'number'),
    cell(file.bytes?.toLocaleString('en') ?? NOTHING, 'number'),
    made(`<code>${escapeHtml(file.sha256)}</code>`),
  ]),
)}
<p class="quiet">${both(words.version)} ${manifest.version}, ${both(words.written)} ${escapeHtml(clock(manifest.createdUs))} · ${escapeHtml(manifest.writer ?? 'Tapedeck')}</p>
</body></html>
`;
}

/** Who moved first, by the measure that most instruments answer, and the other one after it. */
function leads(manifest: Manifest, named: (instrument: string) => string): string {
  const measured = (manifest.leads ?? []).toSorted((a, b) => b.order.length - a.order.length);
  if (measured.length === 0) return `<p>${both(words.nobody)}</p>`;
  const reasons = new Map(manifest.streams.map((stream) => [stream.instrument, stream.firstAbnormal?.reason ?? '']));
  return measured
    .map(
      ({ by, order }) =>
        `<h3>${both(by === 'abnormal' ? words.byAbnormal : words.byMove)}</h3>${table(
          [
            left(words.instrument),
            right(words.at),
            right(words.lag),
            right(words.recvLag),
            ...(by === 'abnormal' ? [left(words.why)] : []),
          ],
          order.map((one) => [
            named(one.instrument),
            cell(offset(one.us, manifest.clocks.atUs), 'number'),
            cell(one.lagUs === 0 ? '0' : `+${seconds(one.lagUs)}`, 'number'),
            cell(one.recvLagUs === null ? NOTHING : one.recvLagUs === 0 ? '0' : `+${seconds(one.recvLagUs)}`, 'number'),
            ...(by === 'abnormal' ? [made(saidIn(reasons.get(one.instrument) ?? ''), 'quiet')] : []),
          ]),
          true,
        )}`,
    )
    .join('');
}

function timesText(multiple: number | null): string {
  if (multiple === null) return NOTHING;
  return `×${multiple >= 100 ? Math.round(multiple).toLocaleString('en') : multiple.toFixed(1)}`;
}

function pump(manifest: Manifest, named: (instrument: string) => string): string {
  const quotes = new Map(
    (manifest.instruments ?? []).map((one) => [`${one.venue}:${one.market}:${one.symbol}`, one.quote]),
  );
  return table(
    [
      left(words.instrument),
      left(words.verdict),
      right(words.tradesAfter),
      right(words.base),
      right(words.runUp),
      right(words.peak),
      right(words.timeToPeak),
      right(words.low),
      right(words.last),
      right(words.volumeTimes),
      right(words.buyShare),
      right(words.turnover),
    ],
    manifest.streams.map((stream) => {
      const found = stream.figures;
      const percent = (value: number | null | undefined): string =>
        value === null || value === undefined ? NOTHING : percentText(value);
      const quoted = quotes.get(`${stream.venue}:${stream.market}:${stream.symbol}`) ?? '';
      const past = found?.past.seconds ?? 0;
      const short =
        found?.volumeMultiple !== null && found !== undefined && past < SHORT_PAST_SECONDS
          ? `<br><small class="quiet">${both(words.short)}: ${Math.round(past)} s</small>`
          : '';
      return [
        named(stream.instrument),
        verdictCell(stream.verdict),
        cell(found ? found.trades.toLocaleString('en') : NOTHING, 'number'),
        cell(found?.base ? `${found.base.price}${found.base.from === 'after' ? ' *' : ''}` : NOTHING, 'number'),
        cell(percent(found?.runUpPercent), 'number'),
        made(
          found?.peak
            ? `<b>${escapeHtml(percentText(found.peak.percent))}</b><br><small class="quiet">${escapeHtml(found.peak.price)}</small>`
            : NOTHING,
          'number',
        ),
        cell(found?.peak ? seconds(found.peak.afterUs) : NOTHING, 'number'),
        cell(percent(found?.low?.percent), 'number'),
        cell(percent(found?.last?.percent), 'number'),
        made(`${escapeHtml(timesText(found?.volumeMultiple ?? null))}${short}`, 'number'),
        cell(found?.buyShare == null ? NOTHING : `${(found.buyShare * 100).toFixed(0)} %`, 'number'),
        cell(
          found?.turnover == null ? NOTHING : `${Math.round(found.turnover).toLocaleString('en')} ${quoted}`.trim(),
          'number',
        ),
      ];
    }),
  );
}

export function gapTable(gaps: readonly Gap[]): string {
  return table(
    [left(words.gap), left(words.stream), left(words.cause), left(words.unseen), left(words.why)],
    gaps.map((gap) => [
      cell(gap.id),
      cell(`${gap.venue} ${gap.market} ${gap.symbol}`),
      made(both([`${gap.cause}, ${gap.state}`, `${koreanCauses[gap.cause]}, ${koreanGapStates[gap.state]}`])),
      made(
        `${escapeHtml(clock(gap.fromUs))} –<br>${gap.toUs === null ? both(words.growing) : escapeHtml(clock(gap.toUs))}`,
      ),
      made(gap.evidence.map(saidIn).join('<br>')),
    ]),
  );
}

function clockTable({ clocks, window, listing, streams }: Manifest): string {
  return table(
    [left(words.clock), left(words.time)],
    [
      [made(both(words.t0)), cell(clock(clocks.atUs))],
      [made(both(words.published)), cell(clock(clocks.publishedUs))],
      [made(both(words.detected)), cell(clock(clocks.detectedUs))],
      ...(listing?.sources ?? []).map((one) => [
        cell(
          `${one.kind === 'listing' ? one.source : `${one.source}, ${one.kind}`}${one.venue ? `, ${one.venue}` : ''}: ${one.title}`,
        ),
        made(`${escapeHtml(clock(one.publishedUs))}<br>${both(words.detected)}: ${escapeHtml(clock(one.detectedUs))}`),
      ]),
      ...streams.flatMap(({ instrument, firstAbnormal }) =>
        firstAbnormal
          ? [
              [
                made(`${both(words.firstAbnormal)}, ${escapeHtml(instrument)}`),
                made(`${escapeHtml(clock(firstAbnormal.us))} (${saidIn(firstAbnormal.reason)})`),
              ],
            ]
          : [],
      ),
      [made(both(words.from)), cell(clock(window.fromUs))],
      [made(both(words.to)), cell(clock(window.toUs))],
    ],
  );
}

/** What a desk asks first: how much, how far, who was first, how late the notice was. */
function figures(manifest: Manifest): string {
  const { clocks, streams } = manifest;
  const one = (name: Pair, value: string, below: string): string =>
    `<div><dt>${both(name)}</dt><dd>${escapeHtml(value)}<small>${below}</small></dd></div>`;
  const rows = manifest.files.reduce((sum, file) => sum + file.rows, 0);
  const shown = [
    one(
      words.trades,
      rows.toLocaleString('en'),
      both([`of ${streams.length} instruments`, `${streams.length}개 종목`]),
    ),
  ];
  const [far] = streams.toSorted((a, b) => (b.figures?.peak?.percent ?? 0) - (a.figures?.peak?.percent ?? 0));
  if (far?.figures?.peak)
    shown.push(
      one(
        words.highest,
        percentText(far.figures.peak.percent),
        escapeHtml(`${far.instrument}, ${offset(far.figures.peak.us, clocks.atUs)}`),
      ),
    );
  const lead = (manifest.leads ?? []).toSorted((a, b) => b.order.length - a.order.length)[0];
  const [first, second] = lead?.order ?? [];
  if (first)
    shown.push(
      one(
        words.firstMover,
        offset(first.us, clocks.atUs),
        `${escapeHtml(first.instrument)}${second ? `; ${both(words.next)} ${escapeHtml(`${second.instrument} +${seconds(second.lagUs)}`)}` : ''}`,
      ),
    );
  const [busy] = streams.toSorted((a, b) => (b.figures?.volumeMultiple ?? -1) - (a.figures?.volumeMultiple ?? -1));
  if (busy?.figures?.volumeMultiple != null)
    shown.push(one(words.volume, timesText(busy.figures.volumeMultiple), escapeHtml(busy.instrument)));
  const [trade] = Object.entries(clocks.firstTradeUs).sort(([, a], [, b]) => a - b);
  if (trade) shown.push(one(words.firstTrade, offset(trade[1], clocks.atUs), escapeHtml(trade[0])));
  if (clocks.publishedUs !== null && clocks.detectedUs !== null && clocks.detectedUs > clocks.publishedUs)
    shown.push(one(words.noticeAfter, seconds(clocks.detectedUs - clocks.publishedUs), both(words.noticeWhat)));
  return shown.join('');
}
