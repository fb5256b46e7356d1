/**
 * A record in ArcSight's Common Event Format, version 0: seven header fields parted by `|`, then `key=value` pairs. Header
 * fields escape `\` and `|`, values `\`, `=` and line ends; other control characters become U+FFFD.
 */
import { isIPv6 } from 'node:net'
import type { JsonValue } from '../../core/audit-record.ts'
import type { ReadRecord } from '../record-codec.ts'
import { callerOf, grantee } from './caller.ts'
import { numberAt, objectsAt, textAt, textsAt, valueAt, type OcsfEvent } from './event-fields.ts'
import { plainText } from './plain-text.ts'

/** CEF's 0 to 10 for OCSF's `severity_id`; what OCSF does not know counts as 5. */
const SEVERITIES: Readonly<Record<number, number>> = { 1: 2, 2: 4, 3: 6, 4: 8, 5: 9, 6: 10 }
const SEVERITY_UNKNOWN = 5

/** What `status` says where an event has an outcome; a finding is `New`, or closed. */
const OUTCOMES = ['Success', 'Failure', 'Unknown']

/** CEF's custom strings hold 4,000 bytes; a list ends before, at an element. */
const LIST_BYTES_MAX = 4_000

type Extension = readonly [key: string, value: string | number | undefined]

/** One line. `productVersion` is that of this program. */
export function cefLine(read: ReadRecord, productVersion: string): string {
  const { record } = read
  const { event } = record
  const header = [
    'CEF:0',
    'Celosia',
    'Celosia',
    productVersion,
    String(numberAt(event, 'type_uid') ?? 0),
    textAt(event, 'type_name') ?? record.type,
    String(SEVERITIES[record.severity] ?? SEVERITY_UNKNOWN),
  ].map(headerField)
  const pairs = extensions(read)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${extensionValue(String(value))}`)
  return `${header.join('|')}|${pairs.join(' ')}`
}

function extensions({ record, envelope }: ReadRecord): readonly Extension[] {
  const { event } = record
  const caller = callerOf(event)
  const classes = list(classTexts(event))
  const subjects = list(subjectTexts(event))
  const cut = [
    ...textsAt(event, 'unmapped.celosia.truncated'),
    ...(classes.cut ? ['classes'] : []),
    ...(subjects.cut ? ['data_subjects'] : []),
  ]
  return [
    ['rt', numberAt(event, 'time')],
    ['externalId', record.id],
    ['cat', record.type],
    ['act', textAt(event, 'disposition')],
    ['outcome', OUTCOMES.find((outcome) => outcome === textAt(event, 'status'))],
    ['reason', textAt(event, 'status_detail')],
    ['msg', textAt(event, 'unmapped.celosia.phase') ?? details(event)],
    ['suid', caller.id],
    ['duid', grantee(event)],
    ['spriv', caller.roles.join(' ')],
    ...address(caller.ip),
    ['requestMethod', textAt(event, 'http_request.http_method')],
    ['requestContext', purpose(event)],
    ['start', numberAt(event, 'start_time') ?? numberAt(event, 'finding_info.first_seen_time')],
    ['end', numberAt(event, 'end_time') ?? numberAt(event, 'finding_info.last_seen_time')],
    ['cnt', numberAt(event, 'count') ?? numberAt(event, 'unmapped.celosia.observed')],
    ...labelled('cs1', 'route', textAt(event, 'unmapped.celosia.route')),
    ...labelled('cs2', 'policySha256', textAt(event, 'unmapped.celosia.policy_sha256')),
    ...labelled('cs3', 'classes', classes.text),
    ...labelled('cs4', 'dataSubjects', subjects.text),
    ...labelled('cs5', 'session', caller.session),
    ...labelled('cs6', 'rule', textAt(event, 'unmapped.celosia.rule')),
    ...labelled('cn1', 'httpStatus', numberAt(event, 'http_response.code')),
    ...labelled('cn2', 'over', numberAt(event, 'unmapped.celosia.over')),
    ...labelled('cn3', 'faults', numberAt(event, 'unmapped.celosia.faults')),
    ['deviceExternalId', envelope.writer],
    ...labelled('flexNumber1', 'sequence', envelope.sequence),
    ...labelled('flexString1', 'correlation', textAt(event, 'metadata.correlation_uid')),
    ...labelled('flexString2', 'truncated', cut.join(' ')),
  ]
}

/** What CEF has no field for: of a reveal, a grant and a hold, and the end of a chain; else what a finding says in words. */
const DETAILS = ['grant', 'approver', 'reason', 'ticket', 'hold'] as const

function details(event: OcsfEvent): string | undefined {
  const texts = DETAILS.map((name) => [name, textAt(event, `unmapped.celosia.${name}`)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
  const ended = valueAt(event, 'unmapped.celosia.ended') === true
  const all = [...texts, ...(ended ? ['ended'] : [])]
  return all.length > 0 ? all.join(', ') : textAt(event, 'message')
}

function purpose(event: OcsfEvent): string | undefined {
  const name = textAt(event, 'unmapped.celosia.purpose.name')
  const ticket = textAt(event, 'unmapped.celosia.purpose.ticket')
  return name !== undefined && ticket !== undefined ? `${name}, ticket: ${ticket}` : name
}

function labelled(
  key: string,
  label: string,
  value: string | number | undefined,
): readonly Extension[] {
  return value === undefined || value === ''
    ? []
    : [
        [key, value],
        [`${key}Label`, label],
      ]
}

/** `src` holds IPv4 only. */
function address(ip: string | undefined): readonly Extension[] {
  if (ip === undefined) return []
  return isIPv6(ip) ? labelled('c6a2', 'Source IPv6 Address', ip) : [['src', ip]]
}

/** Of an access `class:shown/masked/revealed`, of a finding the names. */
function classTexts(event: OcsfEvent): readonly string[] {
  const path = 'unmapped.celosia.classes'
  const counts = objectsAt(event, path).map(
    ({ class: name, shown, masked, revealed }) =>
      `${word(name)}:${[shown, masked, revealed].map(word).join('/')}`,
  )
  return counts.length > 0 ? counts : textsAt(event, path)
}

function subjectTexts(event: OcsfEvent): readonly string[] {
  return objectsAt(event, 'unmapped.celosia.data_subjects').map(({ kind, pseudonym }) =>
    typeof pseudonym === 'string' ? `${word(kind)}:${pseudonym}` : 'unknown',
  )
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-'
}

function list(texts: readonly string[]): { readonly text: string; readonly cut: boolean } {
  let text = ''
  for (const one of texts) {
    const longer = text === '' ? one : `${text} ${one}`
    if (Buffer.byteLength(longer) > LIST_BYTES_MAX) return { text, cut: true }
    text = longer
  }
  return { text, cut: false }
}

function headerField(text: string): string {
  return plainText(text).replaceAll(/[\\|]/g, (character) => `\\${character}`)
}

// Line ends are escaped before all other control characters are replaced.
function extensionValue(text: string): string {
  return text
    .split(/(\r|\n)/)
    .map((part) => {
      if (part === '\n') return String.raw`\n`
      if (part === '\r') return String.raw`\r`
      return plainText(part).replaceAll(/[\\=]/g, (character) => `\\${character}`)
    })
    .join('')
}
