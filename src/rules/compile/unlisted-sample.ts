/** Which routes are looked through for personal data that no line names, and how often. */
import { CelosiaError } from '../../core/errors.ts'
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { Route } from '../compiled-policy.ts'
import type { RouteDocument } from '../policy/document.ts'
import { createUnlistedSampler } from '../unlisted/sample-unlisted.ts'
import type { SampleSource } from '../unlisted/sample-unlisted.ts'
import type { RouteQueries } from './route-queries.ts'
import type { RouteContext } from './routes.ts'

interface SampledRoute {
  readonly route: RouteDocument
  readonly queries: RouteQueries
  readonly format: BodyFormat
}

/** Undefined where the policy asks for none, or the route shows nothing that no line names. */
export function compileUnlistedSample(
  { document, classes, limits, readFixture }: RouteContext,
  { route, queries, format }: SampledRoute,
): Route['unlistedSample'] {
  const oneIn = document.audit?.sampleUnlisted?.oneIn
  // What an operation of GraphQL selects is named by the schema, whatever the route says.
  if (oneIn === undefined || queries.unlisted !== 'show' || route.graphql !== undefined)
    return undefined
  if (format.kind !== 'json') return undefined
  const recognizers = [...classes.values()].flatMap((one) => one.recognizers)
  const name = route.fixture === 'none' ? undefined : route.fixture
  const fixture = name === undefined ? undefined : readFixture(name)
  return { oneIn, sample: samplerOf({ queries, recognizers, fixture, limits }) }
}

// A fixture that is no such document has no names to tell; whether it is one is complained of elsewhere.
function samplerOf(source: SampleSource) {
  try {
    return createUnlistedSampler(source)
  } catch (error) {
    if (!(error instanceof CelosiaError)) throw error
    return createUnlistedSampler({ ...source, fixture: undefined })
  }
}
