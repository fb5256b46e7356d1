/** Which coding a caller wants, by its `Accept-Encoding` (RFC 9110 12.5.3), read strictly: what is malformed asks for none. */
import type { AnswerCoding } from '../../../rules/compiled-policy.ts'

/** Longest header that is looked at, and the most codings in it. */
const CHARS_MAX = 256
const CODINGS_MAX = 20
const CODING =
  /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?[ \t]*$/
const EMPTY = /^[ \t]*$/

export interface Offer {
  /** In the order of preference. */
  readonly codings: readonly AnswerCoding[]
  /** True where a coding is not worth it: there is one then only for a caller who refuses an answer without. */
  readonly small: boolean
}

/** The coding of the answer; undefined: none. */
export function acceptedCoding(
  header: string | undefined,
  { codings, small }: Offer,
): AnswerCoding | undefined {
  const weights = header === undefined ? undefined : weightsOf(header)
  if (weights === undefined) return undefined
  const rest = weights.get('*')
  const identity = weights.get('identity') ?? rest
  if (small && identity !== 0) return undefined
  let best: AnswerCoding | undefined
  let bestWeight = 0
  for (const coding of codings) {
    const weight = weights.get(coding) ?? rest ?? 0
    // Of two that are wanted as much, the policy names the better one first.
    if (weight <= bestWeight || weight < (identity ?? 0)) continue
    best = coding
    bestWeight = weight
  }
  return best
}

/** Undefined where the header is malformed, too long, or names a coding twice. */
function weightsOf(header: string): ReadonlyMap<string, number> | undefined {
  if (header.length > CHARS_MAX) return undefined
  const weights = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    // RFC 9110 5.6.1.2: a recipient takes lists with empty elements.
    if (EMPTY.test(part)) continue
    const [, name, weight = '1'] = CODING.exec(part) ?? []
    if (name === undefined || weights.has(name) || weights.size === CODINGS_MAX) return undefined
    weights.set(name, Number(weight))
  }
  return weights
}
