/** The slow reference's filters: RFC 9535 2.3.5 over the tree, without regular expressions. */
import type {
  Comparable,
  FilterQuery,
  FunctionCall,
  LogicalExpression,
  Segment,
} from '../../../src/json/query/ast.ts'
import { descendants, indices } from './select.ts'
import type { TreeNode } from './tree.ts'

/** A filter would have to choose between two members of one name. */
export class Ambiguous extends Error {}

/** Whether the candidate passes. Throws Ambiguous. */
export function passes(test: LogicalExpression, candidate: TreeNode, root: TreeNode): boolean {
  switch (test.kind) {
    case 'or':
      return test.operands.some((operand) => passes(operand, candidate, root))
    case 'and':
      return test.operands.every((operand) => passes(operand, candidate, root))
    case 'not':
      return !passes(test.operand, candidate, root)
    case 'exists':
      return nodesOf(test.query, candidate, root).next().done !== true
    case 'compare':
      return compares(
        test.operator,
        valueOf(test.left, candidate, root),
        valueOf(test.right, candidate, root),
      )
    default:
      throw new Error('the reference has no regular expressions')
  }
}

function* nodesOf(query: FilterQuery, candidate: TreeNode, root: TreeNode): Generator<TreeNode> {
  yield* follow(query.segments, query.from === 'root' ? root : candidate, root)
}

function* follow(
  segments: readonly Segment[],
  node: TreeNode,
  root: TreeNode,
): Generator<TreeNode> {
  const [segment, ...rest] = segments
  if (segment === undefined) {
    yield node
    return
  }
  const starts = segment.kind === 'child' ? [node] : descendants(node)
  for (const from of starts) {
    if (segment.kind === 'descendant') requireUnique(from)
    for (const child of children(segment, from, root)) yield* follow(rest, child, root)
  }
}

function* children(segment: Segment, from: TreeNode, root: TreeNode): Generator<TreeNode> {
  for (const selector of segment.selectors) {
    switch (selector.kind) {
      case 'name': {
        const found = from.children.filter(({ name }) => name === selector.name)
        if (found.length > 1) throw new Ambiguous()
        if (found[0] !== undefined) yield found[0].node
        break
      }
      case 'index':
      case 'slice':
        if (from.type !== 'array') break
        for (const at of indices(selector, from.children.length)) {
          const child = from.children[at]
          if (child !== undefined) yield child.node
        }
        break
      default:
        requireUnique(from)
        for (const { node } of from.children) {
          if (selector.kind === 'wildcard' || passes(selector.test, node, root)) yield node
        }
    }
  }
}

/** Nothing, or a value: a node, or a literal made one. */
type Value = TreeNode | undefined

function valueOf(side: Comparable, candidate: TreeNode, root: TreeNode): Value {
  if (side.kind === 'query') return [...nodesOf(side.query, candidate, root)][0]
  if (side.kind === 'function') return callOf(side.call, candidate, root)
  const { value } = side
  if (typeof value === 'string') return scalar('string', value)
  if (typeof value === 'boolean') return scalar('boolean', String(value))
  return value === null ? scalar('null', 'null') : scalar('number', value.number)
}

function callOf(call: FunctionCall, candidate: TreeNode, root: TreeNode): Value {
  const [argument] = call.args
  if (argument?.kind !== 'query') throw new Error('the reference takes queries only')
  const nodes = [...nodesOf(argument.query, candidate, root)]
  if (call.name === 'count') return scalar('number', String(nodes.length))
  const [node] = nodes
  if (call.name === 'value') return nodes.length === 1 ? node : undefined
  if (call.name !== 'length' || node === undefined) return undefined
  if (node.type === 'string') return scalar('number', String([...node.text].length))
  if (node.type !== 'array' && node.type !== 'object') return undefined
  requireUnique(node)
  return scalar('number', String(node.children.length))
}

function scalar(type: TreeNode['type'], text: string): TreeNode {
  return { type, start: 0, end: 0, text, children: [] }
}

function compares(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return equal(a, b)
    case '!=':
      return !equal(a, b)
    case '<':
      return less(a, b)
    case '>':
      return less(b, a)
    case '<=':
      return less(a, b) || equal(a, b)
    default:
      return less(b, a) || equal(a, b)
  }
}

function equal(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.type !== b.type) return false
  if (a.type === 'number') return difference(a.text, b.text) === 0n
  if (a.type === 'array') {
    // Element by element, and only then the lengths: where both look, a name that stands twice must show in both.
    const common = a.children.slice(0, b.children.length)
    return (
      common.every(({ node }, at) => equal(node, b.children[at]?.node)) &&
      a.children.length === b.children.length
    )
  }
  if (a.type !== 'object') return a.text === b.text
  requireUnique(a)
  requireUnique(b)
  const isPart = a.children.every(({ name, node }) => {
    const other = b.children.find((child) => child.name === name)
    return other !== undefined && equal(node, other.node)
  })
  return isPart && a.children.length === b.children.length
}

function less(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined || a.type !== b.type) return false
  if (a.type === 'number') return difference(a.text, b.text) < 0n
  if (a.type !== 'string') return false
  const [left, right] = [[...a.text], [...b.text]]
  for (const [at, character] of left.entries()) {
    const other = right[at]
    if (other === undefined) return false
    const order = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
    if (order !== 0) return order < 0
  }
  return left.length < right.length
}

/** Digits after the point that numbers of the generated documents may have. */
const SCALE = 800

function difference(a: string, b: string): bigint {
  return scaled(a) - scaled(b)
}

function scaled(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const power = SCALE + Number(exponent) - fraction.length
  return BigInt(whole + fraction) * 10n ** BigInt(power)
}

function requireUnique(node: TreeNode): void {
  const names = node.type === 'object' ? node.children.map(({ name }) => name) : []
  if (new Set(names).size !== names.length) throw new Ambiguous()
}
