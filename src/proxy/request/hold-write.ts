/**
 * The step that holds a write against the record: reads that afresh, lets rules/ decide, and puts in the place of the request
 * what may go on. Where the record cannot be read, nothing is written.
 */
import type { WriteFacts } from '../../core/audit-facts.ts'
import type { RouteWrite } from '../../rules/writes/route-write.ts'
import {
  guardWrite,
  HELD_BYTES_MAX,
  HELD_NODES_MAX,
  type WriteOutcome,
} from '../../rules/writes/guard-write.ts'
import { writeFormatOf } from '../../rules/writes/write-rules.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { readRecord, type FreshRecord } from './read-record.ts'

/** What is known of the record that a write was held against. */
export interface RecordWrite {
  facts: WriteFacts
  /** Headers that tie the write to the record as it was read. */
  condition: Readonly<Record<string, string>>
}

/** A strong entity tag (RFC 9110 8.8.3): a weak one never matches in If-Match (13.1.1). */
const STRONG_ETAG = /^"[\u0021\u0023-\u007e]{0,256}"$/
/** RFC 9110 5.6.7, the one form that senders may use. */
const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Holds the request against the record, where its route says so. Throws {@link RefusedError}. */
export function holdWrite(exchange: Exchange, services: Services): Promise<void> | undefined {
  const write = exchange.match?.route.write
  return write && holdAgainst(write, exchange, services)
}

async function holdAgainst(
  write: RouteWrite,
  exchange: Exchange,
  services: Services,
): Promise<void> {
  const { body } = exchange
  if (body?.covered === undefined) throw new RefusedError('internal-error')
  const { tape } = body.covered
  if (tape.bytes.length > HELD_BYTES_MAX || tape.count > HELD_NODES_MAX) {
    throw new RefusedError('body-too-large')
  }
  const guard = write.guardFor(exchange.maskedFor)
  const held: RecordWrite = { facts: firstFacts(write), condition: {} }
  exchange.recordWrite = held
  const record = await readRecord(exchange, services, {
    route: write.read,
    limits: guard.sights.rules.limits,
    onStatus: (readStatus) => (held.facts = { ...held.facts, readStatus }),
  })
  held.condition = conditionOf(write, record)
  const outcome = guardWrite(guard, {
    request: tape,
    record: record.tape,
    format: writeFormatOf(body.type),
  })
  services.heldBytes.giveBack(record.heldBytes)
  exchange.heldBytes -= record.heldBytes
  if (outcome.kind === 'refuse') throw refused(held, outcome)
  held.facts = { ...held.facts, changes: outcome.changes }
  exchange.body = { ...body, bytes: Buffer.from(outcome.body) }
}

function firstFacts({ read, precondition }: RouteWrite): WriteFacts {
  return { read: read.template.text, readStatus: undefined, precondition, changes: [], places: [] }
}

function conditionOf(
  { precondition }: RouteWrite,
  { headers }: FreshRecord,
): RecordWrite['condition'] {
  if (precondition === 'none') return {}
  const [from, to, form] =
    precondition === 'etag'
      ? (['etag', 'if-match', STRONG_ETAG] as const)
      : (['last-modified', 'if-unmodified-since', HTTP_DATE] as const)
  const validator = headers[from]
  if (typeof validator !== 'string' || !form.test(validator)) {
    throw new RefusedError('record-unreadable')
  }
  return { [to]: validator }
}

function refused(
  held: RecordWrite,
  { reason, request, record, audited }: Extract<WriteOutcome, { kind: 'refuse' }>,
): RefusedError {
  held.facts = { ...held.facts, places: audited }
  return new RefusedError(reason, {
    details: {
      ...(request.length > 0 && { locations: request }),
      ...(record.length > 0 && { recordLocations: record }),
    },
  })
}
