/** Lists of words as they are easily read: separated by blanks. */

/** The words of all the lines. */
export function wordsOf(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '))
}
