/** A legal hold: records about an agent or a data subject that stay, however old they are, until it is released. */
import type { AuditRecord } from '../../core/audit-record.ts'
import { callerOf } from '../export/caller.ts'
import { textAt, textsAt, valueAt } from '../export/event-fields.ts'
import { AuditUnavailableError } from '../errors.ts'

/** Who did something to a hold, and when. `record` is the id of the record that says so. */
export interface HoldStep {
  readonly by: string
  readonly atMs: number
  readonly record: string
}

export interface Hold {
  readonly name: string
  /** `sub` of the agent's tokens. */
  readonly agent?: string
  /** Pseudonyms of the data subject, one for each version of the key. */
  readonly pseudonyms?: readonly string[]
  readonly placed: HoldStep
  /** Undefined: it is in force. */
  readonly released?: HoldStep
}

/** Where holds are kept: beside the records, so that whoever purges them cannot miss one. */
export interface HoldStore {
  /** All, released ones too. Rejects with AuditUnavailableError where that cannot be known: then nothing is purged. */
  readonly list: () => Promise<readonly Hold[]>
  /** False where there is one of this name already. */
  readonly place: (hold: Hold) => Promise<boolean>
  /** Keeps another state of a hold. */
  readonly replace: (hold: Hold) => Promise<void>
  /** Forgets one that was released long ago. */
  readonly forget: (name: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Names of holds. */
export const HOLD_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Holds that are kept at one time. */
export const HOLDS_MAX = 1_000
/** More than the versions that a policy may have of its key. */
const TEXTS_MAX = 128
const TEXT_CHARACTERS_MAX = 256

/** Tells by which of these holds a record is held: their names. */
export function holdMatcher(holds: readonly Hold[]): (record: AuditRecord) => readonly string[] {
  const byAgent = new Map<string, string[]>()
  const byPseudonym = new Map<string, string[]>()
  const ofPeople = holds.filter(({ pseudonyms }) => pseudonyms !== undefined)
  for (const { name, agent, pseudonyms = [] } of holds) {
    if (agent !== undefined) addTo(byAgent, agent, name)
    for (const pseudonym of pseudonyms) addTo(byPseudonym, pseudonym, name)
  }
  if (holds.length === 0) return () => []
  return ({ event }) => {
    const own = (name: string): string => textAt(event, `unmapped.celosia.${name}`) ?? ''
    // Of a finding, whose windows it is about: an agent's, or a data subject's.
    const owner = own('owner')
    const agents = [callerOf(event).id ?? '', own('subject'), owner]
    const shown = textsAt(event, 'unmapped.celosia.data_subjects', 'pseudonym')
    // A redaction names what it changed: a data subject, where the connector's word for it is that kind.
    const people = [...shown, owner, own('record')]
    // Anybody may be among those whom it does not name.
    const truncated = valueAt(event, 'unmapped.celosia.data_subjects_truncated') === true
    const names = [
      ...agents.flatMap((agent) => byAgent.get(agent) ?? []),
      ...people.flatMap((pseudonym) => byPseudonym.get(pseudonym) ?? []),
      ...(truncated ? ofPeople.map(({ name }) => name) : []),
    ]
    return [...new Set(names)]
  }
}

function addTo(names: Map<string, string[]>, key: string, name: string): void {
  const known = names.get(key)
  if (known === undefined) names.set(key, [name])
  else known.push(name)
}

/** Those that are in force, by name. */
export function inForce(holds: readonly Hold[]): readonly Hold[] {
  return holds
    .filter(({ released }) => released === undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Whether these, as {@link inForce} gave them, are still the ones. Rejects with AuditUnavailableError. */
export async function areInForce(store: HoldStore, holds: readonly Hold[]): Promise<boolean> {
  return JSON.stringify(inForce(await store.list())) === JSON.stringify(holds)
}

/** A hold as text. Throws AuditUnavailableError where {@link parseHold} would: it would stop every purge. */
export function holdText(hold: Hold): string {
  const text = JSON.stringify({ v: 1, ...hold })
  parseHold(text)
  return text
}

/** The hold of a text. Throws AuditUnavailableError where it is none: nobody knows then what is held. */
export function parseHold(text: string): Hold {
  const value = parsed(text)
  const { name, agent, pseudonyms, placed, released } = value
  const fits =
    value['v'] === 1 &&
    typeof name === 'string' &&
    HOLD_NAME.test(name) &&
    (agent === undefined ? isTexts(pseudonyms) : isText(agent) && pseudonyms === undefined) &&
    isStep(placed) &&
    (released === undefined || isStep(released))
  if (!fits)
    throw new AuditUnavailableError(
      'A hold cannot be read; as long as there is such a one, nothing is purged',
    )
  const { v: _version, ...hold } = value
  return hold as unknown as Hold
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_CHARACTERS_MAX
}

function isTexts(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.length <= TEXTS_MAX && value.every(isText)
  )
}

function isStep(value: unknown): value is HoldStep {
  const { by, atMs, record } = (value ?? {}) as Partial<HoldStep>
  return isText(by) && Number.isSafeInteger(atMs) && isText(record)
}
