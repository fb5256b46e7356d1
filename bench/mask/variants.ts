/**
 * What is measured against what: v0 parses and writes without any masking, v1 asks jsonpath-plus per rule, v2 walks the
 * parsed objects with one automaton for all rules, and the engine. All but v0 count locations and data subjects.
 */
import { JSONPath } from 'jsonpath-plus'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { compileProgram } from '../../src/json/program.ts'
import type { Edit, Program } from '../../src/json/program-source.ts'
import { parseQuery, parseRelativeQuery } from '../../src/json/query/parse.ts'
import { maskByType } from '../../src/rules/operators/mask-by-type.ts'
import { APPLY, REDACTED, SCOPES } from './rule-sets.ts'
import type { Rule } from './rule-sets.ts'
import { createTreeWalk } from './tree-walk.ts'

export type Mask = (bytes: Buffer) => Buffer

export const v0: Mask = (bytes) => Buffer.from(JSON.stringify(JSON.parse(bytes.toString('utf8'))))

export function v1(rules: readonly Rule[]): Mask {
  // Its own dialect: the filters of RFC 9535 select nothing in it, and say nothing of it.
  const dialect = rules.map((one) => ({
    ...one,
    query: one.query.replaceAll(/\[\?([^\]]*)\]/g, '[?($1)]'),
  }))
  return (bytes) => {
    const json = JSON.parse(bytes.toString('utf8')) as object
    const counters = rules.map(() => 0)
    const subjects = subjectsOf(json, rules.length)
    for (const [rule, { query, treatment }] of dialect.entries()) {
      const callback = (_: unknown, __: unknown, found: Found) => {
        counters[rule] = (counters[rule] ?? 0) + 1
        const tally = tallyAt(subjects, found.path)
        if (tally !== undefined) tally[rule] = (tally[rule] ?? 0) + 1
        if (treatment === 'show') return
        if (treatment === 'suppress') delete found.parent[found.parentProperty]
        else
          found.parent[found.parentProperty] =
            treatment === 'redact' || typeof found.value !== 'string'
              ? REDACTED
              : APPLY[treatment](found.value)
      }
      ask(query, json, callback)
    }
    return counters.length < 0 ? bytes : Buffer.from(JSON.stringify(json))
  }
}

/** What the library tells of a location. */
interface Found {
  readonly path: string
  readonly parent: Record<string, unknown>
  readonly parentProperty: string
  readonly value: unknown
}

// The filter needs an evaluator in this library; the gateway never switches one on.
function ask(path: string, json: object, callback?: (...told: never[]) => void): unknown {
  return JSONPath({
    path,
    json,
    callback: callback as never,
    resultType: 'all',
    wrap: true,
    eval: 'safe',
  })
}

/** The counters of each data subject, by the path of its place. */
function subjectsOf(json: object, rules: number): ReadonlyMap<string, Uint32Array> {
  const places = new Map<string, Uint32Array>()
  const tallies = new Map<unknown, Uint32Array>()
  for (const { at, id } of SCOPES) {
    for (const { path, value } of ask(at, json) as Found[]) {
      const [found] = ask(id.replace('@', '$'), value as object) as Found[]
      const key = `${at} ${String(found?.value)}`
      const tally = tallies.get(key) ?? new Uint32Array(rules)
      tallies.set(key, tally)
      places.set(path, tally)
    }
  }
  return places
}

/** The counters of the innermost place around a path, `$['users'][0]['email']`. */
function tallyAt(places: ReadonlyMap<string, Uint32Array>, path: string): Uint32Array | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('[', end - 1)) {
    const tally = places.get(path.slice(0, end))
    if (tally !== undefined) return tally
  }
  return undefined
}

export function v2(rules: readonly Rule[], unlisted: 'show' | 'mask' = 'show'): Mask {
  const walk = createTreeWalk(rules, unlisted)
  return (bytes) => Buffer.from(JSON.stringify(walk(JSON.parse(bytes.toString('utf8')))))
}

/** The engine's program for these rules, as the gateway would compile it. */
export function engineProgram(rules: readonly Rule[], unlisted: 'show' | 'mask' = 'show'): Program {
  const edits = rules.map(({ treatment }) => editOf(treatment))
  const unlistedEdit = unlisted === 'mask' ? maskByType().leaf : undefined
  return compileProgram({
    targets: rules.map(({ query }) => ({ query: parseQuery(query), reach: 'subtree' as const })),
    scopes: SCOPES.map(({ at, id }) => ({ at: parseQuery(at), id: parseRelativeQuery(id) })),
    counterCount: rules.length,
    limits: DEFAULT_LIMITS,
    resolve: ([first]) =>
      first === undefined
        ? { leaf: unlistedEdit, container: undefined, memberName: undefined, counters: [] }
        : { leaf: edits[first], container: undefined, memberName: undefined, counters: [first] },
  })
}

export function engine(rules: readonly Rule[], unlisted: 'show' | 'mask' = 'show'): Mask {
  const program = engineProgram(rules, unlisted)
  return (bytes) => {
    const rewriter = program.start(bytes.length)
    for (let at = 0; at < bytes.length; at += 65_536) {
      rewriter.push(bytes.subarray(at, at + 65_536), at + 65_536 >= bytes.length)
    }
    rewriter.exposures()
    return rewriter.take()
  }
}

function editOf(treatment: Rule['treatment']): Edit | undefined {
  if (treatment === 'show') return undefined
  if (treatment === 'suppress') return { kind: 'suppress' }
  if (treatment === 'redact')
    return { kind: 'constant', json: Buffer.from(JSON.stringify(REDACTED)) }
  const apply = APPLY[treatment]
  return {
    kind: 'transform',
    apply: (leaf) =>
      leaf.type === 'string'
        ? { kind: 'string', text: apply(leaf.text) }
        : { kind: 'string', text: REDACTED },
  }
}
