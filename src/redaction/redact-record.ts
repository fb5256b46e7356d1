/**
 * One record that stands by itself, with all that is part of it: looked through, written to with a record of the intent before
 * it, read again, and told of.
 */
import type { RedactionFacts } from '../core/audit-facts.ts'
import type { CelosiaError } from '../core/errors.ts'
import { textsAt, nodesOf, documentOf } from '../connectors/helpdesk.ts'
import type { Helpdesk, HelpdeskRecord } from '../connectors/helpdesk.ts'
import { ConnectorError } from '../connectors/errors.ts'
import type { RecordIds, Resource } from '../connectors/connector.ts'
import { sourceOf } from '../json/tape/children.ts'
import { findPlaces, findSuspects } from './find-places.ts'
import type { FoundPlace, Sought } from './find-places.ts'
import type { PlaceOutcome, PlaceReport } from './report.ts'
import { writeRequests } from './write-requests.ts'

export interface RedactOptions {
  readonly helpdesk: Helpdesk
  readonly sought: Sought
  /** False: nothing is written. */
  readonly apply: boolean
  readonly tell: (report: PlaceReport) => Promise<void>
  /** Makes a record of it durable; rejects where that cannot be. */
  readonly audit: (moment: RedactionMoment) => Promise<string>
}

/** A moment of the change of one record. */
export type RedactionMoment = Pick<RedactionFacts, 'phase' | 'intentId' | 'places' | 'outcome'> & {
  readonly record: HelpdeskRecord
}

/** A change that was written, and waits to be looked at again. */
interface Pending {
  readonly record: HelpdeskRecord
  readonly places: readonly FoundPlace[]
  readonly intentId: string
  readonly failure: string | undefined
}

/** Looks through a record and its parts. Answers ids of records with copies of it. Throws where nothing more may be done. */
export async function redactRecord(
  record: HelpdeskRecord,
  options: RedactOptions,
): Promise<readonly RecordCopy[]> {
  const pending: Pending[] = []
  const copies: RecordCopy[] = []
  try {
    await goThrough(record, options, { pending, copies })
  } finally {
    // What was written has an outcome, whatever went wrong behind it.
    await settleAll(pending, options)
  }
  return copies
}

export interface RecordCopy {
  readonly resource: string
  readonly id: string
}

interface Gathered {
  readonly pending: Pending[]
  readonly copies: RecordCopy[]
}

async function goThrough(
  listed: HelpdeskRecord,
  options: RedactOptions,
  gathered: Gathered,
): Promise<void> {
  const { helpdesk } = options
  const record = listed.resource.read?.each === true ? await fresh(listed, helpdesk) : listed
  if (record === undefined) return
  await change(record, options, gathered.pending)
  for (const suspect of findSuspects(record, options.sought)) {
    await options.tell(reportOf(record, suspect, 'suspect', undefined))
  }
  await tellAttachments(record, options)
  for (const { resource, at } of record.resource.copies) {
    const ids = at.flatMap((query) => textsAt(query, record.tape))
    gathered.copies.push(...ids.map((id) => ({ resource, id })))
  }
  for (const part of record.resource.parts) {
    for await (const { records } of helpdesk.pages(part, record.ids)) {
      for (const one of records) await goThrough(one, options, gathered)
    }
  }
}

function fresh(
  { resource, ids }: HelpdeskRecord,
  helpdesk: Helpdesk,
): Promise<HelpdeskRecord | undefined> {
  return helpdesk.read(resource, ids)
}

async function change(
  listed: HelpdeskRecord,
  options: RedactOptions,
  pending: Pending[],
): Promise<void> {
  const { sought, apply, helpdesk } = options
  let record = listed
  let found = findPlaces(record, sought)
  if (apply && found.some(isWritable) && record.resource.read !== undefined) {
    // What was listed may be old by now; what is written back is from a moment ago.
    const now = await fresh(record, helpdesk)
    if (now === undefined) return
    record = now
    found = findPlaces(record, sought)
  }
  for (const place of found.filter((one) => !isWritable(one))) {
    const { write } = place.places
    const unread = place.isFile ? 'attachment' : 'unreadable'
    const outcome = place.text === undefined ? unread : 'by-hand'
    await options.tell(
      reportOf(record, place, outcome, 'byHand' in write ? write.byHand : undefined),
    )
  }
  const places = found.filter(isWritable)
  if (places.length === 0) return
  if (!apply) {
    for (const place of places) await options.tell(reportOf(record, place, 'would', undefined))
    return
  }
  const intentId = await options.audit({ ...momentOf(record, places), phase: 'intent' })
  pending.push({ record, places, intentId, failure: await write(record, places, helpdesk) })
}

