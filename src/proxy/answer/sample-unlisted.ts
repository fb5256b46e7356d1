/** Looks an answer that was drawn through for personal data that no line of the policy names, where the policy wants that. */
import { CelosiaError } from '../../core/errors.ts'
import { systemRandom } from '../../core/random.ts'
import type { RandomSource } from '../../core/random.ts'
import type { Exchange } from '../exchange.ts'

/** Largest answer that is looked through: it is read as a whole, in one turn of the event loop, which others wait for. */
const SAMPLED_BYTES_MAX = 131_072

/** Sets `exchange.unlisted`, which the record tells. Never throws for what the answer is: it leaves as without it. */
export function sampleUnlisted(
  exchange: Pick<Exchange, 'match' | 'unlisted'>,
  parts: readonly Buffer[],
  random: RandomSource = systemRandom,
): void {
  const drawn = exchange.match?.route.unlistedSample
  if (drawn === undefined || random() * drawn.oneIn >= 1) return
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0)
  if (bytes > SAMPLED_BYTES_MAX) return
  try {
    exchange.unlisted = drawn.sample(Buffer.concat(parts))
  } catch (error) {
    // A member that stands twice, or more than the queries may walk: then nothing is told of this one.
    if (!(error instanceof CelosiaError) || !error.code.startsWith('ERR_JSON_')) throw error
  }
}
