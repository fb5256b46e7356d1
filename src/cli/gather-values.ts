/** The first of two runs over an input that is masked with a dictionary: up to the size of a body that the gateway holds. */
import type { Readable } from 'node:stream'
import type { Reader, Rewriter } from '../json/program-source.ts'
import type { CompiledPolicy, RouteMasking } from '../rules/compiled-policy.ts'
import { withDictionary } from '../rules/compile/record-dictionary.ts'

/** An input on its way, and what masks it. */
export interface Gathered {
  readonly input: AsyncIterable<Buffer>
  readonly masking: RouteMasking
  readonly rewriter: Rewriter
}

const NOBODY: Reader = { seal: undefined, said: new Map() }
const EMPTY = Buffer.alloc(0)

/** Reads ahead where the masking asks for it. An input that is longer is masked as one that is streamed. */
export async function gatherValues(
  stdin: Readable,
  masking: RouteMasking,
  { limits }: CompiledPolicy,
): Promise<Gathered> {
  const input = stdin as AsyncIterable<Buffer>
  if (masking.gather === undefined) return { input, masking, rewriter: masking.start() }
  const rest = input[Symbol.asyncIterator]()
  const held: Buffer[] = []
  let size = 0
  for (;;) {
    const { done, value } = await rest.next()
    if (done === true) break
    held.push(value)
    size += value.byteLength
    if (size <= limits.bodyBytesMax) continue
    const streamed = masking.streamed ?? masking
    return { input: joined(held, rest), masking: streamed, rewriter: streamed.start() }
  }
  const reader = withDictionary(NOBODY)
  const gathering = masking.gather(undefined, reader)
  for (const chunk of held) gathering.push(chunk, false)
  gathering.push(EMPTY, true)
  return { input: joined(held, undefined), masking, rewriter: masking.start(undefined, reader) }
}

async function* joined(
  held: readonly Buffer[],
  rest: AsyncIterator<Buffer> | undefined,
): AsyncGenerator<Buffer> {
  yield* held
  if (rest !== undefined) yield* { [Symbol.asyncIterator]: () => rest }
}