function isWritable({ places, text }: FoundPlace): boolean {
  return text !== undefined && !('byHand' in places.write)
}

/** Why it failed; undefined where it did not. */
async function write(
  record: HelpdeskRecord,
  places: readonly FoundPlace[],
  helpdesk: Helpdesk,
): Promise<string | undefined> {
  try {
    for (const request of writeRequests(record, places)) await helpdesk.write(request)
    return undefined
  } catch (error) {
    if (error instanceof ConnectorError) return error.message
    throw error
  }
}

/** All outcomes are on record before the first is told, so that it does not matter whether somebody still reads. */
async function settleAll(pending: readonly Pending[], options: RedactOptions): Promise<void> {
  const again = new SecondLook(options.helpdesk)
  const reports: PlaceReport[] = []
  try {
    for (const change of pending) reports.push(...(await settle(change, options, again)))
  } finally {
    for (const report of reports) await options.tell(report)
  }
}

/** Looks again at what was written. */
async function settle(
  { record, places, intentId, failure }: Pending,
  options: RedactOptions,
  again: SecondLook,
): Promise<readonly PlaceReport[]> {
  const now = await again.at(record).catch((error: unknown) => {
    if (error instanceof ConnectorError) return undefined
    throw error
  })
  const left = now === undefined ? undefined : new Set(findPlaces(now, options.sought).map(keyOf))
  const outcomeOf = (place: FoundPlace): PlaceOutcome => {
    if (left === undefined) return 'failed'
    if (!left.has(keyOf(place))) return 'redacted'
    return failure === undefined ? 'left' : 'failed'
  }
  const outcomes = places.map(outcomeOf)
  const outcome = outcomes.every((one) => one === 'redacted')
    ? 'redacted'
    : outcomes.includes('failed')
      ? 'failed'
      : 'left'
  await options.audit({ ...momentOf(record, places), phase: 'outcome', intentId, outcome })
  return places.map((place, index) => {
    const one = outcomes[index] ?? 'failed'
    const note = one === 'failed' ? (failure ?? 'it cannot be read again') : undefined
    return reportOf(record, place, one, note)
  })
}

const keyOf = ({ steps }: FoundPlace): string => JSON.stringify(steps)

function momentOf(
  record: HelpdeskRecord,
  places: readonly FoundPlace[],
): Omit<RedactionMoment, 'phase'> {
  return {
    record,
    intentId: undefined,
    outcome: undefined,
    places: places.map(({ location, classes }) => ({ location, classes })),
  }
}

/** Reads records again: those that cannot be read one by one are looked up in a list that is fetched once. */
class SecondLook {
  readonly #helpdesk: Helpdesk
  readonly #lists = new Map<string, Map<string, HelpdeskRecord>>()

  constructor(helpdesk: Helpdesk) {
    this.#helpdesk = helpdesk
  }

  async at(record: HelpdeskRecord): Promise<HelpdeskRecord | undefined> {
    const { resource, ids, id } = record
    if (resource.read !== undefined) return this.#helpdesk.read(resource, ids)
    const within = new Map([...ids].filter(([name]) => name !== resource.name))
    const key = JSON.stringify([resource.name, ...within])
    let list = this.#lists.get(key)
    if (list === undefined) {
      list = await this.#fetch(resource, within)
      this.#lists.set(key, list)
    }
    return list.get(id)
  }

  async #fetch(resource: Resource, within: RecordIds): Promise<Map<string, HelpdeskRecord>> {
    const list = new Map<string, HelpdeskRecord>()
    for await (const { records } of this.#helpdesk.pages(resource, within)) {
      for (const one of records) list.set(one.id, one)
    }
    return list
  }
}

async function tellAttachments(record: HelpdeskRecord, { tell }: RedactOptions): Promise<void> {
  const { attachments } = record.resource
  if (attachments === undefined) return
  for (const node of nodesOf(attachments.at, record.tape)) {
    const [id] = textsAt(attachments.id, documentOf(sourceOf(record.tape, node)))
    const place = `attachment ${id ?? '(without an id)'}`
    await tell({
      record: chainOf(record),
      place,
      classes: [],
      outcome: 'attachment',
      note: undefined,
    })
  }
}

function reportOf(
  record: HelpdeskRecord,
  { location, classes }: Pick<FoundPlace, 'location' | 'classes'>,
  outcome: PlaceOutcome,
  note: string | undefined,
): PlaceReport {
  return { record: chainOf(record), place: location, classes, outcome, note }
}

function chainOf({ ids }: HelpdeskRecord): PlaceReport['record'] {
  return [...ids].map(([resource, id]) => ({ resource, id }))
}

/** True for errors of one record that do not end a run. */
export function isOfOneRecord(error: unknown): error is CelosiaError {
  return error instanceof ConnectorError
}
