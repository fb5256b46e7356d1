/**
 * Reads HTTP/1.1 messages (RFC 9112) out of raw bytes for the raw upstream and the raw client. Lenient on purpose: it
 * shows what stood on the wire and judges nothing. Not for use outside tests.
 */

/** Headers as they stood on the wire: order, case and repetitions kept. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[]

/** One message. `length` is how many bytes of the input it took. */
export interface HttpMessage {
  readonly startLine: string
  readonly headers: HeaderPairs
  /** The body with chunk framing taken away; content codings are left as they are. */
  readonly body: Buffer
  readonly trailers: HeaderPairs
  readonly length: number
  /** False where the connection ended in the middle of the body; `body` has what came. */
  readonly complete: boolean
}

/** How the end of a body without length or chunks is found: there is none, or the connection's end is it. */
export interface FramingRules {
  readonly unframed: 'empty' | 'until-close'
  /** True for the answer to HEAD: a header section and nothing else, whatever it announces (RFC 9110 9.3.2). */
  readonly headOnly?: boolean
  /** True where the connection has ended, so that no more bytes will come and half a body is all there is. */
  readonly ended?: boolean
}

const HEAD_END = '\r\n\r\n'

/** Every value of a header, in order, its name compared without case. */
export function headerValues(headers: HeaderPairs, name: string): string[] {
  return headers
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value)
}

/** The first message in `bytes`, or undefined where it is not complete yet. Throws where it cannot be a message. */
export function readMessage(bytes: Buffer, rules: FramingRules): HttpMessage | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const head = { startLine, headers: lines.map(readHeader) }
  const rest = bytes.subarray(headEnd + HEAD_END.length)
  const body = readBody(head.headers, rest, rules)
  return body && { ...head, ...body, length: headEnd + HEAD_END.length + body.length }
}

type Body = Pick<HttpMessage, 'body' | 'trailers' | 'length' | 'complete'>

function readBody(headers: HeaderPairs, rest: Buffer, rules: FramingRules): Body | undefined {
  const first = (length: number): Body => {
    return { body: rest.subarray(0, length), trailers: [], length, complete: true }
  }
  const half = { ...first(rest.length), complete: false }
  if (rules.headOnly === true) return first(0)
  if (headerValues(headers, 'transfer-encoding').some((value) => /chunked/i.test(value))) {
    return readChunks(rest, rules.ended === true)
  }
  const announced = headerValues(headers, 'content-length')[0]
  if (announced !== undefined) {
    const length = Number(announced)
    if (!Number.isSafeInteger(length) || length < 0) throw new Error('content-length is no number')
    if (rest.length >= length) return first(length)
    return rules.ended === true ? half : undefined
  }
  if (rules.unframed === 'empty') return first(0)
  return rules.ended === true ? first(rest.length) : undefined
}

function readChunks(bytes: Buffer, ended: boolean): Body | undefined {
  const chunks: Buffer[] = []
  const half = (): Body | undefined => {
    if (!ended) return undefined
    return { body: Buffer.concat(chunks), trailers: [], length: bytes.length, complete: false }
  }
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return half()
    const digits = /^[0-9a-f]{1,8}/i.exec(bytes.toString('latin1', at, lineEnd))?.[0]
    if (digits === undefined) throw new Error('chunk size is no hexadecimal number')
    const size = Number.parseInt(digits, 16)
    at = lineEnd + 2
    if (size === 0) break
    chunks.push(bytes.subarray(at, at + size))
    at += size + 2
    if (bytes.length < at) return half()
  }
  const body = Buffer.concat(chunks)
  if (bytes.toString('latin1', at, at + 2) === '\r\n') {
    return { body, trailers: [], length: at + 2, complete: true }
  }
  const end = bytes.indexOf(HEAD_END, at)
  if (end === -1) return half()
  const trailers = bytes.toString('latin1', at, end).split('\r\n').map(readHeader)
  return { body, trailers, length: end + HEAD_END.length, complete: true }
}

function readHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()]
}
