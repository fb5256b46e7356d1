/** The requests that take what was found out of one record. */
import type { WriteCall } from '../connectors/connector.ts'
import { documentOf } from '../connectors/helpdesk.ts'
import type { HelpdeskRecord } from '../connectors/helpdesk.ts'
import type { HelpdeskRequest } from '../connectors/http-client.ts'
import { fillBody, fillPath } from '../connectors/templates.ts'
import type { BodyParts } from '../connectors/templates.ts'
import { Splices } from '../json/splice.ts'
import { childrenOf, memberNameOf, sourceOf } from '../json/tape/children.ts'
import { KIND_OBJECT } from '../json/tape/tape.ts'
import type { FoundPlace } from './find-places.ts'

export type WriteRequest = Omit<HelpdeskRequest, 'address'> & { readonly path: string }

/** In order; none for places that are for work by hand, or could not be looked through. */
export function writeRequests(
  record: HelpdeskRecord,
  found: readonly FoundPlace[],
): readonly WriteRequest[] {
  const calls = new Map<WriteCall, FoundPlace[]>()
  for (const place of found) {
    const { write } = place.places
    if ('byHand' in write || place.text === undefined) continue
    const places = calls.get(write)
    if (places === undefined) calls.set(write, [place])
    else places.push(place)
  }
  const requests = [...calls].flatMap(([call, places]) =>
    bodies(call, record, places).map((body) => ({
      method: call.method,
      path: fillPath(call.path, record.ids),
      body,
    })),
  )
  // Several texts of a record can hold the same value.
  const seen = new Set<string>()
  return requests.filter(({ method, path, body }) => {
    const key = `${method} ${path} ${body}`
    return !seen.has(key) && seen.add(key)
  })
}

function bodies(
  { body }: WriteCall,
  record: HelpdeskRecord,
  places: readonly FoundPlace[],
): readonly string[] {
  const nothing: BodyParts = { changed: '{}', record: '{}', text: '""', value: '""' }
  switch (body.per) {
    case 'value':
      return places
        .flatMap(({ values }) => values)
        .map((value) => fillBody(body, { ...nothing, value: JSON.stringify(value) }))
    case 'text':
      return places.map(({ text }) =>
        fillBody(body, { ...nothing, text: JSON.stringify(text ?? '') }),
      )
    default:
      return [fillBody(body, { ...nothing, ...changedRecord(record, places) })]
  }
}

/** Bytes of what is not changed stay as they came. */
function changedRecord(
  { tape }: HelpdeskRecord,
  places: readonly FoundPlace[],
): Pick<BodyParts, 'changed' | 'record'> {
  const splices = new Splices(tape)
  for (const { node, text } of places) {
    if (text !== undefined) splices.put(node, Buffer.from(JSON.stringify(text)))
  }
  const record = splices.write()
  const names = new Set(places.map(({ steps }) => steps[0]))
  const after = documentOf(record)
  if (after.kind[0] !== KIND_OBJECT)
    return { changed: record.toString(), record: record.toString() }
  const members = [...childrenOf(after, 0)].flatMap((member) => {
    const name = memberNameOf(after, member)
    if (!names.has(name)) return []
    return [`${JSON.stringify(name)}:${Buffer.from(sourceOf(after, member)).toString()}`]
  })
  return { changed: `{${members.join(',')}}`, record: record.toString() }
}
