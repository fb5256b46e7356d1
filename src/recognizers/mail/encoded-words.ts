/** Encoded words of mail headers (RFC 2047): what they say, and how a changed text is written again. */
import { Buffer } from 'node:buffer'

/** A stretch of a source: as it stands there, or what its encoded words say. */
export interface Stretch {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly encoded: boolean
}

// RFC 2047 2, with the language of RFC 2231 5. Longer words than the 75 characters of the RFC are in use.
const WORD = /=\?([A-Za-z0-9_.+-]{1,40})(?:\*[A-Za-z-]{1,20})?\?([BbQq])\?([^?\s]{1,4096})\?=/g
const BLANKS = /^[ \t\r\n]{1,16}$/
const ESCAPE = /=([0-9A-Fa-f]{2})/g
/** Bytes of one word, so that with its frame it keeps to the 75 characters of RFC 2047. */
const WORD_BYTES_MAX = 45

/** The source as stretches, in order and without gaps; undefined where it holds no encoded word that can be read. */
export function stretchesOf(source: string): readonly Stretch[] | undefined {
  if (!source.includes('=?')) return undefined
  const stretches: Stretch[] = []
  let end = 0
  for (const word of wordRuns(source)) {
    if (word.start > end) stretches.push(plainStretch(source, end, word.start))
    stretches.push(word)
    end = word.end
  }
  if (end === 0) return undefined
  if (end < source.length) stretches.push(plainStretch(source, end, source.length))
  return stretches
}

/** The text as encoded words in UTF-8, with one blank between them, which readers leave out. */
export function encodeWords(text: string): string {
  const words: string[] = []
  let part = ''
  for (const character of text) {
    if (Buffer.byteLength(part + character) > WORD_BYTES_MAX) {
      words.push(part)
      part = ''
    }
    part += character
  }
  if (part !== '') words.push(part)
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ')
}

function plainStretch(source: string, start: number, end: number): Stretch {
  return { text: source.slice(start, end), start, end, encoded: false }
}

/** Words with nothing but blanks between them are one text (RFC 2047 6.2), also within a character. */
function* wordRuns(source: string): Generator<Stretch> {
  let open: { charset: string; bytes: Buffer[]; start: number; end: number } | undefined
  for (const {
    index,
    0: word,
    1: charset = '',
    2: encoding = '',
    3: content = '',
  } of source.matchAll(WORD)) {
    const bytes = bytesOf(encoding, content)
    if (bytes === undefined || decoderOf(charset) === undefined) continue
    const end = index + word.length
    if (
      open !== undefined &&
      open.charset === charset.toLowerCase() &&
      BLANKS.test(source.slice(open.end, index))
    ) {
      open.bytes.push(bytes)
      open.end = end
      continue
    }
    if (open !== undefined) yield closed(open)
    open = { charset: charset.toLowerCase(), bytes: [bytes], start: index, end }
  }
  if (open !== undefined) yield closed(open)
}

function closed({
  charset,
  bytes,
  start,
  end,
}: {
  readonly charset: string
  readonly bytes: readonly Buffer[]
  readonly start: number
  readonly end: number
}): Stretch {
  const text = decoderOf(charset)?.decode(Buffer.concat(bytes)) ?? ''
  return { text, start, end, encoded: true }
}

/** Undefined where the content has not the form of its encoding. */
function bytesOf(encoding: string, content: string): Buffer | undefined {
  if (encoding.toUpperCase() === 'B') {
    return /^[A-Za-z0-9+/]+={0,2}$/.test(content) ? Buffer.from(content, 'base64') : undefined
  }
  if (/=(?![0-9A-Fa-f]{2})/.test(content)) return undefined
  const latin = content
    .replaceAll('_', ' ')
    .replaceAll(ESCAPE, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(latin, 'latin1')
}

/** Undefined for a charset that is not known. */
function decoderOf(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset)
  } catch {
    return undefined
  }
}
