// Why a process died, out of what it wrote to stderr.

/** The line of an uncaught error that says what happened, or simply the last line; empty when it wrote nothing. */
export function lastWords(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Node\.js v\d/.test(line));
  return lines.findLast((line) => /^(?:Uncaught )?[A-Za-z]*(?:Error|Failure)\b/.test(line)) ?? lines.at(-1) ?? '';
}
