/**
 * The maskings of one GraphQL endpoint, kept by operation and viewer. Callers choose the operations, so that what is kept is
 * bounded by how large they are, and not by how many.
 */
import type { RouteMasking } from '../compiled-policy.ts'
import type { GraphqlRoute, Viewer } from '../graphql/graphql-rules.ts'
import type { Operation } from '../graphql/operation.ts'

/** Programs kept; beyond them the oldest are compiled anew when asked for. */
const PROGRAMS_MAX = 400
/** Places of answers that all of them have together: each takes some kilobytes of tables once answers came. */
const PLACES_MAX = 10_000

/** `compile`, whose results are kept, also that there is none. An operation has fewer places than are kept. */
export function cachedByOperation(
  compile: (operation: Operation, viewer: Viewer) => RouteMasking | undefined,
): GraphqlRoute['maskingFor'] {
  const kept = new Map<
    string,
    { readonly masking: RouteMasking | undefined; readonly size: number }
  >()
  let places = 0
  return (operation, viewer) => {
    const key = [viewer.roles.join(' '), viewer.revealed.join(' '), operation.text].join('\n')
    const found = kept.get(key)
    if (found !== undefined) return found.masking
    const masking = compile(operation, viewer)
    const size = operation.selected.places.length
    kept.set(key, { masking, size })
    places += size
    for (const [oldest, entry] of kept) {
      if (kept.size <= PROGRAMS_MAX && places <= PLACES_MAX) break
      kept.delete(oldest)
      places -= entry.size
    }
    return masking
  }
}
