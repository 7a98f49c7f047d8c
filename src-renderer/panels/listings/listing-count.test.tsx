// A list that is cut says so.
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { LISTINGS_LIMIT, ListingCount } from './listing-count.tsx';

it('counts all listings only where all of them are there', () => {
  expect(renderToString(<ListingCount count={LISTINGS_LIMIT - 1} />)).toContain('499 listings');
  const cut = renderToString(<ListingCount count={LISTINGS_LIMIT} />);
  expect(cut).toContain('the newest 500');
  expect(cut).toContain('Earlier listings are kept');
  expect(renderToString(<ListingCount count={0} />)).toBe('');
});
