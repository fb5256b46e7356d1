/** What the schema of the policy language is put together from. */
import { DURATION_PATTERN } from '../../core/duration.ts'

/** Names of upstreams, tenants and kinds of data subjects. */
export const NAME = '^[a-z][a-z0-9_-]{0,63}$'
/** Names of HTTP header fields, as we write them. */
export const HEADER = '^[a-z0-9-]{1,64}$'
/** Names of environment variables. */
export const ENVIRONMENT_NAME = '^[A-Z][A-Z0-9_]{0,127}$'
/** Names of data classes. */
export const CLASS = '^[a-z][a-z0-9]*([._-][a-z0-9]+)*$'

/** Names of roles. */
export const ROLE = '^[A-Za-z][A-Za-z0-9_.:-]{0,63}$'

/** A text that is not empty. */
export const text = (description: string, extra: object = {}) => ({
  type: 'string',
  minLength: 1,
  maxLength: 4096,
  description,
  ...extra,
})
/** An object of exactly these members. */
export const object = (
  description: string,
  properties: object,
  required: readonly string[] = [],
) => ({
  type: 'object',
  description,
  additionalProperties: false,
  properties,
  ...(required.length > 0 ? { required } : {}),
})
/** An object whose member names are the author's. */
export const map = (
  description: string,
  keyPattern: string,
  values: object,
  extra: object = {},
) => ({
  type: 'object',
  description,
  propertyNames: { pattern: keyPattern },
  additionalProperties: values,
  maxProperties: 1000,
  ...extra,
})
/** A duration, `10m`. */
export const duration = (description: string) => text(description, { pattern: DURATION_PATTERN })
/** What happens to a leaf that no query names. */
export const unlisted = {
  enum: ['mask', 'show'],
  description: 'What happens to a leaf that no query names: mask it by type, or show it.',
}
/** One query or several. */
export const queries = {
  description: 'One query (RFC 9535), or several.',
  anyOf: [
    { type: 'string', minLength: 1, maxLength: 4096 },
    {
      type: 'array',
      minItems: 1,
      maxItems: 200,
      items: { type: 'string', minLength: 1, maxLength: 4096 },
    },
  ],
}
