// report.html: the page beside an extract that a person reads. Self-contained, no script, no outside resource; every text is escaped,
// for coin names, titles and evidence come from strangers.
import { formatIso, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import type { Manifest } from '../../../src-shared/market/listing.ts';
import {
  type DrawnStream,
  escapeHtml,
  moveOf,
  movesPicture,
  percentOf,
  percentText,
  priceText,
  type Scene,
  streamPicture,
  swatch,
} from './report-picture.ts';

const KST_US = 9 * 3600 * SECOND_US;

function clock(us: Us | null): string {
  if (us === null) return '—';
  return `${formatIso(us).replace('T', ' ').slice(0, -4)} UTC · ${formatIso(us + KST_US).slice(11, 23)} KST`;
}

/** Seconds from t0, signed. */
function offset(us: Us, atUs: Us): string {
  const seconds = (us - atUs) / SECOND_US;
  return `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(3)} s`;
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

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  // A head that begins with # stands over numbers.
  const head = heads
    .map((text) =>
      text.startsWith('#')
        ? `<th scope="col" class="number">${escapeHtml(text.slice(1))}</th>`
        : `<th scope="col">${escapeHtml(text)}</th>`,
    )
    .join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.map((row) => `<tr>${row.join('')}</tr>`).join('')}</tbody></table>`;
}

function cell(text: string, className?: string): string {
  return `<td${className ? ` class="${className}"` : ''}>${escapeHtml(text)}</td>`;
}

const STYLE = `body{font:14px/1.5 system-ui,-apple-system,"Noto Sans KR",sans-serif;margin:2rem auto;max-width:64rem;padding:0 1.25rem;color:#1b1f24;background:#fff}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1rem;margin:2rem 0 .5rem}.quiet{color:#57606a}p{margin:.25rem 0}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;padding:.35rem 1rem .35rem 0;border-bottom:1px solid #d8dee4;vertical-align:top;overflow-wrap:anywhere}
.keep{white-space:nowrap;overflow-wrap:normal}th{color:#57606a;font-weight:500}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;overflow-wrap:normal}
.badge{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .7rem;font-weight:600;vertical-align:.15rem;font-size:.9rem;margin-left:.6rem}
.proven{color:#116329}.covered{color:#0550ae}.unproved{color:#7d4e00}.incomplete{color:#a40e26;font-weight:600}
.figures{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0;padding:0}.figures div{flex:1;min-width:9rem;border:1px solid #d8dee4;border-radius:.4rem;padding:.5rem .75rem}
.figures dt{color:#57606a;font-size:.8rem}.figures dd{margin:0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums}.figures small{display:block;font-weight:400;font-size:.75rem;color:#57606a;overflow-wrap:anywhere}
figure{margin:.75rem 0 1.25rem;break-inside:avoid}figcaption{color:#57606a;font-size:.85rem}figure svg{width:100%;height:auto;font-size:11px}
.swatch{width:22px;height:6px;margin-right:.5rem;vertical-align:middle}
.grid{stroke:#e4e8ec}.left,.foot{fill:#57606a;font-variant-numeric:tabular-nums}.left{text-anchor:end;dominant-baseline:middle}.foot{text-anchor:middle}
.volume{fill:#8c959f}.t0{stroke:#a40e26;stroke-dasharray:4 3}.moment{stroke:#57606a;stroke-dasharray:1 3}.hole{fill:#a40e26;opacity:.14}
code{font-size:.8rem;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;font-size:11px}tr,.figures div{break-inside:avoid}}`;

/** The page. title: the announcement's own words, or empty. */
export function reportHtml(
  manifest: Manifest,
  drawn: readonly DrawnStream[],
  gaps: readonly Gap[],
  title: string,
): string {
  const { clocks, window } = manifest;
  const { atUs } = clocks;
  const rows = manifest.files.reduce((sum, file) => sum + file.rows, 0);
  const order = new Map(drawn.map((stream, index) => [stream.instrument, index]));
  const moves = new Map(drawn.map((stream) => [stream.instrument, moveOf(stream, atUs)]));
  const streams = manifest.streams.map((stream) => {
    const index = order.get(stream.instrument);
    const move = moves.get(stream.instrument);
    const first = clocks.firstTradeUs[stream.instrument];
    const abnormal = stream.firstAbnormal;
    return [
      `<td>${index === undefined ? '' : swatch(index)}${escapeHtml(stream.instrument)}</td>`,
      cell(stream.verdict, stream.verdict),
      cell(String(stream.rows), 'number'),
      cell(first === undefined ? '—' : offset(first, atUs), 'number'),
      cell(abnormal ? offset(abnormal.us, atUs) : '—', 'number'),
      cell(move ? priceText(move.first) : '—', 'number'),
      cell(typeof move?.before === 'number' ? percentText(percentOf(move.before, move.first)) : '—', 'number'),
      cell(move ? priceText(move.peak) : '—', 'number'),
      cell(move ? percentText(move.percent) : '—', 'number'),
      cell(move ? offset(move.peakUs, atUs) : '—', 'number'),
    ];
  });
  const whys = manifest.streams.map((stream) => [
    cell(stream.instrument, 'keep'),
    cell(stream.verdict, `keep ${stream.verdict}`),
    `<td>${stream.reasons.map((reason) => escapeHtml(reason)).join('<br>')}</td>`,
  ]);
  const holes = gaps.map((gap) => [
    cell(gap.id),
    cell(`${gap.venue} ${gap.market} ${gap.symbol}`),
    cell(`${gap.cause}, ${gap.state}`),
    cell(`${clock(gap.fromUs)} to ${gap.toUs === null ? 'still growing' : clock(gap.toUs)}`),
    `<td>${gap.evidence.map((entry) => escapeHtml(entry)).join('<br>')}</td>`,
  ]);
  const verdict = manifest.verdict ?? 'incomplete';
  const heading = `${manifest.coin} around ${formatIso(atUs).slice(0, 19)}Z`;
  const notRecorded = manifest.notRecorded ?? [];
  const scene: Scene = {
    window,
    atUs,
    moments:
      clocks.detectedUs !== null && clocks.detectedUs !== atUs ? [{ us: clocks.detectedUs, name: 'detected' }] : [],
  };
  const sources = manifest.listing?.sources ?? [];
  const unseen = holesOf(gaps, window);
  const keys = new Map(manifest.streams.map((one) => [one.instrument, `${one.venue}:${one.market}:${one.symbol}`]));
  const pictures = drawn
    .map((stream, index) => streamPicture(stream, index, scene, unseen.get(keys.get(stream.instrument) ?? '') ?? []))
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(heading)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(heading)}<span class="badge ${verdict}">${verdict}</span></h1>
${title === '' ? '' : `<p>${escapeHtml(title)}</p>`}
${(manifest.reasons ?? []).map((reason) => `<p class="quiet">${escapeHtml(reason)}</p>`).join('')}
<dl class="figures">${figures(manifest, moves, rows)}</dl>
${drawn.length > 0 ? movesPicture(drawn, scene) : '<p>No trade lies inside the window.</p>'}
<h2>Streams</h2>
${table(['Instrument', 'Verdict', '#Trades', '#First after t0', '#First abnormal', '#First price', '#Before t0', '#Peak', '#Move', '#Peak at'], streams)}
${notRecorded.length > 0 ? `<p class="quiet">Not asked for and not in this extract: ${escapeHtml(notRecorded.join(', '))}</p>` : ''}
<p class="quiet">Times are the venues' own, from t0. Moves are from the first price in the window: to the last price before t0, and to the peak, the price farthest from it; the time of the peak is that of its bucket in the picture. A tick is abnormal when the stream's own minutes before the window do not explain its price, or how many trades came with it.</p>
<h2>Evidence</h2>
${table(['Instrument', 'Verdict', 'Why'], whys)}
<h2>Gaps</h2>
${holes.length > 0 ? table(['Gap', 'Stream', 'Cause, state', 'Unseen', 'Evidence'], holes) : '<p>No gap touches the window.</p>'}
<h2>Clocks</h2>
${table(
  ['Clock', 'Time'],
  [
    [cell('Around (t0)'), cell(clock(atUs))],
    [cell('Published by the venue'), cell(clock(clocks.publishedUs))],
    [cell('Detected by this recorder'), cell(clock(clocks.detectedUs))],
    ...sources.map((one) => [
      cell(
        `${one.kind === 'listing' ? one.source : `${one.source}, ${one.kind}`}${one.venue ? `, ${one.venue}` : ''}: ${one.title}`,
      ),
      cell(`${clock(one.publishedUs)}, detected ${clock(one.detectedUs)}`),
    ]),
    ...manifest.streams.flatMap(({ instrument, firstAbnormal }) =>
      firstAbnormal
        ? [[cell(`First abnormal tick, ${instrument}`), cell(`${clock(firstAbnormal.us)} (${firstAbnormal.reason})`)]]
        : [],
    ),
    [cell('Window, from (inclusive)'), cell(clock(window.fromUs))],
    [cell('Window, to (exclusive)'), cell(clock(window.toUs))],
  ],
)}
${pictures === '' ? '' : `<h2>Price and volume</h2>${pictures}`}
<h2>Files</h2>
${table(
  ['File', '#Rows', 'SHA-256'],
  manifest.files.map((file) => [
    cell(file.path),
    cell(String(file.rows), 'number'),
    `<td><code>${escapeHtml(file.sha256)}</code></td>`,
  ]),
)}
<p class="quiet">Version ${manifest.version}, written ${escapeHtml(clock(manifest.createdUs))} by Tapedeck.</p>
</body></html>
`;
}

/** What a desk asks first: how much, how far, who was first, how late the notice was. */
function figures(manifest: Manifest, moves: ReadonlyMap<string, ReturnType<typeof moveOf>>, rows: number): string {
  const { clocks } = manifest;
  const one = (name: string, value: string, below: string): string =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(below)}</small></dd></div>`;
  const shown = [one('Trades', rows.toLocaleString('en'), `of ${manifest.streams.length} streams`)];
  const [far] = [...moves].sort(([, a], [, b]) => Math.abs(b?.percent ?? 0) - Math.abs(a?.percent ?? 0));
  if (far?.[1])
    shown.push(
      one('Largest move', percentText(far[1].percent), `${far[0]}, ${offset(far[1].peakUs, clocks.atUs)} from t0`),
    );
  const [first] = Object.entries(clocks.firstTradeUs).sort(([, a], [, b]) => a - b);
  if (first) shown.push(one('First trade after t0', offset(first[1], clocks.atUs), first[0]));
  const [abnormal] = Object.entries(clocks.firstAbnormalUs ?? {}).sort(([, a], [, b]) => a - b);
  if (abnormal) shown.push(one('First abnormal tick', offset(abnormal[1], clocks.atUs), abnormal[0]));
  if (clocks.publishedUs !== null && clocks.detectedUs !== null && clocks.detectedUs > clocks.publishedUs)
    shown.push(
      one(
        'Notice seen after',
        `${((clocks.detectedUs - clocks.publishedUs) / SECOND_US).toFixed(3)} s`,
        'detected minus published',
      ),
    );
  return shown.join('');
}
