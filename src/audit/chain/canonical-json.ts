/**
 * Canonical JSON (RFC 8785): what a chain hashes. Records that are made in its order need no other writer than JSON.stringify; the
 * members of others are put in order once for each list of names that comes up. What is more than plain data is left to the
 * library, which decides all cases.
 */
import canonicalize from 'canonicalize'
import { AuditUnavailableError } from '../errors.ts'

/** Deeper than any record; the library refuses what has no end. */
const DEPTH_MAX = 64
/** Names in all lists that are remembered, in one, and the longest: those of records, and some of whatever else is hashed. */
const NAMES_MAX = 4_000
const LIST_NAMES_MAX = 64
const NAME_CHARS_MAX = 64

/** Canonical JSON of a value. Throws AuditUnavailableError where it has none: lone surrogates, numbers without end. */
export function canonicalJson(value: unknown): string {
  try {
    const text = plainText(value) ?? canonicalize(value)
    if (text !== undefined) return text
  } catch (cause) {
    throw new AuditUnavailableError('A record cannot be written as canonical JSON', { cause })
  }
  throw new AuditUnavailableError('A record is no JSON')
}

// Half of a surrogate pair is the only character that is written as \ud...: it has no canonical form.
function plainText(value: unknown): string | undefined {
  const text = isInOrder(value, DEPTH_MAX) ? JSON.stringify(value) : write(value, DEPTH_MAX)
  return text?.includes('\\ud') === true ? undefined : text
}

/** Whether it is plain data, and each object has its members in order: JSON is canonical then. */
function isInOrder(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value !== 'object') return Number.isFinite(value)
  if (depth === 0) return false
  // A hole is found too: it has no value.
  if (Array.isArray(value)) return value.findIndex((one) => !isInOrder(one, depth - 1)) === -1
  if (!isPlain(value)) return false
  let before = ''
  for (const name in value) {
    if (name < before) return false
    before = name
    const inner = (value as Readonly<Record<string, unknown>>)[name]
    if (inner !== undefined && !isInOrder(inner, depth - 1)) return false
  }
  return true
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Undefined for all but plain data. */
function write(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value !== 'object' || depth === 0) return undefined
  return Array.isArray(value) ? writeList(value, depth) : writeObject(value, depth)
}

function writeList(values: readonly unknown[], depth: number): string | undefined {
  let text = '['
  for (let index = 0; index < values.length; index += 1) {
    const one = write(values[index], depth - 1)
    if (one === undefined) return undefined
    text += index > 0 ? `,${one}` : one
  }
  return `${text}]`
}

function writeObject(value: object, depth: number): string | undefined {
  if (!isPlain(value)) return undefined
  const { names, heads } = orderOf(Object.keys(value))
  let text = ''
  for (let index = 0; index < names.length; index += 1) {
    const inner = (value as Readonly<Record<string, unknown>>)[names[index] ?? '']
    // As in JSON.stringify, and in the library: a member without a value is none.
    if (inner === undefined) continue
    const one = write(inner, depth - 1)
    if (one === undefined) return undefined
    const comma = text === '' ? '' : ','
    text += `${comma}${heads[index] ?? ''}${one}`
  }
  return `{${text}}`
}

/** The names of an object in their order, and what stands before the value of each. */
interface Order {
  readonly names: readonly string[]
  readonly heads: readonly string[]
}

/** Lists of names as paths: each step is the next name. */
interface Step {
  readonly next: Map<string, Step>
  order: Order | undefined
}

const FIRST: Step = { next: new Map(), order: undefined }
let remembered = 0

function orderOf(names: readonly string[]): Order {
  // Each part of a long list may be a list of its own: what is remembered would grow with the square.
  if (names.length > LIST_NAMES_MAX) return newOrder(names)
  let step = FIRST
  for (const name of names) {
    let next = step.next.get(name)
    if (next === undefined) {
      if (remembered >= NAMES_MAX || name.length > NAME_CHARS_MAX) return newOrder(names)
      remembered += 1
      next = { next: new Map(), order: undefined }
      step.next.set(name, next)
    }
    step = next
  }
  return (step.order ??= newOrder(names))
}

// RFC 8785 3.2.3: by UTF-16 code units, as sorting does where nothing else is asked for.
function newOrder(names: readonly string[]): Order {
  const sorted = names.toSorted()
  const heads = sorted.map((name) => `${JSON.stringify(name)}:`)
  return { names: sorted, heads }
}
