// report.html: the page beside an extract that a person reads. Self-contained, no script, no outside resource; every text is escaped,
// for coin names, titles and evidence come from strangers.
import { formatIso, SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import type { Manifest } from '../../../src-shared/market/listing.ts';
import type { Bucket } from '../warehouse/picture.ts';

export interface DrawnStream {
  readonly instrument: string;
  readonly quote: string;
  readonly buckets: readonly Bucket[];
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const KST_US = 9 * 3600 * SECOND_US;

function clock(us: Us | null): string {
  if (us === null) return '—';
  return `${formatIso(us).replace('T', ' ').slice(0, -4)} UTC · ${formatIso(us + KST_US).slice(11, 19)} KST`;
}

const WIDTH = 900;
const PRICE_HEIGHT = 180;
const VOLUME_HEIGHT = 60;

function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Price range per bucket above, volume below, the announcement as a line at t0. */
function picture(stream: DrawnStream, manifest: Manifest): string {
  const { fromUs, toUs } = manifest.window;
  const x = (us: Us): number => ((us - fromUs) / Math.max(1, toUs - fromUs)) * WIDTH;
  const high = Math.max(...stream.buckets.map((bucket) => bucket.high));
  const low = Math.min(...stream.buckets.map((bucket) => bucket.low));
  const most = Math.max(...stream.buckets.map((bucket) => bucket.volume), Number.MIN_VALUE);
  const y = (price: number): number =>
    high === low ? PRICE_HEIGHT / 2 : ((high - price) / (high - low)) * (PRICE_HEIGHT - 10) + 5;
  const bar = Math.max(1, WIDTH / 240 - 0.5);
  const points = stream.buckets.map((bucket) => `${x(bucket.us).toFixed(1)},${y(bucket.close).toFixed(1)}`).join(' ');
  const ranges = stream.buckets
    .map((bucket) => {
      const at = x(bucket.us).toFixed(1);
      return `<line x1="${at}" x2="${at}" y1="${y(bucket.high).toFixed(1)}" y2="${y(bucket.low).toFixed(1)}" class="range"/>`;
    })
    .join('');
  const volumes = stream.buckets
    .map((bucket) => {
      const height = (bucket.volume / most) * VOLUME_HEIGHT;
      return `<rect x="${x(bucket.us).toFixed(1)}" y="${(PRICE_HEIGHT + 10 + VOLUME_HEIGHT - height).toFixed(1)}" width="${bar.toFixed(1)}" height="${height.toFixed(1)}" class="volume"/>`;
    })
    .join('');
  const t0 = x(manifest.clocks.atUs).toFixed(1);
  const label = `${stream.instrument}: price from ${number(low)} to ${number(high)} ${stream.quote}`;
  return `<figure><figcaption>${escapeHtml(label)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${PRICE_HEIGHT + VOLUME_HEIGHT + 12}" role="img" aria-label="${escapeHtml(label)}">
<line x1="${t0}" x2="${t0}" y1="0" y2="${PRICE_HEIGHT + VOLUME_HEIGHT + 12}" class="t0"/>
${ranges}<polyline points="${points}" class="price"/>${volumes}</svg></figure>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.map((row) => `<tr>${row.join('')}</tr>`).join('')}</tbody></table>`;
}

function cell(text: string, className?: string): string {
  return `<td${className ? ` class="${className}"` : ''}>${escapeHtml(text)}</td>`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top;overflow-wrap:anywhere}
.proven{color:#116329}.covered{color:#0550ae}.unproved{color:#7d4e00}.incomplete{color:#a40e26;font-weight:600}
figure{margin:1rem 0}svg{width:100%;height:auto;background:#f6f8fa;border:1px solid #d8dee4}
.price{fill:none;stroke:#0550ae;stroke-width:1.5}.range{stroke:#9ec1ea}.volume{fill:#8c959f}.t0{stroke:#a40e26;stroke-dasharray:4 3}
code{font-size:.85rem;overflow-wrap:anywhere}`;

/** The page. title: the announcement's own words, or empty. */
export function reportHtml(
  manifest: Manifest,
  drawn: readonly DrawnStream[],
  gaps: readonly Gap[],
  title: string,
): string {
  const { clocks, window } = manifest;
  const rows = manifest.files.reduce((sum, file) => sum + file.rows, 0);
  const streams = manifest.streams.map((stream) => [
    cell(stream.instrument),
    cell(stream.verdict, stream.verdict),
    cell(String(stream.rows)),
    `<td>${stream.reasons.map((reason) => escapeHtml(reason)).join('<br>')}</td>`,
  ]);
  const firsts = Object.entries(clocks.firstTradeUs).map(([instrument, us]) => [
    cell(instrument),
    cell(clock(us)),
    cell(`${((us - clocks.atUs) / SECOND_US).toFixed(3)} s`),
  ]);
  const holes = gaps.map((gap) => [
    cell(gap.id),
    cell(`${gap.venue} ${gap.market} ${gap.symbol}`),
    cell(`${gap.cause}, ${gap.state}`),
    cell(`${clock(gap.fromUs)} to ${gap.toUs === null ? 'still growing' : clock(gap.toUs)}`),
    `<td>${gap.evidence.map((entry) => escapeHtml(entry)).join('<br>')}</td>`,
  ]);
  const verdict = manifest.verdict ?? 'incomplete';
  const heading = `${manifest.coin} around ${formatIso(clocks.atUs).slice(0, 19)}Z`;
  const notRecorded = manifest.notRecorded ?? [];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(heading)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(heading)}</h1>
${title === '' ? '' : `<p>${escapeHtml(title)}</p>`}
<p>Verdict: <strong class="${verdict}">${verdict}</strong>. ${rows} trades of ${manifest.streams.length} streams, version ${manifest.version}.</p>
<ul>${(manifest.reasons ?? []).map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>
<h2>Clocks</h2>
${table(
  ['Clock', 'Time'],
  [
    [cell('Around (t0)'), cell(clock(clocks.atUs))],
    [cell('Published by the venue'), cell(clock(clocks.publishedUs))],
    [cell('Detected by this recorder'), cell(clock(clocks.detectedUs))],
    [cell('Window, from (inclusive)'), cell(clock(window.fromUs))],
    [cell('Window, to (exclusive)'), cell(clock(window.toUs))],
  ],
)}
${firsts.length > 0 ? `<h2>First trade at or after t0</h2>${table(['Instrument', 'Time', 'After t0'], firsts)}` : ''}
<h2>Streams</h2>
${table(['Instrument', 'Verdict', 'Trades', 'Why'], streams)}
${notRecorded.length > 0 ? `<p>Not asked for and not in this extract: ${escapeHtml(notRecorded.join(', '))}</p>` : ''}
<h2>Picture</h2>
${drawn.length > 0 ? drawn.map((stream) => picture(stream, manifest)).join('\n') : '<p>No trade lies inside the window.</p>'}
<h2>Gaps</h2>
${holes.length > 0 ? table(['Gap', 'Stream', 'Cause, state', 'Unseen', 'Evidence'], holes) : '<p>No gap touches the window.</p>'}
<h2>Files</h2>
${table(
  ['File', 'Rows', 'SHA-256'],
  manifest.files.map((file) => [
    cell(file.path),
    cell(String(file.rows)),
    `<td><code>${escapeHtml(file.sha256)}</code></td>`,
  ]),
)}
<p>Written ${escapeHtml(clock(manifest.createdUs))}.</p>
</body></html>
`;
}
