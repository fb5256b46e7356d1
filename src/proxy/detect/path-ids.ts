/** Ids that the path of a request names, as pseudonyms, and those next to them. */
import type { Exchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import { subjectPseudonym } from '../access-facts.ts'

/** How far apart two ids are that still count as next to each other: some helpdesks count in twos. */
const NEAR = 2
const INTEGER = /^(0|[1-9][0-9]{0,18})$/

export interface PathId {
  readonly member: string
  readonly near: readonly string[]
}

/** Those that are whole numbers. The same record has the same pseudonym on each route that says whose it is. */
export function pathIds({ match }: Exchange, { auditPseudonymizer }: Services): readonly PathId[] {
  if (match === undefined || auditPseudonymizer === undefined) return []
  const { route, parameters } = match
  return [...parameters].flatMap(([name, value]) => {
    if (!INTEGER.test(value)) return []
    const kind = kindOf(route, name)
    const pseudonym = (id: bigint) => auditPseudonymizer.pseudonym(`path-id:${kind}`, id.toString())
    const id = BigInt(value)
    const near: string[] = []
    for (let step = 1; step <= NEAR; step += 1) {
      near.push(pseudonym(id + BigInt(step)))
      if (id >= step) near.push(pseudonym(id - BigInt(step)))
    }
    return [{ member: pseudonym(id), near }]
  })
}

/** The data subjects that the path names, as the audit knows them; of these only, where some are given. */
export function pathSubjects(
  { match }: Exchange,
  { auditPseudonymizer }: Services,
  only?: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  if (match === undefined || auditPseudonymizer === undefined) return []
  const { route, parameters } = match
  const named = [...route.dataSubjects, route.requestedSubject].flatMap((place) => {
    const id = parameters.get(place?.pathParameter ?? '')
    if (place === undefined || id === undefined) return []
    if (only !== undefined && only.get(place.kind)?.has(id) !== true) return []
    return [subjectPseudonym(auditPseudonymizer, place.kind, id)]
  })
  return [...new Set(named)]
}

type MatchedRoute = NonNullable<Exchange['match']>['route']

function kindOf({ dataSubjects, requestedSubject, template }: MatchedRoute, name: string): string {
  const place = [...dataSubjects, requestedSubject].find((one) => one?.pathParameter === name)
  if (place !== undefined) return `data-subject ${place.kind}`
  // Of a record that is nobody's: what stands before it tells of what kind it is.
  const index = template.segments.findIndex(
    (segment) => segment.kind === 'parameter' && segment.name === name,
  )
  const before = template.segments.slice(0, index)
  return before.map((one) => (one.kind === 'literal' ? one.text : `{${one.name}}`)).join('/')
}
