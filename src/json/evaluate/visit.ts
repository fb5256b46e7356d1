/** Compiles the segments of a query to a visitor that walks a tape (RFC 9535 2.3 and 2.5). */
import type { Segment, Selector } from '../query/ast.ts'
import { KIND_ARRAY, KIND_OBJECT } from '../tape/tape.ts'
import { isNamed, nameOf, onlyMember, requireUniqueNames } from './members.ts'
import type { CompileTest, Run, Sink, Visitor } from './run.ts'
import { elementAt, sliceOf } from './children.ts'

/** How segments are compiled. */
export interface VisitOptions {
  readonly compileTest: CompileTest
  /** Inside a filter a name that stands twice is refused; outside each occurrence is selected. */
  readonly insideFilter: boolean
}

/** The visitor of a whole query: from the node it starts at to each node selected, in the order of the RFC. */
export function compileSegments(segments: readonly Segment[], options: VisitOptions): Visitor {
  return segments.reduceRight<Visitor>(
    (next, segment) => compileSegment(segment, next, options),
    (_run, node, sink) => sink(node),
  )
}

function compileSegment(segment: Segment, next: Visitor, options: VisitOptions): Visitor {
  const selectors = segment.selectors.map((selector) => compileSelector(selector, next, options))
  const children = inTurn(selectors)
  if (segment.kind === 'child') return children
  return (run, node, sink) => {
    const after = run.tape.next[node] ?? 0
    for (let below = node; below < after; below += 1) {
      run.budget.spend(1)
      if (options.insideFilter) requireUniqueWhereObject(run, below)
      if (children(run, below, sink)) return true
    }
    return false
  }
}

/** Selectors of one segment, one after the other. */
function inTurn(visitors: readonly Visitor[]): Visitor {
  const [only] = visitors
  if (visitors.length === 1 && only !== undefined) return only
  return (run, node, sink) => visitors.some((visitor) => visitor(run, node, sink))
}

function compileSelector(selector: Selector, next: Visitor, options: VisitOptions): Visitor {
  switch (selector.kind) {
    case 'name':
      return options.insideFilter
        ? onlyMemberVisitor(selector.name, next)
        : everyMemberVisitor(selector.name, next)
    case 'index':
      return (run, node, sink) => {
        const element = elementAt(run, node, selector.index)
        return element >= 0 && next(run, element, sink)
      }
    case 'slice':
      return (run, node, sink) =>
        sliceOf(run, node, selector).some((element) => next(run, element, sink))
    case 'wildcard':
      return childrenVisitor(next, options)
    default: {
      const test = options.compileTest(selector.test)
      const passing: Visitor = (run, child, sink) => test(run, child) && next(run, child, sink)
      return childrenVisitor(passing, options)
    }
  }
}

function onlyMemberVisitor(text: string, next: Visitor): Visitor {
  const name = nameOf(text)
  return (run, node, sink) => {
    const member = onlyMember(run, node, name)
    return member >= 0 && next(run, member, sink)
  }
}

function everyMemberVisitor(text: string, next: Visitor): Visitor {
  const name = nameOf(text)
  return (run, node, sink) => {
    if (run.tape.kind[node] !== KIND_OBJECT) return false
    const after = run.tape.next[node] ?? 0
    for (let child = node + 1; child < after; child = run.tape.next[child] ?? after) {
      if (isNamed(run, child, name) && next(run, child, sink)) return true
    }
    return false
  }
}

function childrenVisitor(next: Visitor, options: VisitOptions): Visitor {
  return (run: Run, node: number, sink: Sink) => {
    const { tape } = run
    if ((tape.kind[node] ?? 0) < KIND_ARRAY) return false
    if (options.insideFilter) requireUniqueWhereObject(run, node)
    const after = tape.next[node] ?? 0
    for (let child = node + 1; child < after; child = tape.next[child] ?? after) {
      run.budget.spend(1)
      if (next(run, child, sink)) return true
    }
    return false
  }
}

function requireUniqueWhereObject(run: Run, node: number): void {
  if (run.tape.kind[node] === KIND_OBJECT) requireUniqueNames(run, node)
}
