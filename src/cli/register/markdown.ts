/** Lines of Markdown in which texts of a policy are texts, and nothing else. */
import { plainText } from '../table.ts'

/** A colon and a slash make links of addresses; what stands for itself anyway, such as dots, is left readable. */
const SPECIAL = /[\\`*_~[\]<>#!|&$@]|:(?=\/)|^[-+=]/g

/** The text on one line, every character that Markdown or HTML could take for more than itself escaped. */
export function markdownText(text: string): string {
  return plainText(text)
    .trim()
    .replaceAll(SPECIAL, (found) => `\\${found}`)
    .replaceAll(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`)
    .replace(/^(\d+)([.)])/, '$1\\$2')
}

/** A table; none where there are no rows. What is undefined is a dash. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  if (rows.length === 0) return []
  return [
    '',
    rowOf(header),
    rowOf(header.map(() => '---')),
    ...rows.map((row) =>
      rowOf(row.map((cell) => (cell === undefined ? '-' : markdownText(String(cell))))),
    ),
  ]
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** A list; none where there are no texts. */
export function markdownList(texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : ['', ...texts.map((text) => `- ${markdownText(text)}`)]
}
