/**
 * A record as a syslog message of RFC 5424: header, structured data to route by, and a body that another mapper prints. A
 * message that would be too large loses detail first, and says what it lost.
 */
import { isoTime } from '../../core/clock.ts'
import type { ReadRecord } from '../record-codec.ts'
import { callerOf } from './caller.ts'
import { fitRecord, type Fitted } from './drop-detail.ts'
import { numberAt, textAt, textsAt } from './event-fields.ts'
import { plainText } from './plain-text.ts'

export interface SyslogFormat {
  /** RFC 5424 6.2.1: 13 is "log audit". */
  readonly facility: number
  /** Name of this machine; what cannot stand in a header becomes `-`. */
  readonly hostname: string
  /** The number in `celosia@<number>` of the structured data (RFC 5424 7.2.2). */
  readonly enterpriseNumber: number
  /** Of the message as a whole, without the count before it. */
  readonly bytesMax: number
  /** Prints the body: one line. */
  readonly body: (read: ReadRecord) => string
}

/** Syslog's severity for OCSF's `severity_id` (RFC 5424 6.2.1); what OCSF does not know is a warning. */
const SEVERITIES: Readonly<Record<number, number>> = { 1: 6, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1 }
const SEVERITY_UNKNOWN = 4
const NIL = '-'
const HOSTNAME_CHARACTERS_MAX = 255
const ID_CHARACTERS_MAX = 32
/** A parameter is there to route by; the body has the whole. */
const PARAMETER_CHARACTERS_MAX = 256

/** The message, or undefined where not even the record's head fits in `bytesMax`. */
export function syslogMessage(read: ReadRecord, format: SyslogFormat): Fitted | undefined {
  return fitRecord(read, format.bytesMax, (fitting) => print(fitting, format))
}

// No byte order mark before the body (MSG-ANY): it is UTF-8, and receivers that parse it as JSON or CEF stumble over one.
function print(read: ReadRecord, format: SyslogFormat): string {
  const { event, severity, type } = read.record
  const priority = format.facility * 8 + (SEVERITIES[severity] ?? SEVERITY_UNKNOWN)
  const time = numberAt(event, 'time')
  const header = [
    `<${priority}>1`,
    time === undefined ? NIL : isoTime(time),
    headerField(format.hostname, HOSTNAME_CHARACTERS_MAX),
    'celosia',
    NIL,
    headerField(type, ID_CHARACTERS_MAX),
  ]
  return `${header.join(' ')} ${structuredData(read, format.enterpriseNumber)} ${format.body(read)}`
}

function structuredData({ record, envelope }: ReadRecord, enterprise: number): string {
  const { id, type, severity, event } = record
  const parameters: readonly (readonly [string, string | number | undefined])[] = [
    ['id', id],
    ['type', type],
    ['phase', textAt(event, 'unmapped.celosia.phase')],
    ['class', numberAt(event, 'class_uid')],
    ['severity', severity],
    ['user', callerOf(event).id],
    ['route', textAt(event, 'unmapped.celosia.route')],
    ['decision', textAt(event, 'unmapped.celosia.decision')],
    ['rule', textAt(event, 'unmapped.celosia.rule')],
    ['request', textAt(event, 'metadata.correlation_uid')],
    ['writer', envelope.writer],
    ['sequence', envelope.sequence],
    ['previous', envelope.previous],
    ['event_sha256', envelope.event_sha256],
    ['truncated', textsAt(event, 'unmapped.celosia.truncated').join(' ')],
  ]
  const texts = parameters
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => ` ${name}="${parameterValue(String(value))}"`)
  return `[celosia@${enterprise}${texts.join('')}]`
}

// RFC 5424 6.3.3: these three and nothing else is escaped.
function parameterValue(text: string): string {
  const short = plainText(Array.from(text).slice(0, PARAMETER_CHARACTERS_MAX).join(''))
  return short.replaceAll(/["\\\]]/g, (character) => `\\${character}`)
}

/** PRINTUSASCII of a limited length, or the nil value. */
function headerField(text: string, charactersMax: number): string {
  const printable = text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, charactersMax)
  return printable === '' ? NIL : printable
}
