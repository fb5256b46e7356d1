/** What the log of grants holds: requests, approvals, revocations and reviews, one line each, never changed. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JSONSchemaType } from 'ajv/dist/2020.js'
import { SharedLogUnavailableError } from '../shared-log/shared-log.ts'
import { ID_CHARS_MAX } from '../token-claims.ts'

/** What somebody asks for, for one subject. */
export interface GrantRequest {
  readonly kind: 'request'
  /** UUIDv7 of this line; also the id of its record. */
  readonly entry: string
  /** UUIDv7: the id of the grant. */
  readonly id: string
  readonly atMs: number
  /** Who asks, in their own words. */
  readonly by: string
  readonly issuer: string
  readonly subject: string
  readonly classes: readonly string[]
  /** A code of the policy, and the ticket it is about; empty: none. */
  readonly code: string
  readonly ticket: string
  readonly forMs: number
}

/** The consent of a second person: a signed token that says all that is granted. */
export interface GrantApproval {
  readonly kind: 'approval'
  readonly entry: string
  readonly id: string
  readonly atMs: number
  readonly token: string
}

/** The end of a grant before its time, or the note that somebody looked at what was done with it. */
export interface GrantNote {
  readonly kind: 'revocation' | 'review'
  readonly entry: string
  readonly id: string
  readonly atMs: number
  readonly by: string
}

export type GrantEntry = GrantRequest | GrantApproval | GrantNote

/** Longest name of a person in the log. */
export const NAME_CHARS_MAX = 100
/** Longest approval. */
const TOKEN_CHARS_MAX = 4_096

const id = { type: 'string', pattern: '^[0-9a-f-]{36}$' } as const
const atMs = { type: 'number', minimum: 0 } as const
const by = { type: 'string', minLength: 1, maxLength: NAME_CHARS_MAX } as const

const REQUEST: JSONSchemaType<GrantRequest> = {
  type: 'object',
  additionalProperties: false,
  required: [
    'kind',
    'entry',
    'id',
    'atMs',
    'by',
    'issuer',
    'subject',
    'classes',
    'code',
    'ticket',
    'forMs',
  ],
  properties: {
    kind: { type: 'string', const: 'request' },
    entry: id,
    id,
    atMs,
    by,
    issuer: { type: 'string', minLength: 1, maxLength: 4_096 },
    subject: { type: 'string', minLength: 1, maxLength: ID_CHARS_MAX },
    classes: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: { type: 'string', minLength: 1, maxLength: 200 },
    },
    code: { type: 'string', maxLength: 64 },
    ticket: { type: 'string', maxLength: 128 },
    forMs: { type: 'number', minimum: 1 },
  },
}
const APPROVAL: JSONSchemaType<GrantApproval> = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'entry', 'id', 'atMs', 'token'],
  properties: {
    kind: { type: 'string', const: 'approval' },
    entry: id,
    id,
    atMs,
    token: { type: 'string', minLength: 1, maxLength: TOKEN_CHARS_MAX },
  },
}
const NOTE: JSONSchemaType<GrantNote> = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'entry', 'id', 'atMs', 'by'],
  properties: {
    kind: { type: 'string', enum: ['revocation', 'review'] },
    entry: id,
    id,
    atMs,
    by,
  },
}

const ajv = new Ajv2020({ strict: true, logger: false })
const validators = [ajv.compile(REQUEST), ajv.compile(APPROVAL), ajv.compile(NOTE)]

/** The line of the log. */
export function grantLine(entry: GrantEntry): string {
  return JSON.stringify(entry)
}

/** The entry of a line. Throws {@link SharedLogUnavailableError} where it is none: what was granted is then not known. */
export function grantEntryOf(line: string): GrantEntry {
  const value: unknown = parse(line)
  if (validators.some((validate) => validate(value))) return value as GrantEntry
  throw new SharedLogUnavailableError('the log of grants holds a line that is none')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
