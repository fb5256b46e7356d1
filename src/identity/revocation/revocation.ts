/** What was revoked: a token, a session, or all that a subject got until a time. One line of the shared log each. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JSONSchemaType } from 'ajv/dist/2020.js'
import { SharedLogUnavailableError } from '../shared-log/shared-log.ts'
import { ID_CHARS_MAX } from '../token-claims.ts'

/** How a revocation came about. */
export type RevocationSource =
  | 'command'
  | 'back-channel-logout'
  | 'shared-signals'
  | 'session-logout'

export interface Revocation {
  /** UUIDv7; also the id of its record. */
  readonly id: string
  /** JWT `iss` of the tokens. */
  readonly issuer: string
  readonly kind: 'token' | 'session' | 'subject'
  /** `jti`, `sid` or `sub`, compared exactly. */
  readonly value: string
  /** Of a subject: what was issued until then, seconds since 1970. Of others: 0. */
  readonly untilS: number
  /** When it was made, milliseconds since 1970. */
  readonly atMs: number
  readonly source: RevocationSource
}

/** What is revoked, before it has an id. */
export type RevocationDraft = Pick<Revocation, 'issuer' | 'kind' | 'value' | 'untilS'>

const SCHEMA: JSONSchemaType<Revocation> = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'issuer', 'kind', 'value', 'untilS', 'atMs', 'source'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 64 },
    issuer: { type: 'string', minLength: 1, maxLength: 4_096 },
    kind: { type: 'string', enum: ['token', 'session', 'subject'] },
    value: { type: 'string', minLength: 1, maxLength: ID_CHARS_MAX },
    untilS: { type: 'number', minimum: 0 },
    atMs: { type: 'number', minimum: 0 },
    source: {
      type: 'string',
      enum: ['command', 'back-channel-logout', 'shared-signals', 'session-logout'],
    },
  },
}

const validate = new Ajv2020({ strict: true, logger: false }).compile(SCHEMA)

/** The line of the log. */
export function revocationLine(revocation: Revocation): string {
  return JSON.stringify(revocation)
}

/** The revocation of a line. Throws {@link SharedLogUnavailableError} where it is none: what was revoked is then not known. */
export function revocationOfLine(line: string): Revocation {
  const value: unknown = parse(line)
  if (validate(value)) return value
  throw new SharedLogUnavailableError('the log of revocations holds a line that is none')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
