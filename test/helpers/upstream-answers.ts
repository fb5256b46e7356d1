/** Answers for the raw upstream: well-formed ones, slow ones, and ones that break off. Bytes only, nothing is sent here. */
import { STATUS_CODES } from 'node:http'

/** What happens to the connection once the bytes are out. `hang` sends nothing more and leaves it open. */
export type AfterAnswer = 'keep' | 'close' | 'reset' | 'hang'

/** Bytes and what follows them. */
export interface BytesThen {
  readonly bytes: Buffer | AsyncIterable<Buffer>
  readonly after: AfterAnswer
}

/** Raw bytes, or one of the three words: say nothing, close, or reset the connection. */
export type UpstreamAnswer = Buffer | AsyncIterable<Buffer> | BytesThen | 'hang' | 'close' | 'reset'

/** Status and further headers of a well-formed answer. */
export interface AnswerHead {
  readonly status?: number
  /** Further headers as pairs, repetitions allowed. They stand after content type and length. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Undefined: `application/json; charset=utf-8`. */
  readonly contentType?: string
}

/** A JSON answer. A string is sent as it is, so that the test decides about escapes, key order and broken JSON. */
export function jsonAnswer(value: unknown, head: AnswerHead = {}): Buffer {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return Buffer.concat([headBytes(head, [['content-length', String(body.length)]]), body])
}

/** The same with chunked framing, one chunk for each part, so that values can be cut anywhere. */
export function chunkedAnswer(parts: readonly (string | Buffer)[], head: AnswerHead = {}): Buffer {
  const chunks = parts.flatMap((part) => {
    const bytes = Buffer.from(part)
    return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]
  })
  const start = headBytes(head, [['transfer-encoding', 'chunked']])
  return Buffer.concat([start, ...chunks, Buffer.from('0\r\n\r\n')])
}

/** An answer without content. */
export function statusAnswer(status: number): Buffer {
  return rawAnswer(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-length: 0\r\n\r\n`)
}

/** Any bytes, HTTP or not; a string is sent as UTF-8. */
export function rawAnswer(bytes: string | Buffer): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes
}

/** The same bytes, a few at a time. */
export async function* dripAnswer(
  bytes: Buffer,
  pace: { readonly chunkBytes: number; readonly everyMs: number },
): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pace.chunkBytes) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, pace.everyMs))
    yield bytes.subarray(at, at + pace.chunkBytes)
  }
}

/** An answer that breaks off: the head and half of what follows it, or as many bytes as told, then the end. */
export function cutAnswer(
  bytes: Buffer,
  cut: { readonly at?: number; readonly after?: AfterAnswer } = {},
): BytesThen {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4
  const at = cut.at ?? headEnd + Math.floor((bytes.length - headEnd) / 2)
  return { bytes: bytes.subarray(0, at), after: cut.after ?? 'close' }
}

/** What an answer asks for, in one form. */
export function commandOf(answer: UpstreamAnswer): {
  readonly bytes: AsyncIterable<Buffer> | Iterable<Buffer>
  readonly after: AfterAnswer
} {
  if (answer === 'hang' || answer === 'close' || answer === 'reset') {
    return { bytes: [], after: answer }
  }
  if (Buffer.isBuffer(answer)) return { bytes: [answer], after: 'keep' }
  if ('after' in answer) {
    return {
      bytes: Buffer.isBuffer(answer.bytes) ? [answer.bytes] : answer.bytes,
      after: answer.after,
    }
  }
  return { bytes: answer, after: 'keep' }
}

function headBytes(head: AnswerHead, framing: readonly (readonly [string, string])[]): Buffer {
  const status = head.status ?? 200
  const headers = [
    ['content-type', head.contentType ?? 'application/json; charset=utf-8'],
    ...framing,
    ...(head.headers ?? []),
  ]
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return rawAnswer(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`,
  )
}
