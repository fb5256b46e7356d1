/** Classes that hide and roles that show some of them, at random. */
import * as fc from 'fast-check'

/** All of them hide the whole value, so that a value is either there or not. */
const OPERATORS = ['redact', 'suppress', 'null', { redact: { keepType: true } }, { replace: 'x' }]

export interface HidingPolicy {
  readonly classes: Readonly<Record<string, { readonly mask: unknown }>>
  readonly roles: Readonly<Record<string, { readonly show: readonly string[] }>>
}

type Arbitraries<T> = { readonly [K in keyof T]: fc.Arbitrary<T[K]> }

export function hidingPolicies(
  classes: readonly string[],
  roles: readonly string[],
): Arbitraries<HidingPolicy> {
  const masks = fc.constantFrom(...OPERATORS).map((mask) => ({ mask }))
  const shown = fc.subarray([...classes]).map((show) => ({ show }))
  return {
    classes: fc.record(Object.fromEntries(classes.map((name) => [name, masks]))),
    roles: fc.record(Object.fromEntries(roles.map((name) => [name, shown]))),
  }
}
