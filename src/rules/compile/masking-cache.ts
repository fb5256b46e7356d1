/** The programs of one route: compiled at the first request of a role set, and kept. */
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { Limits } from '../../json/limits.ts'
import type { RouteMasking, Upstream } from '../compiled-policy.ts'
import { linkOperator } from '../links/link-operator.ts'
import type { LinkRewriter } from '../links/link-rewriter.ts'
import { sealOperator } from '../links/seal-operator.ts'
import type { Pseudonymizer } from '../pseudonymizer.ts'
import type { DataClass } from './classes.ts'
import { classNames, compileMasking } from './masking.ts'
import type { DictionaryUse } from './record-dictionary.ts'
import { cachedByNames } from './role-cache.ts'
import type { RouteQueries } from './route-queries.ts'

/** What programs are compiled of, whatever the route. */
export interface MaskingContext {
  readonly classes: ReadonlyMap<string, DataClass>
  /** What each role sees in clear. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
  /** What each role may set without seeing it. */
  readonly roleWrites: ReadonlyMap<string, ReadonlySet<string>>
  readonly limits: Limits
  /** Bytes of one record, where a format has records. */
  readonly recordBytesMax: number
  /** Undefined where the policy has no key for pseudonyms. */
  readonly pseudonymizer: Pseudonymizer | undefined
  /** Whether locations are counted rule by rule. */
  readonly ledger: boolean
  /** Undefined where the policy does not say where callers find the gateway. */
  readonly links: LinkRewriter | undefined
}

/** The answers that a program is for. */
export interface MaskedAnswers {
  readonly queries: RouteQueries
  readonly upstream: Upstream
  /** The route, where its cursors come back. */
  readonly place: string
  readonly format: BodyFormat
  /** Classes that bodies of requests, and errors, can hold. */
  readonly beside: readonly string[]
  readonly dictionary: DictionaryUse | undefined
}

/** The masking of a role set, with what it reveals; names are sorted. */
export function maskingCache(
  context: MaskingContext,
  { queries, upstream, place, format, beside, dictionary }: MaskedAnswers,
): (roles: readonly string[], revealed?: readonly string[]) => RouteMasking {
  const { classes, limits, recordBytesMax, pseudonymizer, links, ledger } = context
  const link = links && linkOperator(links, upstream)
  const cursor = sealOperator(place)
  const classesBy = (roles: readonly string[], by: MaskingContext['roles']) =>
    new Set(roles.flatMap((role) => [...(by.get(role) ?? [])]))
  const queried = classNames([...queries.fields, ...queries.anywhere], classes)
  const here = new Set([...queried, ...beside])
  const compile = (roles: readonly string[], revealed: readonly string[]) =>
    compileMasking({
      queries,
      beside,
      classes,
      shown: classesBy(roles, context.roles),
      writable: classesBy(roles, context.roleWrites),
      revealed: new Set(revealed),
      limits,
      format,
      recordBytesMax,
      pseudonymizer,
      link,
      cursor,
      ledger,
      dictionary,
    })
  const compiled = cachedByNames(compile, ({ isWorn }) => isWorn())
  return (roles, asked = []) => {
    const shown = classesBy(roles, context.roles)
    // What is not here, or shown anyway, makes no other program.
    return compiled(
      roles,
      asked.filter((name) => here.has(name) && !shown.has(name)),
    )
  }
}
