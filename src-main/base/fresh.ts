// Something that changes seldom and takes long to find out on a busy process: what was found lately is the answer, and is looked at anew meanwhile.

/**
 * look: finds it out. Its answer is given for longestMs; asked again after refreshMs it is looked for once more, and who asks does not wait for that.
 * A look that fails is no answer: who asks next waits for another, and is told of its failure.
 */
export function fresh<T>(look: () => Promise<T>, refreshMs: number, longestMs: number): () => Promise<T> {
  let found: { readonly value: T; readonly atMs: number } | null = null;
  let looking: Promise<T> | null = null;
  const lookAnew = (): Promise<T> => {
    looking ??= look()
      .then((value) => {
        found = { value, atMs: performance.now() };
        return value;
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  };
  return async () => {
    const ageMs = found ? performance.now() - found.atMs : Number.POSITIVE_INFINITY;
    if (!found || ageMs > longestMs) return await lookAnew();
    if (ageMs > refreshMs) {
      // Who asks when what was found is too old is told of the failure.
      lookAnew().catch(() => undefined);
    }
    return found.value;
  };
}
