/** What a route says of the bodies of its requests, compiled: types, and what may stand in them. Data only. */
import type { Limits } from '../../json/limits.ts'
import type { Query } from '../../json/query/ast.ts'
import type { InboundRules } from './inbound.ts'

export interface BodyRules {
  /** Media types that are taken, in lower case and without parameters. */
  readonly types: ReadonlySet<string>
  /** Whether types that cannot be read are passed on as they are; without it there are none. */
  readonly passOpaque: boolean
  /** Where classes are: the location and all below. Listed ones may be sent, by those who see the class. */
  readonly fields: readonly BodyClassQuery[]
  /** The same of every route. They say what something is, not that it may be sent. */
  readonly anywhere: readonly BodyClassQuery[]
  /** Leaves and empty containers that may be sent. */
  readonly plain: readonly Query[]
  /** Strings that people write and read: templates of the helpdesk have no place in them. */
  readonly text: readonly Query[]
  /** Locations of searches: what stands there and below is looked into by these, and may be sent. */
  readonly searches: readonly Query[]
  /** What is looked for in texts before the helpdesk gets them; undefined: nothing. */
  readonly inbound: InboundRules | undefined
  /** What happens to what no query names. */
  readonly unlisted: 'refuse' | 'pass'
  readonly limits: Limits
}

export interface BodyClassQuery {
  readonly query: Query
  readonly dataClass: string
}
