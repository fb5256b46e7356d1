/** Holds bad policies against the faults that they must have: where each is, what it says, what it advises. */
import type { Test } from 'tap'
import { faultsOf, PRELUDE } from '../policy-text.ts'
import type { Surroundings } from '../policy-text.ts'

/** One bad policy. */
export interface FaultCase extends Surroundings {
  readonly name: string
  /** The whole policy; each ▸ stands before a place where a fault is expected. */
  readonly whole?: string
  /** The same, after the prelude. */
  readonly policy?: string
  /** For each place, in order, what the message holds. */
  readonly says: readonly RegExp[]
  /** For each place what the hint holds; undefined: not looked at. */
  readonly hints?: readonly (RegExp | undefined)[]
  /** The faults are of parts that are planned. */
  readonly notSupported?: boolean
}

const MARK = '▸'

/** Runs a table: exactly the marked places have faults, in their order. */
export function checkFaults(t: Test, cases: readonly FaultCase[]): void {
  for (const item of cases) {
    const { text, places } = unmarked(item.whole ?? PRELUDE + (item.policy ?? ''))
    const faults = faultsOf(text, item)
    const found = faults.map(({ line, column }) => `${line}:${column}`)
    t.same(found, places, `${item.name}: the places`, { faults })
    t.equal(item.says.length, places.length, `${item.name}: as many sentences as places`)
    for (const [index, fault] of faults.entries()) {
      t.match(fault.message, item.says[index] ?? 'no fault more', `${item.name}: the message`)
      const hint = item.hints?.[index]
      if (hint !== undefined) t.match(fault.hint, hint, `${item.name}: the hint`)
      const code = item.notSupported === true ? 'ERR_NOT_SUPPORTED' : 'ERR_POLICY_INVALID'
      t.equal(fault.code, code, `${item.name}: the code`)
    }
  }
}

function unmarked(marked: string): { readonly text: string; readonly places: readonly string[] } {
  const places: string[] = []
  const lines = marked.split('\n').map((line, index) => {
    let rest = line
    for (let at = rest.indexOf(MARK); at !== -1; at = rest.indexOf(MARK)) {
      places.push(`${index + 1}:${at + 1}`)
      rest = rest.slice(0, at) + rest.slice(at + MARK.length)
    }
    return rest
  })
  return { text: lines.join('\n'), places }
}

/** Classes, roles and the beginning of the list of routes. */
export const BODY = `classes:
  contact.email: { mask: email }
  payment.card: { mask: { keepLast: 4 }, sensitive: true }
roles:
  agent: { show: [contact.email] }
routes:
`

/** One route with these lines of its own, each indented by four. */
export function route(...lines: readonly string[]): string {
  return [
    '  - match: GET /users/{id:integer}',
    '    upstream: desk',
    ...lines.map((l) => `    ${l}`),
  ]
    .join('\n')
    .concat('\n')
}
