/**
 * A slow evaluator of RFC 9535 over JavaScript values, written from the text of the RFC and not from the evaluator. It
 * knows nothing of names that stand twice, and numbers are doubles; patterns are left to the matcher.
 */
import { isDeepStrictEqual } from 'node:util'
import type {
  Comparable,
  FilterQuery,
  FunctionArgument,
  FunctionCall,
  LogicalExpression,
  Segment,
  Selector,
} from '../../../src/json/query/ast.ts'
import { quote } from '../../../src/json/query/quote.ts'
import { matchesPart, matchesWhole } from '../../../src/json/regexp/matcher.ts'
import { compileRegexp } from '../../../src/json/regexp/program.ts'

export interface Node {
  readonly path: string
  readonly value: unknown
}

const NOTHING = Symbol('nothing')

/** The nodes that the segments select from `start`; `root` is what `$` means. */
export function referenceNodes(
  segments: readonly Segment[],
  start: Node,
  root: unknown,
): readonly Node[] {
  let nodes: readonly Node[] = [start]
  for (const { kind, selectors } of segments) {
    const inputs = kind === 'child' ? nodes : nodes.flatMap(descendants)
    nodes = inputs.flatMap((node) => selectors.flatMap((selector) => apply(selector, node, root)))
  }
  return nodes
}

function children({ path, value }: Node): readonly Node[] {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }))
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).map(([name, item]) => ({
    path: `${path}[${quote(name)}]`,
    value: item as unknown,
  }))
}

function descendants(node: Node): readonly Node[] {
  return [node, ...children(node).flatMap(descendants)]
}

function apply(selector: Selector, node: Node, root: unknown): readonly Node[] {
  const { value } = node
  const below = children(node)
  switch (selector.kind) {
    case 'wildcard':
      return below
    case 'filter':
      return below.filter((child) => passes(selector.test, child.value, root))
    case 'name':
      if (Array.isArray(value)) return []
      return below.filter(({ path }) => path === `${node.path}[${quote(selector.name)}]`)
    case 'index':
      return Array.isArray(value) ? below.slice(selector.index).slice(0, 1).filter(inRange) : []
    default:
      return Array.isArray(value) ? slice(selector, below) : []
  }

  function inRange(): boolean {
    if (selector.kind !== 'index') return false
    return selector.index >= 0 || -selector.index <= below.length
  }
}

/** 2.3.4.2.2, in its own words. */
function slice(
  { start, end, step }: Extract<Selector, { kind: 'slice' }>,
  below: readonly Node[],
): readonly Node[] {
  const length = below.length
  const selected: Node[] = []
  const normalize = (i: number): number => (i >= 0 ? i : length + i)
  const push = (i: number): void => {
    const node = below[i]
    if (node !== undefined) selected.push(node)
  }
  if (step > 0) {
    const lower = Math.min(Math.max(normalize(start ?? 0), 0), length)
    const upper = Math.min(Math.max(normalize(end ?? length), 0), length)
    for (let i = lower; i < upper; i += step) push(i)
  } else if (step < 0) {
    const upper = Math.min(Math.max(normalize(start ?? length - 1), -1), length - 1)
    const lower = Math.min(Math.max(normalize(end ?? -length - 1), -1), length - 1)
    for (let i = upper; lower < i; i += step) push(i)
  }
  return selected
}

function passes(test: LogicalExpression, candidate: unknown, root: unknown): boolean {
  switch (test.kind) {
    case 'or':
      return test.operands.some((operand) => passes(operand, candidate, root))
    case 'and':
      return test.operands.every((operand) => passes(operand, candidate, root))
    case 'not':
      return !passes(test.operand, candidate, root)
    case 'exists':
      return select(test.query, candidate, root).length > 0
    case 'function':
      return matches(test.call, candidate, root)
    default: {
      const left = valueOf(test.left, candidate, root)
      const right = valueOf(test.right, candidate, root)
      return compares(test.operator, left, right)
    }
  }
}

function compares(operator: string, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return isDeepStrictEqual(left, right)
    case '!=':
      return !isDeepStrictEqual(left, right)
    case '<':
      return less(left, right)
    case '>':
      return less(right, left)
    case '<=':
      return less(left, right) || isDeepStrictEqual(left, right)
    default:
      return less(right, left) || isDeepStrictEqual(left, right)
  }
}

function less(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right
  if (typeof left !== 'string' || typeof right !== 'string') return false
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8')) < 0
}

function matches({ name, args }: FunctionCall, candidate: unknown, root: unknown): boolean {
  const [text, pattern] = args.map((argument) => valueOf(argument, candidate, root))
  if (typeof text !== 'string' || typeof pattern !== 'string') return false
  const { program } = compileRegexp(pattern)
  const run = name === 'match' ? matchesWhole : matchesPart
  return program !== undefined && run(program, text, { spend: () => {} })
}

function valueOf(
  operand: Comparable | FunctionArgument,
  candidate: unknown,
  root: unknown,
): unknown {
  if (operand.kind === 'literal') {
    const { value } = operand
    return value !== null && typeof value === 'object' ? Number(value.number) + 0 : value
  }
  if (operand.kind === 'query') return only(select(operand.query, candidate, root))
  if (operand.kind === 'logical') throw new Error('no function takes a logical argument')
  const { name, args } = operand.call
  const [argument] = args
  if (argument === undefined) throw new Error('an argument')
  if (name === 'length') return lengthOf(valueOf(argument, candidate, root))
  if (argument.kind !== 'query') throw new Error('a query')
  const nodes = select(argument.query, candidate, root)
  return name === 'count' ? nodes.length : only(nodes)
}

function only(nodes: readonly Node[]): unknown {
  return nodes.length === 1 ? nodes[0]?.value : NOTHING
}

function lengthOf(value: unknown): unknown {
  if (typeof value === 'string') return Array.from(value).length
  if (value === null || typeof value !== 'object') return NOTHING
  return Object.keys(value).length
}

function select(query: FilterQuery, candidate: unknown, root: unknown): readonly Node[] {
  const value = query.from === 'root' ? root : candidate
  return referenceNodes(query.segments, { path: '$', value }, root)
}
