// Finding a command, and the address of a place.
import { describe, expect, it } from 'vitest';
import { formatPlace, parsePlace } from './address.ts';
import { type Command, findCommands } from './commands.ts';

const command = (id: string, title: string, section = 'View', more: Partial<Command> = {}): Command => ({
  id,
  title,
  section,
  run: () => undefined,
  ...more,
});

const all = [
  command('live', 'Live', 'Go to'),
  command('zone', 'Show times in KST'),
  command('extract', '열려 있는 상장 추출', '상장'),
  command('off', 'Cancel', 'View', { enabled: false }),
  command('palette', 'Palette', 'View', { hidden: true }),
];
const ids = (query: string, recent: string[] = []): string[] =>
  findCommands(all, query, recent).map((found) => found.id);

describe('commands', () => {
  it('shows recent ones first when nothing is written, never hidden or disabled ones', () => {
    expect(ids('')).toEqual(['live', 'zone', 'extract']);
    expect(ids('', ['zone'])).toEqual(['zone', 'live', 'extract']);
  });

  it('finds by every word, in any script', () => {
    expect(ids('kst')).toEqual(['zone']);
    expect(ids('추출')).toEqual(['extract']);
    expect(ids('go live')).toEqual(['live']);
    expect(ids('live zone')).toEqual([]);
  });

  it('puts what is named so before what stands in a section of that name', () => {
    const found = findCommands(
      [
        command('add', 'Add a listing', 'Listings'),
        command('alerts', 'Listings: sound'),
        command('go', 'Listings', 'Go to'),
      ],
      'listings',
      [],
    );
    expect(found.map(({ id }) => id)).toEqual(['go', 'alerts', 'add']);
  });
});

describe('addresses', () => {
  it('survive there and back, whatever an id holds', () => {
    for (const item of [null, 'upbit-4000', 'a/b c#?%', '상장']) {
      const place = { panel: 'listings', item };
      expect(parsePlace(formatPlace(place))).toEqual(place);
    }
    expect(parsePlace('')).toEqual({ panel: '', item: null });
    expect(parsePlace('#/live/%E0%A4%A')).toEqual({ panel: 'live', item: '%E0%A4%A' });
  });
});
