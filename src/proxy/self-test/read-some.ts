/** Reads what is to be searched, and no more than that. */
import type { Readable } from 'node:stream'
import { SEARCHED_BYTES_MAX } from '../../rules/self-test/find-canaries.ts'

/** The bytes of a stream, or undefined where there are more than are searched. Rejects where the stream fails. */
export async function readSome(stream: Readable): Promise<Buffer | undefined> {
  // What is left of it ends with an error when it is cut; nobody else listens for that.
  stream.on('error', () => {})
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length
    // Leaving the loop destroys the stream.
    if (bytes > SEARCHED_BYTES_MAX) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
