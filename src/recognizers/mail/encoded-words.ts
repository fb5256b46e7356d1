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

/** Charsets that the words of one text may name. */
const CHARSETS_MAX = 16

export interface Words {
  /** The source in order and without gaps; undefined where it holds no encoded word that can be read. */
  readonly stretches: readonly Stretch[] | undefined
  /** False where the words name more charsets than are looked at: the text must be concealed whole. */
  readonly whole: boolean
}

/** Reads the encoded words of a source. Takes time in proportion to it. */
export function wordsIn(source: string): Words {
  if (!source.includes('=?')) return { stretches: undefined, whole: true }
  const charsets = new Charsets()
  const stretches: Stretch[] = []
  let end = 0
  for (const word of wordRuns(source, charsets)) {
    if (word.start > end) stretches.push(plainStretch(source, end, word.start))
    stretches.push(word)
    end = word.end
  }
  const whole = !charsets.exceeded
  if (end === 0) return { stretches: undefined, whole }
  if (end < source.length) stretches.push(plainStretch(source, end, source.length))
  return { stretches, whole }
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

interface OpenRun {
  readonly decoder: TextDecoder
  readonly bytes: Buffer[]
  readonly start: number
  end: number
}

/** Words with nothing but blanks between them are one text (RFC 2047 6.2), also within a character. */
function* wordRuns(source: string, charsets: Charsets): Generator<Stretch> {
  let open: OpenRun | undefined
  for (const {
    index,
    0: word,
    1: charset = '',
    2: encoding = '',
    3: content = '',
  } of source.matchAll(WORD)) {
    const bytes = bytesOf(encoding, content)
    const decoder = bytes && charsets.decoderOf(charset.toLowerCase())
    if (bytes === undefined || decoder === undefined) continue
    const end = index + word.length
    if (
      open !== undefined &&
      open.decoder === decoder &&
      BLANKS.test(source.slice(open.end, index))
    ) {
      open.bytes.push(bytes)
      open.end = end
      continue
    }
    if (open !== undefined) yield closed(open)
    open = { decoder, bytes: [bytes], start: index, end }
  }
  if (open !== undefined) yield closed(open)
}

function closed({ decoder, bytes, start, end }: OpenRun): Stretch {
  return { text: decoder.decode(Buffer.concat(bytes)), start, end, encoded: true }
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

/** The charsets of one text, each looked up once: that one is not known takes as long as a thousand characters. */
class Charsets {
  /** True where more were named than may be. */
  exceeded = false
  readonly #decoders = new Map<string, TextDecoder | undefined>()

  /** Undefined for a charset that is not known. */
  decoderOf(charset: string): TextDecoder | undefined {
    if (this.#decoders.has(charset)) return this.#decoders.get(charset)
    this.exceeded ||= this.#decoders.size >= CHARSETS_MAX
    if (this.exceeded) return undefined
    const decoder = newDecoder(charset)
    this.#decoders.set(charset, decoder)
    return decoder
  }
}

function newDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset)
  } catch {
    return undefined
  }
}
