// The Screen port: how the router sees a screen, whatever carries it (WebSocket or MessagePort).
import type { DownEnvelope } from '../../src-shared/contract/wire.ts';

export interface ScreenEvents {
  /** Anything the screen sent, unread. */
  message(raw: unknown): void;
  /** What was waiting has gone out: held-back events may follow. */
  drained(): void;
  closed(): void;
}

export interface Screen {
  /** For the log: where it comes from. */
  readonly name: string;
  post(message: DownEnvelope): void;
  /** True while so much waits to go out that only the latest of each event should be kept. */
  congested(): boolean;
  /** Called once by the router. */
  listen(events: ScreenEvents): void;
}
