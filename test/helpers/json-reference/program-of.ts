/** Short ways to write programs in tests. */
import { DEFAULT_LIMITS, type Limits } from '../../../src/json/limits.ts'
import { compileProgram } from '../../../src/json/program.ts'
import type {
  Edit,
  Program,
  ProgramSource,
  Target,
  Treatment,
} from '../../../src/json/program-source.ts'
import { parseQuery, parseRelativeQuery } from '../../../src/json/query/parse.ts'

/** One line: a query with what happens there. A letter counts in the counter of that position: A is 0. */
export interface Line {
  readonly query: string
  readonly reach?: Target['reach']
  readonly edit?: Edit
  readonly rename?: NonNullable<Treatment['memberName']>
  readonly counters?: readonly number[]
}

/** What a test program is made of. Where several lines cover a location, the first one counts. */
export interface TestProgram {
  readonly lines: readonly Line[]
  readonly scopes?: readonly { readonly at: string; readonly id: string }[]
  readonly unlisted?: Edit
  readonly counterCount?: number
  readonly scopedCounters?: number
  readonly limits?: Partial<Limits>
}

export const SUPPRESS: Edit = { kind: 'suppress' }
export const REDACT: Edit = { kind: 'constant', json: Buffer.from('"***"') }
/** The text of the value, in capitals. */
export const CAPITALS: Edit = {
  kind: 'transform',
  apply: ({ text }) => ({ kind: 'string', text: text.toUpperCase() }),
}

/** The source of such a program. */
export function sourceOf(program: TestProgram): ProgramSource {
  const { lines, scopes = [], unlisted, counterCount = 2, scopedCounters, limits = {} } = program
  const treatments = lines.map((line): Treatment => {
    const { edit, rename, counters = [] } = line
    const container = edit?.kind === 'transform' ? undefined : edit
    return { leaf: edit, container, memberName: rename, counters }
  })
  const nothing = { leaf: unlisted, container: undefined, memberName: undefined, counters: [] }
  return {
    targets: lines.map(({ query, reach = 'subtree' }) => ({ query: parseQuery(query), reach })),
    scopes: scopes.map(({ at, id }) => ({ at: parseQuery(at), id: parseRelativeQuery(id) })),
    counterCount,
    scopedCounters,
    resolve: ([first]) => (first === undefined ? nothing : (treatments[first] ?? nothing)),
    limits: { ...DEFAULT_LIMITS, ...limits },
  }
}

/** The same, compiled. */
export function programOf(program: TestProgram): Program {
  return compileProgram(sourceOf(program))
}
