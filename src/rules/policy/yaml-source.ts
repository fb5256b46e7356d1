/**
 * A policy's text as data that remembers its places. Strict YAML 1.2: no anchors, aliases, merge keys, tags, directives
 * or second documents, since each has let rules vanish without an error; every warning of the parser is a fault.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { Document, Node, YAMLMap } from 'yaml'
import type { Complaint, PolicyFault, PolicyPath } from './fault.ts'
import { directiveOffset, refusedFeatures, TOO_DEEP } from './refused-yaml.ts'
import type { FaultAt } from './refused-yaml.ts'

/** Largest policy file that is read. */
export const POLICY_BYTES_MAX = 1_048_576
const FAULTS_MAX = 100
/** Complaints that are looked up in the text: with more than these the policy is wrong enough. */
const COMPLAINTS_MAX = 1_000

export interface YamlSource {
  readonly file: string
  /** Plain data. Meaningful only where `faults` is empty. */
  readonly data: unknown
  readonly faults: readonly PolicyFault[]
  /** Turns complaints into faults with line and column, by place in the file, at most 100. */
  readonly locate: (complaints: readonly Complaint[]) => PolicyFault[]
}

/** Parses `text`; never throws for what the text says. `what`: how messages call the file; `emptyHint`: what its author starts from. */
export function parseYamlSource(
  file: string,
  text: string,
  what = 'the policy',
  emptyHint = 'start from config/policies.yaml',
): YamlSource {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const faultAt: FaultAt = (offset, message, hint) => {
    const { line, col } = lines.linePos(offset)
    return {
      code: 'ERR_POLICY_INVALID',
      file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      message,
      hint,
    }
  }
  if ('empty' in documents || documents.length === 0) {
    return emptySource(file, faultAt(0, `${what} is empty`, emptyHint))
  }
  const document = documents[0] as Document.Parsed
  const faults = [
    ...parserFaults(text, document, faultAt),
    ...structureFaults(text, documents, faultAt, what),
    ...refusedFeatures(document, faultAt),
  ]
  const locate = (complaints: readonly Complaint[]) =>
    bySource(
      complaints
        .slice(0, COMPLAINTS_MAX)
        .map((complaint) => locateOne(document, complaint, faultAt)),
    )
  if (faults.length > 0) return { file, data: undefined, faults: bySource(faults), locate }
  return { file, data: document.toJS({ maxAliasCount: 0 }) as unknown, faults: [], locate }
}

function emptySource(file: string, fault: PolicyFault): YamlSource {
  return { file, data: undefined, faults: [fault], locate: () => [fault] }
}

function parserFaults(text: string, document: Document.Parsed, faultAt: FaultAt): PolicyFault[] {
  return [...document.errors, ...document.warnings].map(({ code, pos, message }) => {
    if (code === 'RESOURCE_EXHAUSTION') return faultAt(pos[0], TOO_DEEP)
    return faultAt(pos[0], message, hintFor(code, text.charAt(pos[0])))
  })
}

function hintFor(code: string, found: string): string | undefined {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces'
  return code === 'UNEXPECTED_TOKEN' && found === '['
    ? 'inside { } and [ ] a query with brackets is written in quotes: "$.users[*].email"'
    : undefined
}

function structureFaults(
  text: string,
  [document, second]: readonly Document.Parsed[],
  faultAt: FaultAt,
  what: string,
): PolicyFault[] {
  const faults: PolicyFault[] = []
  const directive = directiveOffset(text)
  if (directive !== undefined) {
    faults.push(faultAt(directive, 'a directive (%) is refused', 'policies are YAML 1.2 as it is'))
  }
  const mark = text.indexOf('\uFEFF')
  if (mark !== -1) faults.push(faultAt(mark, 'a byte order mark inside the text is refused'))
  if (second !== undefined) {
    faults.push(faultAt(second.range[0], `a second YAML document; ${what} is one document`))
  }
  if (document?.contents === null) faults.push(faultAt(0, `${what} is empty`))
  return faults
}

function locateOne(document: Document.Parsed, complaint: Complaint, faultAt: FaultAt): PolicyFault {
  const offset = offsetOf(document, complaint.path, complaint.atKey === true)
  const fault = faultAt(offset, complaint.message, complaint.hint)
  return complaint.notSupported === true ? { ...fault, code: 'ERR_NOT_SUPPORTED' } : fault
}

// Walks as far as the path exists; what is missing is reported at its nearest parent.
function offsetOf(document: Document.Parsed, path: PolicyPath, atKey: boolean): number {
  let node: unknown = document.contents
  let offset = (node as Node | null)?.range?.[0] ?? 0
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1
    if (isMap(node)) {
      const pair = pairOf(node, step)
      if (pair === undefined) break
      const value = pair.value as Node | null
      const useKey = (last && atKey) || value === null
      offset = (useKey ? (pair.key as Node) : value).range?.[0] ?? offset
      node = value
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step] as Node | undefined
      if (item === undefined) break
      offset = item.range?.[0] ?? offset
      node = item
    } else break
  }
  return offset
}

function pairOf(map: YAMLMap, name: string | number) {
  return map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === name)
}

function bySource(faults: PolicyFault[]): PolicyFault[] {
  const seen = new Set<string>()
  return faults
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .filter((fault) => {
      const key = `${fault.line}:${fault.column}:${fault.message}`
      return seen.has(key) ? false : seen.add(key)
    })
    .slice(0, FAULTS_MAX)
}
