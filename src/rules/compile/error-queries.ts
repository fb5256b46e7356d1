/** Parses what a route says of errors of the upstream. */
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { AnswerShape } from '../answer-shape.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { compileRouteQueries } from './route-queries.ts'
import type { RouteQueries, RouteSource } from './route-queries.ts'

/** The queries of one kind of answers, with the sample that they are held against. */
export interface AnswerQueries {
  readonly path: PolicyPath
  readonly queries: RouteQueries
  readonly format: BodyFormat
  /** Name of the sample, `none`, or undefined where nothing is said. */
  readonly fixture: string | undefined
  /** Undefined: of any shape. */
  readonly shape?: AnswerShape | undefined
}

/**
 * The queries of errors, or undefined where errors are replaced. What no query names is masked unless the errors
 * themselves say otherwise: an error echoes what was sent, also where the answers of a route show what is unlisted.
 */
export function compileErrors(
  source: RouteSource,
  complaints: Complaints,
): AnswerQueries | undefined {
  const { errors = 'replace', match, upstream } = source.route
  if (errors === 'replace') return undefined
  const said = errors === 'mask' ? {} : errors
  const route = { match, upstream, unlisted: said.unlisted ?? ('mask' as const), ...said }
  const path = [...source.path, 'errors']
  return {
    path,
    queries: compileRouteQueries({ ...source, route, path }, complaints),
    format: { kind: 'json' },
    fixture: said.fixture,
  }
}
