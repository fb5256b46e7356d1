/** What YAML can say and a policy may not: each has let rules vanish without an error. */
import { isAlias, isCollection, isScalar, visit } from 'yaml'
import type { Document, Node, ParsedNode, YAMLMap } from 'yaml'
import type { PolicyFault } from './fault.ts'

/** Makes a fault for an offset in the text. */
export type FaultAt = (offset: number, message: string, hint?: string) => PolicyFault

/** Lists and maps one inside the other. */
const NESTING_MAX = 64
const NO_ANCHOR =
  'write the values out; anchors, aliases and merge keys are not part of the policy language'

/** For what nests deeper than is read, here or by the parser. */
export const TOO_DEEP = `the policy nests deeper than ${NESTING_MAX} levels`

/** A fault for each anchor, alias, merge key, tag, repeated member name and for what nests too deep. */
export function refusedFeatures(document: Document.Parsed, faultAt: FaultAt): PolicyFault[] {
  const faults: PolicyFault[] = []
  visit(document, {
    Node: (_, node, path) => {
      const offset = node.range?.[0] ?? 0
      if (isAlias(node)) faults.push(faultAt(offset, 'an alias (*) is refused', NO_ANCHOR))
      else if ((node as ParsedNode & { anchor?: string }).anchor !== undefined) {
        faults.push(faultAt(offset, 'an anchor (&) is refused', NO_ANCHOR))
      }
      if (node.tag !== undefined) {
        faults.push(faultAt(offset, 'a tag (!) is refused', 'write the plain value'))
      }
      if (isCollection(node) && path.filter(isCollection).length >= NESTING_MAX) {
        faults.push(faultAt(offset, TOO_DEEP))
        return visit.SKIP
      }
      return undefined
    },
    Pair: (_, pair) => {
      if (isScalar(pair.key) && pair.key.value === '<<') {
        faults.push(faultAt(offsetOfKey(pair.key), 'a merge key (<<) is refused', NO_ANCHOR))
      }
    },
  })
  visit(document, { Map: (_, map) => void faults.push(...repeatedNames(map, faultAt)) })
  return faults
}

// The parser can check this too, in quadratic time.
function repeatedNames(map: YAMLMap, faultAt: FaultAt): PolicyFault[] {
  const seen = new Set<unknown>()
  const faults: PolicyFault[] = []
  for (const { key } of map.items) {
    const name = isScalar(key) ? key.value : key
    if (seen.has(name)) {
      faults.push(
        faultAt(
          offsetOfKey(key),
          `the member \`${String(name)}\` stands twice`,
          'write each member once; a later one would replace the earlier',
        ),
      )
    }
    seen.add(name)
  }
  return faults
}

function offsetOfKey(key: unknown): number {
  return (key as Node | null)?.range?.[0] ?? 0
}

/**
 * Where the first directive (`%YAML`, `%TAG`) stands, or undefined. It could change the version of YAML, and with it what
 * the same text means. Only lines before the first document can be directives.
 */
export function directiveOffset(text: string): number | undefined {
  for (let start = 0; start < text.length;) {
    if (text[start] === '%') return start
    const newline = text.indexOf('\n', start)
    const line = text.slice(start, newline === -1 ? text.length : newline)
    if (newline === -1 || !/^\s*(#.*)?$/.test(line)) return undefined
    start = newline + 1
  }
  return undefined
}
