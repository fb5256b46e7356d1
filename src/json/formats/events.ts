/**
 * Streams of events (HTML, section 9.2 "Server-sent events"): each event is written anew from what is declared. Its data
 * is one JSON document; events of other names, comments' texts and unknown fields do not leave.
 */
import { FormatLimitError, FormatSyntaxError } from './errors.ts'
import { HeldBytes } from './held-bytes.ts'
import type { Piece, Splitter } from './splitter.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** The name of an event that has none. */
const MESSAGE = 'message'
/** Milliseconds, at most about a day. */
const RETRY = /^[0-9]{1,8}$/
const BYTE_ORDER_MARK = '\ufeff'
const COMMENT: Piece = { kind: 'between', bytes: Buffer.from(':\n\n') }

/** What an event may carry beside its data. */
export interface EventFields {
  /** Names of events that leave; those without a name always do. */
  readonly names: ReadonlySet<string>
  /** True for an id that leaves. */
  readonly acceptsId: (id: string) => boolean
  /** Bytes of one event. */
  readonly recordBytesMax: number
}

interface Event {
  name: string | undefined
  id: string | undefined
  retry: string | undefined
  data: string[]
}

/** See the file. An event that has not come whole never leaves. */
export function createEventSplitter(fields: EventFields): Splitter {
  const line = new HeldBytes(fields.recordBytesMax)
  let event = emptyEvent()
  let eventBytes = 0
  let first = true
  let afterReturn = false

  const endLine = (): Piece[] => {
    eventBytes += line.length
    if (eventBytes > fields.recordBytesMax) {
      throw new FormatLimitError(`an event is longer than ${fields.recordBytesMax} bytes`)
    }
    const text = readLine(line.release(), first)
    first = false
    if (text === '') {
      const pieces = piecesOf(event, fields)
      event = emptyEvent()
      eventBytes = 0
      return pieces
    }
    return readField(text, event) ? [] : commentOf(event)
  }
  return {
    take: (chunk) => {
      const pieces: Piece[] = []
      let from = 0
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at]
        if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
          afterReturn = false
          continue
        }
        if (!(byte === LINE_FEED && afterReturn)) {
          line.add(chunk.subarray(from, at))
          pieces.push(...endLine())
        }
        from = at + 1
        afterReturn = byte === CARRIAGE_RETURN
      }
      line.add(chunk.subarray(from))
      return pieces
    },
  }
}

function emptyEvent(): Event {
  return { name: undefined, id: undefined, retry: undefined, data: [] }
}

function readLine(bytes: Buffer, first: boolean): string {
  const text = decode(bytes)
  return first && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw new FormatSyntaxError('a line is not UTF-8')
  }
}

/** Takes note of a field; false for a comment. Fields of other names are ignored, as the standard says. */
function readField(text: string, event: Event): boolean {
  const colon = text.indexOf(':')
  if (colon === 0) return false
  const name = colon === -1 ? text : text.slice(0, colon)
  const value = colon === -1 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
  if (name === 'data') event.data.push(value)
  else if (name === 'event') event.name = value
  else if (name === 'id' && !value.includes('\0')) event.id = value
  else if (name === 'retry') event.retry = value
  return true
}

// Comments keep connections open. Within an event there is no place for one of ours.
function commentOf({ name, id, retry, data }: Event): Piece[] {
  const begun = name ?? id ?? retry ?? data[0]
  return begun === undefined ? [COMMENT] : []
}

function piecesOf(event: Event, { names, acceptsId }: EventFields): Piece[] {
  const name = event.name === '' ? undefined : event.name
  if (name !== undefined && name !== MESSAGE && !names.has(name)) return []
  const lines: string[] = []
  if (event.id !== undefined && acceptsId(event.id)) lines.push(`id: ${event.id}\n`)
  if (event.retry !== undefined && RETRY.test(event.retry)) lines.push(`retry: ${event.retry}\n`)
  if (event.data.length === 0) {
    return lines.length === 0
      ? []
      : [{ kind: 'between', bytes: Buffer.from(`${lines.join('')}\n`) }]
  }
  if (name !== undefined) lines.unshift(`event: ${name}\n`)
  const head = lines.join('')
  const data = event.data.join('\n')
  if (data === '') return [{ kind: 'between', bytes: Buffer.from(`${head}data:\n\n`) }]
  const write = (document: Buffer) => Buffer.from(`${head}${dataLines(document)}\n`)
  return [{ kind: 'record', document: Buffer.from(data), write }]
}

function dataLines(document: Buffer): string {
  return document
    .toString()
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')
}
