/** What each format of answers is called on the way in and out, and how it leaves. */
import type { BodyFormat, FormatKind } from '../../json/formats/formats.ts'
import { hasOnlyUtf8 } from './media-type.ts'
import type { MediaType } from './media-type.ts'

/** One format on the wire. */
export interface AnswerFormat {
  /** `Accept` of requests to the upstream. */
  readonly accept: string
  /** True for a content type of the upstream that is this format. */
  readonly fits: (type: MediaType) => boolean
  /** `Content-Type` of answers to callers; undefined: the type and charset that the upstream said. */
  readonly contentType: string | undefined
  /** Undefined: answers up to a limit are held whole. */
  readonly live: LiveFormat | undefined
}

/** A format whose answers leave as they come, and may have no end. */
export interface LiveFormat {
  /** Sent at once, so that the caller knows that the answer has begun. */
  readonly opening: Buffer
  /** What has come leaves after this time, also where it is no full window. */
  readonly delayMsMax: number
  /** The answer is ended after this time: callers come again, with a token that is looked at anew. */
  readonly lifeMsMax: number
  /** Bytes that one answer may hold at a time: an event, and a window. */
  readonly heldBytes: number
}

// RFC 8259 11 and RFC 6839 3.1.
const JSON_TYPE = /^application\/(?:json|[a-z0-9!#$&^_.-]+\+json)$/
// RFC 7464 4 and RFC 8091 2.
const SEQUENCE_TYPE = /^application\/(?:json-seq|[a-z0-9!#$&^_.-]+\+json-seq)$/
// None of these is registered; they are what servers send.
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines)$/

// RFC 4180 3: the other value says that the first row is data.
const HEADER_PRESENT = new Map([['header', 'present']])

const ANSWER_FORMATS: Readonly<Record<Exclude<FormatKind, 'opaque'>, AnswerFormat>> = {
  json: {
    accept: 'application/json',
    fits: (type) => JSON_TYPE.test(type.essence) && hasOnlyUtf8(type),
    contentType: 'application/json; charset=utf-8',
    live: undefined,
  },
  ndjson: {
    accept: 'application/x-ndjson, application/jsonl, application/ndjson',
    fits: (type) => LINES_TYPE.test(type.essence) && hasOnlyUtf8(type),
    contentType: 'application/x-ndjson; charset=utf-8',
    live: undefined,
  },
  'json-seq': {
    accept: 'application/json-seq',
    fits: (type) => SEQUENCE_TYPE.test(type.essence) && hasOnlyUtf8(type),
    contentType: 'application/json-seq',
    live: undefined,
  },
  'event-stream': {
    accept: 'text/event-stream',
    fits: (type) => type.essence === 'text/event-stream' && hasOnlyUtf8(type),
    contentType: 'text/event-stream; charset=utf-8',
    live: {
      opening: Buffer.from(':\n\n'),
      delayMsMax: 200,
      lifeMsMax: 900_000,
      heldBytes: 524_288,
    },
  },
  csv: {
    accept: 'text/csv',
    fits: (type) => type.essence === 'text/csv' && hasOnlyUtf8(type, HEADER_PRESENT),
    contentType: 'text/csv; charset=utf-8; header=present',
    live: undefined,
  },
  tsv: {
    accept: 'text/tab-separated-values',
    fits: (type) => type.essence === 'text/tab-separated-values' && hasOnlyUtf8(type),
    contentType: 'text/tab-separated-values; charset=utf-8',
    live: undefined,
  },
}

/** The format of a route on the wire. */
export function answerFormat(format: BodyFormat): AnswerFormat {
  return format.kind === 'opaque' ? opaqueFormat(format.types) : ANSWER_FORMATS[format.kind]
}

/** JSON, whatever the route: errors are. */
export const JSON_FORMAT = ANSWER_FORMATS.json

function opaqueFormat(types: ReadonlySet<string>): AnswerFormat {
  return {
    accept: [...types].join(', '),
    fits: ({ essence }) => types.has(essence),
    contentType: undefined,
    live: undefined,
  }
}
