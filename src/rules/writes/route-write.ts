/** How a route that changes records is compiled. Types only. */
import type { Route } from '../compiled-policy.ts'
import type { WriteGuard } from './guard-write.ts'

/** How the requests of a route are held against the record that they change. */
export interface RouteWrite {
  /** The route that reads the record, of the same upstream; its parameters are among those of the writing route. */
  readonly read: Route
  /** What ties the write to the record as it was read (RFC 9110 13.1.1 and 13.1.4). */
  readonly precondition: 'etag' | 'lastModified' | 'none'
  /** What decides for these roles; kept as {@link Route.maskingFor} is. */
  readonly guardFor: (roles: readonly string[]) => WriteGuard
}
