// A place in the screen as the part of the address after '#', and back.

export interface Place {
  readonly panel: string;
  /** What is open in the panel, e.g. a listing's id; null: nothing. */
  readonly item: string | null;
}

/** "#/listings/abc" and back. */
export function parsePlace(hash: string): Place {
  const [panel = '', ...rest] = hash.replace(/^#\/?/, '').split('/');
  const item = rest.join('/');
  return { panel: decode(panel), item: item === '' ? null : decode(item) };
}

export function formatPlace(place: Place): string {
  const item = place.item === null ? '' : `/${encodeURIComponent(place.item)}`;
  return `#/${encodeURIComponent(place.panel)}${item}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape is taken as it stands; an unknown panel falls back to the first.
    return text;
  }
}
