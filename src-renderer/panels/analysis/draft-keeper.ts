// Keeps drafts: at once in this browser, a burst of keys later at the host, again and again until the host has them.
import { z } from 'zod';
import type { Failure, Result } from '../../../src-shared/base/result.ts';
import { draftSchema } from '../../../src-shared/contract/analysis.ts';
import type { QueryDraft } from './drafts.ts';

/** Where copies lie that the host may not have yet; null: this browser keeps nothing. */
export interface DraftShelf {
  read(): string | null;
  write(text: string): void;
}

export interface DraftKeeper {
  /** The draft changed. */
  changed(draft: QueryDraft): void;
  /** The tab was closed on purpose. */
  dropped(id: string): void;
  /** What this browser holds that the host may not have. */
  unkept(): { readonly drafts: readonly QueryDraft[]; readonly dropped: ReadonlySet<string> };
  /** Sends what waits, now. */
  flush(): void;
  close(): void;
}

export interface KeeperState {
  readonly waiting: number;
  /** Why the host did not take the last one; null: it did. */
  readonly trouble: Failure | null;
}

export interface KeeperOptions {
  readonly shelf: DraftShelf;
  keep(draft: QueryDraft): Promise<Result<unknown>>;
  drop(id: string): Promise<Result<unknown>>;
  /** Runs later; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
  onState(state: KeeperState): void;
}

/** A pause in writing after which the host is told. */
export const BURST_MS = 300;
const RETRY_MS = 2000;

const shelfSchema = z.object({ drafts: z.array(draftSchema), dropped: z.array(z.string()) });

/** What an earlier visit left unkept; anything unreadable counts as nothing. */
function readShelf(shelf: DraftShelf): z.infer<typeof shelfSchema> {
  const text = shelf.read();
  const empty = { drafts: [], dropped: [] };
  if (text === null) return empty;
  try {
    const parsed = shelfSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : empty;
  } catch {
    // A torn note of this browser: what the host holds is the answer.
    return empty;
  }
}

export function createDraftKeeper(options: KeeperOptions): DraftKeeper {
  const left = readShelf(options.shelf);
  const waiting = new Map<string, QueryDraft>(left.drafts.map((draft) => [draft.id, draft]));
  const dropping = new Set<string>(left.dropped);
  let cancelTimer: () => void = () => undefined;
  let sending = false;
  let closed = false;
  let trouble: Failure | null = null;

  const note = (): void => {
    options.shelf.write(JSON.stringify({ drafts: [...waiting.values()], dropped: [...dropping] }));
    options.onState({ waiting: waiting.size + dropping.size, trouble });
  };

  const later = (ms: number): void => {
    cancelTimer();
    if (!closed) cancelTimer = options.after(ms, send);
  };

  const send = (): void => {
    cancelTimer();
    if (sending || closed || waiting.size + dropping.size === 0) return;
    sending = true;
    void sendAll().then((done) => {
      sending = false;
      note();
      if (!done) later(RETRY_MS);
      else if (waiting.size + dropping.size > 0) later(BURST_MS);
    });
  };

  /** False: the host could not be told; what is left is tried again. */
  const sendAll = async (): Promise<boolean> => {
    for (const draft of [...waiting.values()]) {
      const result = await options.keep(draft);
      if (!result.ok) {
        trouble = result.failure;
        return false;
      }
      // Written on meanwhile: the newer text waits for its own turn.
      if (waiting.get(draft.id) === draft) waiting.delete(draft.id);
    }
    for (const id of [...dropping]) {
      const result = await options.drop(id);
      if (!result.ok) {
        trouble = result.failure;
        return false;
      }
      dropping.delete(id);
    }
    trouble = null;
    return true;
  };

  if (waiting.size + dropping.size > 0) later(0);

  return {
    changed: (draft) => {
      waiting.set(draft.id, draft);
      note();
      later(BURST_MS);
    },
    dropped: (id) => {
      waiting.delete(id);
      dropping.add(id);
      note();
      later(0);
    },
    unkept: () => ({ drafts: [...waiting.values()], dropped: new Set(dropping) }),
    flush: send,
    close: () => {
      closed = true;
      cancelTimer();
    },
  };
}
