/** Passes over whole values, as strictly as the scan itself. */
import { BRACKETS } from './layout'
import { scalarEnd } from './scalar'
import { plainEnd, QUOTE, skipSpace, SPACE, stringEnd } from './text'

const COMMA: i32 = 0x2c
const COLON: i32 = 0x3a
const OBJECT_OPEN: i32 = 0x7b
const OBJECT_CLOSE: i32 = 0x7d
const OPEN_FOLD: i32 = 0x20
const OPEN_TO_CLOSE: i32 = 2

/** The value after the colon that follows the quote at `quote`; 0 where there is none. */
export function valueAfter(quote: usize): usize {
  let at = quote + 1
  if (<i32>load<u8>(at) != COLON) {
    at = skipSpace(at)
    if (<i32>load<u8>(at) != COLON) return 0
  }
  at += 1
  return <i32>load<u8>(at) <= SPACE ? skipSpace(at) : at
}

/** The position after the value at `from`; 0 where it is not whole, nests deeper than `depthMax`, or is wrong. */
export function valueEnd(from: usize, limit: usize, depthMax: i32): usize {
  let at = from
  let depth = 0
  while (true) {
    let byte: i32 = load<u8>(at)
    if (byte == QUOTE) {
      at = stringEnd(at + 1, limit)
      if (at == 0) return 0
      at += 1
    } else if ((byte | OPEN_FOLD) == OBJECT_OPEN) {
      if (depth >= depthMax) return 0
      store<u8>(BRACKETS + depth, <u8>(byte + OPEN_TO_CLOSE))
      depth += 1
      const isObject = byte == OBJECT_OPEN
      at = skipSpace(at + 1)
      byte = load<u8>(at)
      if (byte != (isObject ? OBJECT_CLOSE : OBJECT_CLOSE - OPEN_FOLD)) {
        if (isObject && (at = afterName(at, limit)) == 0) return 0
        continue
      }
    } else {
      at = scalarEnd(at)
      if (at == 0) return 0
    }
    // Between values: brackets that close, or a comma.
    while (true) {
      if (depth == 0) return at <= limit ? at : 0
      byte = load<u8>(at)
      if (byte <= SPACE) {
        at = skipSpace(at)
        byte = load<u8>(at)
      }
      if (byte != <i32>load<u8>(BRACKETS + depth - 1)) break
      at += 1
      depth -= 1
    }
    if (byte != COMMA) return 0
    at = skipSpace(at + 1)
    if (<i32>load<u8>(BRACKETS + depth - 1) == OBJECT_CLOSE && (at = afterName(at, limit)) == 0) {
      return 0
    }
  }
}

/** The value of the member whose name begins at `at`; 0 where there is none. */
function afterName(at: usize, limit: usize): usize {
  if (<i32>load<u8>(at) != QUOTE) return 0
  let quote = plainEnd(at + 1)
  if (<i32>load<u8>(quote) != QUOTE) quote = stringEnd(quote, limit)
  return quote == 0 ? 0 : valueAfter(quote)
}
