/** What the log of unblocks holds: whose windows somebody emptied, one line each, never changed. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JSONSchemaType } from 'ajv/dist/2020.js'
import { SharedLogUnavailableError } from '../../identity/shared-log/shared-log.ts'
import { windowKey } from '../detect/counted.ts'
import type { Owner } from '../detect/counted.ts'
import type { DetectionRule } from '../../rules/detect/detection-rule.ts'

export interface UnblockEntry {
  /** UUIDv7 of this line; also the id of its record. */
  readonly entry: string
  readonly atMs: number
  /** Who did it, in their own words. */
  readonly by: string
  /** `counters`: that what they lost is accepted. */
  readonly kind: Owner['kind'] | 'counters'
  readonly key: readonly string[]
  /** As findings name the owner. */
  readonly label: string
  /** One rule of the policy; empty: all. */
  readonly rule: string
}

/** So long the log keeps an entry: every instance has read it long before. */
export const UNBLOCK_KEPT_MS = 86_400_000
export const BY_CHARS_MAX = 100
const LABEL_CHARS_MAX = 1_024

const label = { type: 'string', maxLength: LABEL_CHARS_MAX } as const

const ENTRY: JSONSchemaType<UnblockEntry> = {
  type: 'object',
  additionalProperties: false,
  required: ['entry', 'atMs', 'by', 'kind', 'key', 'label', 'rule'],
  properties: {
    entry: { type: 'string', pattern: '^[0-9a-f-]{36}$' },
    atMs: { type: 'number', minimum: 0 },
    by: { type: 'string', minLength: 1, maxLength: BY_CHARS_MAX },
    kind: {
      type: 'string',
      enum: ['subject', 'role', 'session', 'address', 'dataSubject', 'counters'],
    },
    key: { type: 'array', minItems: 1, maxItems: 3, items: label },
    label,
    rule: { type: 'string', maxLength: 100 },
  },
}

const isEntry = new Ajv2020({ strict: true }).compile(ENTRY)

/** The line of an entry. */
export function unblockLine(entry: UnblockEntry): string {
  return JSON.stringify(entry)
}

/** Throws {@link SharedLogUnavailableError} for what is none. */
export function unblockOfLine(line: string): UnblockEntry {
  const entry: unknown = parsed(line)
  if (!isEntry(entry)) throw new SharedLogUnavailableError('the log of unblocks has a foreign line')
  return entry
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new SharedLogUnavailableError('the log of unblocks has a foreign line', { cause })
  }
}

/** The rules that it is about. A first look has no response that could end, and is told by a past that must not be emptied. */
export function unblockedRules(
  { kind, rule }: UnblockEntry,
  rules: readonly DetectionRule[],
): readonly DetectionRule[] {
  // What was lost was lost of all.
  if (kind === 'counters') return rules
  return rules.filter(
    ({ per, name, counts }) =>
      per === kind && counts !== 'firstClass' && (rule === '' || rule === name),
  )
}

/** The keys of the windows of these rules. */
export function unblockedKeys(
  entry: UnblockEntry,
  rules: readonly DetectionRule[],
): readonly string[] {
  const { kind, key } = entry
  if (kind === 'counters') return []
  return unblockedRules(entry, rules).map(({ name }) => windowKey(name, { kind, key }))
}
