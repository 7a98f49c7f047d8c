// The address of an extract's window inside the listings panel.

const PREFIX = 'window:';

export function windowItem(jobId: string): string {
  return PREFIX + jobId;
}

/** The job of such an address; null: it is the address of a listing. */
export function jobOfItem(item: string | null): string | null {
  return item?.startsWith(PREFIX) ? item.slice(PREFIX.length) : null;
}
