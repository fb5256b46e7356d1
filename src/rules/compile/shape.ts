/** `shape:` of a route: what its answers must look like. */
import { isSingular } from '../../json/query/ast.ts'
import type { AnswerShape, ShapeLine, ShapeType } from '../answer-shape.ts'
import type { RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'

/** Says that there need not be a location. */
const ABSENT = 'absent'

/** The shape; undefined where the route has none. What is wrong with a line is complained of, and the line left out. */
export function compileShape(
  route: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): AnswerShape | undefined {
  if (route.shape === undefined) return undefined
  const at = [...path, 'shape']
  if ((route.format ?? 'json') !== 'json') {
    complaints.addAtKey(at, 'only answers that are one JSON document have a shape', 'leave it out')
  }
  return Object.entries(route.shape).flatMap(([text, said]): ShapeLine[] => {
    const query = complaints.query([...at, text], text)
    if (query === undefined) return []
    const listed = typeof said === 'string' ? [said] : said
    const types = listed.filter((type): type is ShapeType => type !== ABSENT)
    const one = isSingular(query.segments)
    if (types.length === 0 || (!one && types.length < listed.length)) {
      complaints.add(
        [...at, text],
        types.length === 0
          ? 'a line names at least one type'
          : 'a query that may select several locations may select none',
        types.length === 0 ? 'add the type that it has where it is there' : 'leave `absent` out',
      )
      return []
    }
    return [{ query, types, required: one && types.length === listed.length }]
  })
}
