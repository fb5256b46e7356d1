/** Resolves what a route says of the bodies of its requests. */
import type { Limits } from '../../json/limits.ts'
import type { BodyDocument, PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { BodyRules } from '../request/body-rules.ts'
import type { InboundRules } from '../request/inbound.ts'
import type { SearchRules } from '../search/search-rules.ts'
import { formOf } from '../request/media-type.ts'
import { writeLimits } from '../writes/guard-write.ts'
import { writeFormatOf } from '../writes/write-rules.ts'
import type { Complaints } from './complaints.ts'
import { checkFixture } from './fixture.ts'
import { classQueries, placedQueries } from './route-queries.ts'
import type { ClassQuery } from './route-queries.ts'

export interface BodySource {
  readonly document: PolicyDocument
  readonly body: BodyDocument
  /** Of the body, `routes.3.body`. */
  readonly path: PolicyPath
  readonly anywhere: readonly ClassQuery[]
  readonly search: readonly SearchRules[]
  /** Whether its requests are held against the record. */
  readonly isHeld: boolean
  /** What the policy looks for in texts; undefined: nothing. */
  readonly inbound: InboundRules | undefined
  readonly limits: Limits
  readonly readFixture: (name: string) => Uint8Array | undefined
}

/** The rules; what is wrong with them goes to `complaints`. */
export function compileBody(source: BodySource, complaints: Complaints): BodyRules {
  const { document, body, path, anywhere, limits } = source
  const fields = classQueries(document, body.fields ?? {}, [...path, 'fields'], complaints)
  const plain = placedQueries(body.plain ?? [], [...path, 'plain'], complaints)
  const text = placedQueries(body.text ?? [], [...path, 'text'], complaints)
  const queries = [...fields, ...plain, ...text]
  checkTypes(source, queries.length > 0, complaints)
  if (body.fixture === undefined && queries.length > 0) {
    complaints.add(
      path,
      'the body has queries and no fixture to hold them against',
      'save one body beside the policy and name it: `fixture: fixtures/new-ticket.json`; or write `fixture: none`',
    )
  }
  if (body.fixture !== undefined && body.fixture !== 'none') {
    checkFixture(
      {
        bytes: source.readFixture(body.fixture),
        path,
        queries: {
          fields,
          plain: [...plain, ...text],
          links: [],
          cursors: [],
          dictionaries: [],
          dataSubjects: [],
        },
        format: { kind: 'json' },
        limits,
      },
      complaints,
    )
  }
  return {
    types: new Set(body.types),
    passOpaque: body.pass === 'opaque',
    fields,
    anywhere,
    plain: plain.map(({ query }) => query),
    text: text.map(({ query }) => query),
    searches: source.search.flatMap(({ place }) => (place.kind === 'body' ? [place.query] : [])),
    inbound: inboundOf(source, complaints),
    unlisted: body.unlisted ?? 'refuse',
    limits: source.isHeld ? writeLimits(limits) : limits,
  }
}

function inboundOf(
  { body, path, inbound }: BodySource,
  complaints: Complaints,
): InboundRules | undefined {
  if (body.inbound === 'none' && inbound === undefined) {
    complaints.addAtKey([...path, 'inbound'], 'the policy looks for nothing in texts of requests')
  }
  if (body.inbound === 'none' || inbound === undefined) return undefined
  for (const [index, type] of body.types.entries()) {
    if (writeFormatOf(type) !== 'json-patch') continue
    complaints.add(
      [...path, 'types', index],
      'a patch does not say what is text in it, so `inbound` of the policy cannot look through it',
      'take the type out, or write `inbound: none` in the body',
    )
  }
  return inbound
}

function checkTypes(
  { body: { types, pass }, path, isHeld }: BodySource,
  hasQueries: boolean,
  complaints: Complaints,
): void {
  const opaque = types.filter((type) => formOf(type) === 'opaque')
  for (const [index, type] of types.entries()) {
    const at = [...path, 'types', index]
    if (writeFormatOf(type) === 'json-patch' && !isHeld) {
      complaints.add(
        at,
        'a patch names places of the record, and nothing tells what is there',
        'add `write: { read: GET ..., ... }` to the route',
      )
    } else if (opaque.includes(type) && pass === undefined) {
      complaints.add(
        at,
        `a body of \`${type}\` cannot be read`,
        'write `pass: opaque` to pass it on unread, which each record says; or take the type out',
      )
    }
  }
  if (pass !== undefined && opaque.length === 0) {
    complaints.addAtKey([...path, 'pass'], 'every type of the body is read, so nothing is passed')
  }
  if (hasQueries && opaque.length === types.length) {
    complaints.add([...path, 'types'], 'the body has queries and no type that is read')
  }
}
