// Numbers and times as people read them: grouped digits, units that fit, and a zone beside every time.
import type { Zone } from '../i18n/preferences.ts';

const KST_OFFSET_US = 9 * 3600 * 1_000_000;
/** Printed where a value is not known. */
export const NOTHING = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1234567 -> "1,234,567". */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? NOTHING : grouped.format(value);
}

/** A rate per second: small ones keep one digit after the point, large ones are grouped. */
export function formatRate(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  if (value === 0) return '0';
  return Math.abs(value) < 10 ? value.toFixed(1) : grouped.format(value);
}

/** For axes: 1500 -> "1.5k", 2000000 -> "2M". */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}G`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e3) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** 1536 -> "1.5 KiB". */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NOTHING;
  let size = bytes;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(size) >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

/** How units of time are written after a number, blank included. */
export interface DurationUnits {
  readonly ms: string;
  readonly second: string;
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
}

/** A delay or age: 0.42 -> "0.4 ms", 1500 -> "1.5 s", 90000 -> "1 m 30 s", 7500000 -> "2 h 05 m". */
export function formatDuration(ms: number | null | undefined, units: DurationUnits): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NOTHING;
  const sign = ms < 0 ? '−' : '';
  const size = Math.abs(ms);
  if (size < 9.95) return `${sign}${size.toFixed(1)}${units.ms}`;
  if (size < 999.5) return `${sign}${Math.round(size)}${units.ms}`;
  if (size < 59_950) return `${sign}${(size / 1000).toFixed(1)}${units.second}`;
  const seconds = Math.round(size / 1000);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}${units.minute} ${pad(seconds % 60)}${units.second}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 48 * 60) return `${sign}${Math.floor(minutes / 60)}${units.hour} ${pad(minutes % 60)}${units.minute}`;
  return `${sign}${grouped.format(Math.floor(minutes / 1440))}${units.day} ${Math.floor((minutes % 1440) / 60)}${units.hour}`;
}

/** An age in whole seconds and longer units: a figure that counts up should not flicker in tenths. */
export function formatAge(ms: number, units: DurationUnits): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds}${units.second}` : formatDuration(seconds * 1000, units);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

export type TimePrecision = 'minute' | 'second' | 'milli' | 'micro';

interface Parts {
  readonly date: string;
  readonly time: string;
}

function partsOf(us: number, zone: Zone, precision: TimePrecision): Parts {
  const shifted = us + (zone === 'KST' ? KST_OFFSET_US : 0);
  const ms = Math.floor(shifted / 1000);
  const iso = new Date(ms).toISOString();
  const micro = String(shifted - ms * 1000).padStart(3, '0');
  const time = {
    minute: iso.slice(11, 16),
    second: iso.slice(11, 19),
    milli: iso.slice(11, 23),
    micro: `${iso.slice(11, 23)}${micro}`,
  };
  return { date: iso.slice(0, 10), time: time[precision] };
}

/** "2026-11-20 18:00:00 KST". */
export function formatTime(us: number | null | undefined, zone: Zone, precision: TimePrecision = 'second'): string {
  if (us === null || us === undefined || !Number.isFinite(us)) return NOTHING;
  const { date, time } = partsOf(us, zone, precision);
  return `${date} ${time} ${zone}`;
}

/** "18:00:00 KST", for places whose day is plain. */
export function formatClock(us: number | null | undefined, zone: Zone, precision: TimePrecision = 'second'): string {
  if (us === null || us === undefined || !Number.isFinite(us)) return NOTHING;
  return `${partsOf(us, zone, precision).time} ${zone}`;
}

/** From one minute to another; the day and the zone once where they are the same: "2026-11-20 18:00 – 19:00 KST". */
export function formatSpan(fromUs: number | undefined, toUs: number | undefined, zone: Zone): string {
  if (fromUs === undefined || toUs === undefined) return NOTHING;
  const end = formatTime(toUs, zone, 'minute');
  const from = partsOf(fromUs, zone, 'minute');
  const day = `${from.date} `;
  return `${day}${from.time} – ${end.startsWith(day) ? end.slice(day.length) : end}`;
}

/** Without the zone, for axes whose label names it once. */
export function formatBareClock(us: number, zone: Zone, precision: TimePrecision = 'second'): string {
  return partsOf(us, zone, precision).time;
}

/** "+12.34 %"; the sign is always printed because it is what the eye looks for. */
export function formatPercent(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±';
  return `${sign}${Math.abs(value).toFixed(digits)} %`;
}

/** A part of a whole, 0 to 1: "42 %", "3.1 %". Never 100 below the whole and never 0 above none, however little it is. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NOTHING;
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent > 99.9) return '> 99.9 %';
  const digits = percent !== 0 && percent !== 100 && (percent < 10 || percent > 99) ? 1 : 0;
  return `${percent.toFixed(digits)} %`;
}

/** Seconds around a moment: "t0", "+3.5 s", "−20 s". */
export function formatOffset(seconds: number): string {
  if (seconds === 0) return 't0';
  return `${seconds < 0 ? '−' : '+'}${trim(Math.abs(seconds))} s`;
}

/** A price for the eye (floats for drawing only): six significant digits, no exponent. */
export function formatPrice(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  if (value === 0) return '0';
  const size = Math.abs(value);
  const digits = Math.min(12, Math.max(0, 5 - Math.floor(Math.log10(size))));
  const text = value.toFixed(digits);
  const [whole = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '');
  const left = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return kept ? `${left}.${kept}` : left;
}

/** The last part of a path, on any system. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
