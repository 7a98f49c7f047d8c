// Answers that a venue still owes on requests that no longer count. Where an answer names its symbol and not its request, so many of them
// come before the one that is about the newest: venues answer in the order in which they were asked.
export class Owed {
  readonly #answers = new Map<string, number>();

  /** A request for this symbol was given up or asked anew, and is not answered yet. */
  add(symbol: string): void {
    this.#answers.set(symbol, (this.#answers.get(symbol) ?? 0) + 1);
  }

  /** An answer came. True: it was one of these. */
  take(symbol: string): boolean {
    const left = this.#answers.get(symbol) ?? 0;
    if (left > 1) this.#answers.set(symbol, left - 1);
    else this.#answers.delete(symbol);
    return left > 0;
  }

  /** They would have come by now. */
  forget(symbol: string): void {
    this.#answers.delete(symbol);
  }
}
