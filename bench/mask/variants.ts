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
  return (bytes) => {
    const json = JSON.parse(bytes.toString('utf8')) as object
    let count = 0
    for (const { query, treatment } of rules) {
      const callback = (
        _: unknown,
        __: unknown,
        found: { parent: Record<string, unknown>; parentProperty: string; value: unknown },
      ) => {
        count += 1
        if (treatment === 'show') return
        if (treatment === 'suppress') delete found.parent[found.parentProperty]
        else
          found.parent[found.parentProperty] =
            treatment === 'redact' || typeof found.value !== 'string'
              ? REDACTED
              : APPLY[treatment](found.value)
      }
      // The filter needs an evaluator in this library; the gateway never switches one on.
      JSONPath({
        path: query,
        json,
        callback: callback as never,
        resultType: 'value',
        wrap: true,
        eval: 'safe',
      })
    }
    return count < 0 ? bytes : Buffer.from(JSON.stringify(json))
  }
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
    const rewriter = program.start()
    const parts: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 65_536) {
      const pushed = rewriter.push(bytes.subarray(at, at + 65_536), at + 65_536 >= bytes.length)
      if (pushed.kind === 'bytes') parts.push(pushed.bytes)
    }
    rewriter.exposures()
    return parts.length === 1 ? (parts[0] ?? bytes) : Buffer.concat(parts)
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
