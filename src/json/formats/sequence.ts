/** JSON text sequences (RFC 7464): each document stands between a record separator and a line feed. */
import { FormatSyntaxError } from './errors.ts'
import { HeldBytes } from './held-bytes.ts'
import type { Piece, Splitter } from './splitter.ts'

const RECORD_SEPARATOR = 0x1e
const LINE_FEED = 0x0a
const SEPARATOR: Piece = { kind: 'between', bytes: Buffer.from([RECORD_SEPARATOR]) }
const END: Piece = { kind: 'between', bytes: Buffer.from([LINE_FEED]) }

/** See the file. A record is whole where the next one begins, or the body ends: a line feed may stand within it. */
export function createSequenceSplitter(recordBytesMax: number): Splitter {
  const held = new HeldBytes(recordBytesMax)
  let begun = false
  const recordOf = (): Piece[] => {
    const bytes = held.release()
    if (bytes.length === 0) return []
    // RFC 7464 2.4: without its line feed a record may have been cut.
    if (!begun || bytes.at(-1) !== LINE_FEED) {
      throw new FormatSyntaxError('a record has no beginning or no end')
    }
    return [{ kind: 'record', document: bytes.subarray(0, -1), write: undefined }, END]
  }
  return {
    take: (chunk, last) => {
      const pieces: Piece[] = []
      let from = 0
      for (;;) {
        const end = chunk.indexOf(RECORD_SEPARATOR, from)
        held.add(chunk.subarray(from, end === -1 ? chunk.length : end))
        if (end === -1) break
        pieces.push(...recordOf(), SEPARATOR)
        begun = true
        from = end + 1
      }
      if (last) pieces.push(...recordOf())
      return pieces
    },
  }
}
