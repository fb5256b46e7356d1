/** Which answers are drawn to be looked through, and that none is refused for it. */
import { test } from 'tap'
import { JsonSyntaxError } from '../../../src/json/errors.ts'
import { sampleUnlisted } from '../../../src/proxy/answer/sample-unlisted.ts'
import type { Exchange } from '../../../src/proxy/exchange.ts'

const NOTHING = { finds: [], truncated: false }

function exchangeOn(oneIn: number | undefined, sample: (bytes: Uint8Array) => typeof NOTHING) {
  const unlistedSample = oneIn === undefined ? undefined : { oneIn, sample }
  const exchange = { match: { route: { unlistedSample } }, unlisted: undefined }
  // Only what a sample works with.
  return exchange as unknown as Pick<Exchange, 'match' | 'unlisted'>
}

test('one answer in so many is drawn, and looked through as it came', (t) => {
  const seen: string[] = []
  const parts = [Buffer.from('[1,'), Buffer.from('2]')]
  const drawn = (oneIn: number | undefined, random: number) => {
    const exchange = exchangeOn(oneIn, (bytes) => {
      seen.push(Buffer.from(bytes).toString())
      return NOTHING
    })
    sampleUnlisted(exchange, parts, () => random)
    return exchange.unlisted
  }
  t.equal(drawn(1, 0.999), NOTHING)
  t.equal(drawn(200, 0.0049), NOTHING)
  t.equal(drawn(200, 0.005), undefined)
  t.equal(drawn(undefined, 0), undefined)
  t.same(seen, ['[1,2]', '[1,2]'])
  const large = exchangeOn(1, () => NOTHING)
  sampleUnlisted(large, [Buffer.alloc(131_072)])
  t.equal(large.unlisted, NOTHING)
  large.unlisted = undefined
  sampleUnlisted(large, [Buffer.alloc(131_072), Buffer.alloc(1)])
  t.equal(large.unlisted, undefined, 'one that is too large is not looked through')
  t.end()
})

test('an answer that cannot be looked through leaves without a word; a fault of ours does not pass', (t) => {
  const failing = (error: Error) =>
    exchangeOn(1, () => {
      throw error
    })
  const odd = failing(new JsonSyntaxError(0, 'no document'))
  sampleUnlisted(odd, [])
  t.equal(odd.unlisted, undefined)
  t.throws(() => sampleUnlisted(failing(new TypeError('x')), []), TypeError)
  t.end()
})
