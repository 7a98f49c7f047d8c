// Times inside of sentences, in the reader's zone. The recorder writes UTC and says so: only a time with that label is written anew, and gets the
// label of the zone. A time without one may be anything, and stays as it came.
import type { Zone } from './preferences.ts';

const KST_OFFSET_MS = 9 * 3_600_000;
const DATE = String.raw`(?:(\d{4}-\d\d-\d\d) )?`;
const TIME = String.raw`(\d\d:\d\d:\d\d(?:\.\d+)?)`;

/** One time, or one to another, and the label that is for both: "09:02:39.191 to 09:02:42.198 UTC". */
const labelled = new RegExp(
  String.raw`(?<![\w.:-]|\d{4}-\d\d-\d\d )${DATE}${TIME}(?:( to |~)${DATE}${TIME})?( still growing)? UTC(?![A-Za-z0-9])`,
  'g',
);
/** 2026-11-20T09:00Z; in a path, an address or quotes it belongs to the name. */
const iso = /(?<![\w.:/\\"'-])(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z(?![\w/\\"'])/g;

/** Nine hours on; without a date only the time of day. Undefined when it is no time. */
function inKorea(date: string | undefined, time: string): string | undefined {
  const [minute, rest] = [time.slice(0, 5), time.slice(5)];
  const ms = Date.parse(`${date ?? '2000-01-01'}T${minute}:00Z`);
  if (Number.isNaN(ms)) return undefined;
  const there = new Date(ms + KST_OFFSET_MS).toISOString();
  return `${date === undefined ? '' : `${there.slice(0, 10)} `}${there.slice(11, 16)}${rest}`;
}

/** A sentence of the recorder with its labelled times in this zone. */
export function inZone(text: string, zone: Zone): string {
  if (zone === 'UTC') return text;
  return text
    .replace(labelled, (whole, ...found: (string | undefined)[]) => {
      const [fromDate, from = '', between, toDate, to, growing = ''] = found;
      const begin = inKorea(fromDate, from);
      const end = to === undefined ? '' : inKorea(toDate, to);
      return begin === undefined || end === undefined ? whole : `${begin}${between ?? ''}${end}${growing} KST`;
    })
    .replace(iso, (whole, date: string, time: string) => {
      const there = inKorea(date, time);
      return there === undefined ? whole : `${there} KST`;
    });
}
