/**
 * Media types of request bodies, read strictly: what two readers could take for two types is none. What goes upstream is
 * written anew.
 */

/** What is done with a body of a type. */
export type BodyForm = 'json' | 'form' | 'opaque'

export interface MediaType {
  /** Type and subtype in lower case: the name that a policy knows it by. */
  readonly essence: string
  /** The header for the upstream. */
  readonly header: string
}

/** RFC 9110 8.3.1, one `type/subtype` of RFC 6838 4.2 names and at most one parameter. */
const MEDIA_TYPE =
  /^([a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63})(?:[ \t]*;[ \t]*([a-z]+)=(?:"([^"\\]*)"|([^\s";,]+)))?$/i
/** RFC 2046 5.1.1, without the space and without what a quoted string would need to escape. */
const BOUNDARY = /^[0-9A-Za-z'()+_,./:=?-]{1,70}$/

const JSON_TYPE = /^application\/(?:json|[a-z0-9][a-z0-9!#$&^_.-]*\+json)$/
const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'

/** Names of media types, as a policy writes them. */
export const MEDIA_TYPE_PATTERN =
  '^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$'

/** How a body of this type is read. What is neither JSON nor a form can only be passed as it is. */
export function formOf(essence: string): BodyForm {
  if (JSON_TYPE.test(essence)) return 'json'
  return essence === FORM ? 'form' : 'opaque'
}

/** The type that the header names, or undefined where it names none, or one with parameters that it cannot have. */
export function parseMediaType(header: string): MediaType | undefined {
  const [, type, parameter, quoted, token] = MEDIA_TYPE.exec(header) ?? []
  if (type === undefined) return undefined
  const essence = type.toLowerCase()
  const value = quoted ?? token
  const name = parameter?.toLowerCase()
  if (essence === MULTIPART) {
    if (name !== 'boundary' || value === undefined || !BOUNDARY.test(value)) return undefined
    return { essence, header: `${essence}; boundary="${value}"` }
  }
  // RFC 8259 8.1: JSON is UTF-8, and has no other parameter that matters.
  const plain = name === undefined || (name === 'charset' && value?.toLowerCase() === 'utf-8')
  return plain ? { essence, header: essence } : undefined
}
