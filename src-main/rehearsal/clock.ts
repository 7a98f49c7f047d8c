// The clock of a rehearsal, and ids that grow with it.

/** Wall clock with fractions of a ms that never steps back while the process lives. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Ids that no earlier rehearsal has reached: more of them pass per ms than any one stream prints. */
export function clockId(): number {
  return (Date.now() - Date.UTC(2025, 0, 1)) * 50;
}

/** A notice of a later rehearsal is not one of an earlier rehearsal. */
export function clockNoticeId(): number {
  return Math.floor((Date.now() - Date.UTC(2026, 0, 1)) / 1000);
}
