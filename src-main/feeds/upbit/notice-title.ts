// Reads an Upbit notice title: is it a new listing, or a word on one that is known, of which coins, on which markets. Linear in the title.

export interface ListedCoin {
  readonly coin: string;
  /** Markets of this coin in the title's order; empty when the title names none. */
  readonly quotes: readonly string[];
}

const LONGEST = 500;
const MOST_COINS = 50;
const MARKETS: ReadonlySet<string> = new Set(['KRW', 'BTC', 'USDT']);

const NEW_LISTING = /신규\s?거래\s?지원|디지털\s?자산\s?추가|market support for/i;
/** Of coins that are listed already: end of support, caution. */
const NOT_A_LISTING = /거래\s?지원\s?종료|유의\s?종목|termination|terminat|delist|caution|warning/i;
const CANCELLED = /취소|철회|cancel|withdrawn|withdrawal of/i;
/** An update of an event that an earlier notice announced. */
const CHANGE = /변경|연기|postpone|resched|delayed|\bchanged?\b/i;

/** Bracket groups, and market lists (`KRW, BTC 마켓`) in or outside of them. */
const BRACKETS = /\(([^()]{0,200})\)/g;
const MARKET_LIST = /((?:KRW|BTC|USDT)(?:[\s,/·&+]{1,4}(?:KRW|BTC|USDT)){0,4})\s{0,2}(?:마켓|market)/gi;
const TICKER = /^[A-Z0-9]{1,15}$/;

/** One line of visible text: what a screen may show of a title that anyone could have written. */
export function plainTitle(title: string): string {
  return title
    .slice(0, LONGEST)
    .replaceAll(/\p{C}+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** What a title says of its coins: that they are listed, or that a listing which is known was changed, put off or cancelled. */
export interface TitleWord {
  readonly kind: 'listing' | 'changed' | 'cancelled';
  readonly coins: readonly ListedCoin[];
}

/**
 * `edited`: the page shows that this notice had another title before, so a word of change in brackets, as Upbit adds it, does not make it a mere
 * update. One in the title itself does: a notice of a change that was corrected is still one of a change.
 */
export function wordOf(title: string, edited: boolean): TitleWord {
  const text = plainTitle(title).normalize('NFKC');
  if (!NEW_LISTING.test(text) || NOT_A_LISTING.test(text)) return { kind: 'listing', coins: [] };
  const changed = CHANGE.test(edited ? text.replaceAll(BRACKETS, ' ') : text);
  const kind = CANCELLED.test(text) ? 'cancelled' : changed ? 'changed' : 'listing';
  return { kind, coins: assign(wordsOf(text)) };
}

type Word = { readonly at: number } & ({ readonly coins: readonly string[] } | { readonly markets: readonly string[] });

function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const found of text.matchAll(MARKET_LIST))
    words.push({ at: found.index, markets: [...new Set(found[1]!.toUpperCase().match(/KRW|BTC|USDT/g) ?? [])] });
  for (const found of text.matchAll(BRACKETS)) {
    const parts = found[1]!.split(/[,/·&]/).map((part) => part.trim());
    if (!parts.every((part) => TICKER.test(part))) continue;
    const coins = parts.filter((part) => isCoin(part, parts.length === 1 && text[found.index - 1] !== ' '));
    if (coins.length > 0) words.push({ at: found.index, coins });
    else if (parts.every((part) => MARKETS.has(part))) words.push({ at: found.index, markets: [...new Set(parts)] });
  }
  return words.sort((a, b) => a.at - b.at);
}

/** A single letter is a coin only when its bracket clings to a name, as in `웜홀(W)`; a number never is. */
function isCoin(part: string, clings: boolean): boolean {
  return !MARKETS.has(part) && /[A-Z]/.test(part) && (part.length > 1 || clings);
}

/** A market list belongs to the coins before it that have none yet; one before every coin belongs to those left over. */
function assign(words: readonly Word[]): readonly ListedCoin[] {
  const quotes = new Map<string, readonly string[]>();
  let waiting: string[] = [];
  let leading: readonly string[] = [];
  for (const word of words) {
    if ('coins' in word) {
      for (const coin of word.coins) {
        if (quotes.has(coin) || quotes.size >= MOST_COINS) continue;
        quotes.set(coin, []);
        waiting.push(coin);
      }
    } else if (quotes.size === 0) leading = word.markets;
    else {
      for (const coin of waiting) quotes.set(coin, word.markets);
      waiting = [];
    }
  }
  for (const coin of waiting) quotes.set(coin, leading);
  return [...quotes].map(([coin, markets]) => ({ coin, quotes: markets }));
}
