/** The slow reference's queries: RFC 9535 over the tree, segment by segment, as the text of the RFC has it. */
import type { Query, Segment, Selector } from '../../../src/json/query/ast.ts'
import { Ambiguous, passes } from './filter.ts'
import type { TreeNode } from './tree.ts'

/** Nodes selected, and candidates about which a filter cannot decide. */
export interface Selection {
  readonly nodes: ReadonlySet<TreeNode>
  readonly undecided: ReadonlySet<TreeNode>
}

/** Evaluates a whole query. */
export function select(query: Query, root: TreeNode): Selection {
  const undecided = new Set<TreeNode>()
  let nodes = new Set([root])
  for (const segment of query.segments) {
    const next = new Set<TreeNode>()
    for (const node of nodes) {
      for (const from of segment.kind === 'child' ? [node] : descendants(node)) {
        for (const child of selected(from, segment, root, undecided)) next.add(child)
      }
    }
    nodes = next
  }
  return { nodes, undecided }
}

/** The node and all below it. */
export function* descendants(node: TreeNode): Generator<TreeNode> {
  yield node
  for (const child of node.children) yield* descendants(child.node)
}

/** Which elements an index or slice selects (RFC 9535 2.3.4.2.2). */
export function indices(
  selector: Extract<Selector, { kind: 'index' | 'slice' }>,
  length: number,
): readonly number[] {
  if (selector.kind === 'index') {
    return [selector.index < 0 ? length + selector.index : selector.index]
  }
  const { step } = selector
  if (step === 0) return []
  const normal = (bound: number) => (bound >= 0 ? bound : length + bound)
  const start = normal(selector.start ?? (step > 0 ? 0 : length - 1))
  const end = normal(selector.end ?? (step > 0 ? length : -length - 1))
  const found: number[] = []
  if (step > 0) {
    for (let at = Math.max(start, 0); at < Math.min(end, length); at += step) found.push(at)
  } else {
    for (let at = Math.min(start, length - 1); at > Math.max(end, -1); at += step) found.push(at)
  }
  return found
}

function* selected(
  from: TreeNode,
  segment: Segment,
  root: TreeNode,
  undecided: Set<TreeNode>,
): Generator<TreeNode> {
  for (const selector of segment.selectors) {
    if (selector.kind === 'index' || selector.kind === 'slice') {
      if (from.type !== 'array') continue
      for (const at of indices(selector, from.children.length)) {
        const child = from.children[at]
        if (child !== undefined) yield child.node
      }
      continue
    }
    for (const { name, node } of from.children) {
      if (selector.kind === 'wildcard') yield node
      else if (selector.kind === 'name') {
        if (name === selector.name) yield node
      } else if (decides(() => passes(selector.test, node, root), node, undecided)) yield node
    }
  }
}

function decides(test: () => boolean, node: TreeNode, undecided: Set<TreeNode>): boolean {
  try {
    return test()
  } catch (error) {
    if (!(error instanceof Ambiguous)) throw error
    undecided.add(node)
    return false
  }
}
