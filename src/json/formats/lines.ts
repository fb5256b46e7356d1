/**
 * Lines of JSON (NDJSON, JSON Lines): one document a line, ended by a line feed. Lines without a document leave as they
 * are. A last line without its line feed counts only where it shows that it is whole.
 */
import { FormatSyntaxError } from './errors.ts'
import { HeldBytes } from './held-bytes.ts'
import type { Piece, Splitter } from './splitter.ts'

const LINE_FEED = 0x0a
const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0d, LINE_FEED])
/** What a document ends with that cannot be the beginning of a longer one: an object, an array, a string. */
const CLOSING: ReadonlySet<number | undefined> = new Set([0x7d, 0x5d, 0x22])

/** See the file. */
export function createLineSplitter(recordBytesMax: number): Splitter {
  const held = new HeldBytes(recordBytesMax)
  return {
    take: (chunk, last) => {
      const pieces: Piece[] = []
      let from = 0
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        held.add(chunk.subarray(from, end + 1))
        pieces.push(...lineOf(held.release()))
        from = end + 1
      }
      held.add(chunk.subarray(from))
      if (last && held.length > 0) pieces.push(...lastLineOf(held.release()))
      return pieces
    },
  }
}

/** The document without the blanks after it, which leave as they are. */
function lineOf(line: Buffer): Piece[] {
  let end = line.length
  while (end > 0 && BLANK.has(line[end - 1])) end -= 1
  const rest: Piece = { kind: 'between', bytes: line.subarray(end) }
  if (end === 0) return [rest]
  return [{ kind: 'record', document: line.subarray(0, end), write: undefined }, rest]
}

function lastLineOf(line: Buffer): Piece[] {
  const pieces = lineOf(line)
  const [first] = pieces
  if (first?.kind === 'record' && !CLOSING.has(first.document.at(-1))) {
    throw new FormatSyntaxError('the last line may be half a record')
  }
  return pieces
}
