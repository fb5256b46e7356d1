/** Paths and bodies of requests with places to be filled in. */
import type { RecordIds } from './connector.ts'
import { ConnectorError } from './errors.ts'

export interface PathTemplate {
  readonly text: string
  /** Names of resources whose ids stand in it. */
  readonly resources: readonly string[]
}

/** JSON with places, and for what one request is made. */
export interface BodyTemplate {
  readonly json: unknown
  readonly per: 'record' | 'text' | 'value'
}

/** What fills the places of a body. */
export interface BodyParts {
  /** JSON texts. */
  readonly changed: string
  readonly record: string
  readonly text: string
  readonly value: string
}

const PLACE = /\{([^{}]*)\}/g
const ID_PLACE = /^([a-z][a-z0-9-]{0,31})\.id$/
/** Ids that are one segment of a path in every reading. */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9._~@+:-]{1,256}$/
const PLACES = {
  '{changed}': 'record',
  '{record}': 'record',
  '{text}': 'text',
  '{value}': 'value',
} as const

/** Undefined where a place is none. */
export function parsePath(text: string): PathTemplate | undefined {
  const names = [...text.matchAll(PLACE)].map(([, name = '']) => ID_PLACE.exec(name)?.[1])
  if (names.includes(undefined) || text.replaceAll(PLACE, '').match(/[{}\s#]/) !== null) {
    return undefined
  }
  return { text, resources: names.flatMap((name) => name ?? []) }
}

/** The path with ids in it. Throws {@link ConnectorError} for an id that is none. */
export function fillPath({ text }: PathTemplate, ids: RecordIds): string {
  return text.replaceAll(PLACE, (_place, name: string) => {
    const id = ids.get(name.replace(/\.id$/, ''))
    if (id === undefined || !ID.test(id)) {
      throw new ConnectorError(`an id of ${name.replace(/\.id$/, '')} cannot stand in a path`)
    }
    return encodeURIComponent(id)
  })
}

function isPlace(value: unknown): value is keyof typeof PLACES {
  return typeof value === 'string' && Object.hasOwn(PLACES, value)
}

/** Undefined where the body has not exactly one kind of place. */
export function parseBody(json: unknown): BodyTemplate | undefined {
  const found = new Set<BodyTemplate['per']>()
  const walk = (value: unknown): void => {
    if (isPlace(value)) found.add(PLACES[value])
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
  }
  walk(json)
  const [per] = found
  return per === undefined || found.size > 1 ? undefined : { json, per }
}

/** The JSON text of the body. */
export function fillBody({ json }: BodyTemplate, parts: BodyParts): string {
  const write = (value: unknown): string => {
    if (isPlace(value)) return parts[value.slice(1, -1) as keyof BodyParts]
    if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(
        ([name, member]) => `${JSON.stringify(name)}:${write(member)}`,
      )
      return `{${members.join(',')}}`
    }
    return JSON.stringify(value)
  }
  return write(json)
}
