/**
 * Makes a record smaller where a receiver takes no more than so many bytes: whole parts go, the most detailed first, and
 * the record says which. What is left is never cut in the middle of a value.
 */
import type { ReadRecord } from '../record-codec.ts'
import { defined, isJsonObject, valueAt, type JsonObject, type OcsfEvent } from './event-fields.ts'

/**
 * Parts in the order in which they go. `locations`: the ledger. `own`: what OCSF has no place for, but for {@link SHORT}. `event`: all but what names the
 * record and its kind. Up to `own` it is a valid event of its OCSF class.
 */
export const DETAIL_PARTS = ['locations', 'data_subjects', 'classes', 'own', 'event'] as const
export type DetailPart = (typeof DETAIL_PARTS)[number]

/** Members of `unmapped.celosia` that stay when the rest of it goes: what was decided, where and why. */
const SHORT: ReadonlySet<string> = new Set([
  'phase',
  'route',
  'decision',
  'reasons',
  'rule',
  'activity',
])

/** Members that stay when the rest of the event goes. */
const HEAD = [
  'category_uid',
  'category_name',
  'class_uid',
  'class_name',
  'activity_id',
  'activity_name',
  'type_uid',
  'type_name',
  'severity_id',
  'severity',
  'time',
  'status_id',
  'status',
  'metadata',
] as const

/** A record as text, and the parts that had to go for it. */
export interface Fitted {
  readonly text: string
  readonly truncated: readonly DetailPart[]
}

/**
 * The text of a record in at most `bytesMax` bytes, or undefined where not even its head fits. `unmapped.celosia.truncated`
 * of the record that `print` is given lists the parts that are gone; what is left no longer has the hash of the whole.
 */
export function fitRecord(
  read: ReadRecord,
  bytesMax: number,
  print: (read: ReadRecord) => string,
): Fitted | undefined {
  const whole = print(read)
  const { event } = read.record
  if (Buffer.byteLength(whole) <= bytesMax) return { text: whole, truncated: [] }
  for (let parts = 1; parts <= DETAIL_PARTS.length; parts += 1) {
    const truncated = DETAIL_PARTS.slice(0, parts).filter((part) => holds(event, part))
    if (truncated.length === 0) continue
    const text = print({
      ...read,
      record: { ...read.record, event: without(event, truncated) },
      eventText: undefined,
    })
    if (Buffer.byteLength(text) <= bytesMax) return { text, truncated }
  }
  return undefined
}

function holds(event: OcsfEvent, part: DetailPart): boolean {
  if (part === 'event') return true
  const own = valueAt(event, 'unmapped.celosia')
  return isJsonObject(own) && Object.keys(own).some((name) => goes(name, part))
}

/** Whether a member of `unmapped.celosia` goes with a part. */
function goes(name: string, part: DetailPart): boolean {
  return name === part || (part === 'own' && !isPart(name) && !SHORT.has(name))
}

function without(event: OcsfEvent, parts: readonly DetailPart[]): OcsfEvent {
  const unmapped = valueAt(event, 'unmapped')
  const own = valueAt(event, 'unmapped.celosia')
  if (parts.includes('event')) {
    const head = defined(Object.fromEntries(HEAD.map((name) => [name, event[name]])))
    return { ...head, unmapped: { celosia: { truncated: parts } } }
  }
  const kept: JsonObject = Object.fromEntries(
    Object.entries(isJsonObject(own) ? own : {}).filter(
      ([name]) => !parts.some((part) => goes(name, part)),
    ),
  )
  return {
    ...event,
    unmapped: {
      ...(isJsonObject(unmapped) ? unmapped : {}),
      celosia: { ...kept, truncated: parts },
    },
  }
}

function isPart(name: string): boolean {
  return (DETAIL_PARTS as readonly string[]).includes(name)
}
