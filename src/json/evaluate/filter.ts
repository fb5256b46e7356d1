/** Compiles filters to functions over a tape and runs them (RFC 9535 2.3.5). No text is ever evaluated. */
import { strict as assert } from 'node:assert'
import { isSingular } from '../query/ast.ts'
import type {
  Comparable,
  FilterQuery,
  FunctionArgument,
  FunctionCall,
  LogicalExpression,
} from '../query/ast.ts'
import { compileRegexp } from '../regexp/program.ts'
import { KIND_STRING } from '../tape/tape.ts'
import { elementAt } from './children.ts'
import { compare } from './compare.ts'
import { countOf, lengthOf, onlyNodeOf } from './functions.ts'
import { nameOf, onlyMember } from './members.ts'
import { patternFromDocument, textMatches } from './patterns.ts'
import type { Run, Test, Visitor } from './run.ts'
import { constantOf, kindOf, textOf, type Value } from './value.ts'
import { compileSegments } from './visit.ts'

/** The value of a comparable for a candidate. */
type Evaluate = (run: Run, candidate: number) => Value

const compiled = new WeakMap<LogicalExpression, Test>()

/**
 * The filter as a function of a run and a candidate; the same one for the same expression. It throws a JsonWorkError
 * where the budget runs out, and a JsonAmbiguousError where the answer hangs on a name that an object has twice.
 */
export function compileTest(test: LogicalExpression): Test {
  let found = compiled.get(test)
  if (found === undefined) {
    found = compileLogical(test)
    compiled.set(test, found)
  }
  return found
}

function compileLogical(test: LogicalExpression): Test {
  switch (test.kind) {
    case 'or': {
      const operands = test.operands.map(compileLogical)
      return (run, candidate) => operands.some((operand) => operand(run, candidate))
    }
    case 'and': {
      const operands = test.operands.map(compileLogical)
      return (run, candidate) => operands.every((operand) => operand(run, candidate))
    }
    case 'not': {
      const operand = compileLogical(test.operand)
      return (run, candidate) => !operand(run, candidate)
    }
    case 'exists':
      return compileExistence(test.query)
    case 'compare': {
      const left = compileComparable(test.left)
      const right = compileComparable(test.right)
      const { operator } = test
      return (run, candidate) => compare(run, operator, left(run, candidate), right(run, candidate))
    }
    default:
      return compileMatch(test.call)
  }
}

function compileExistence(query: FilterQuery): Test {
  if (isSingular(query.segments)) {
    const node = compileSingular(query)
    return (run, candidate) => node(run, candidate) !== undefined
  }
  const visit = compileQuery(query)
  return (run, candidate) => visit(run, candidate, () => true)
}

function compileComparable(side: Comparable): Evaluate {
  switch (side.kind) {
    case 'literal': {
      const constant = constantOf(side.value)
      return () => constant
    }
    case 'query':
      return compileSingular(side.query)
    default:
      return compileValueFunction(side.call)
  }
}

/** A query of at most one node, walked without a visitor. */
function compileSingular(query: FilterQuery): Evaluate {
  const steps = query.segments
    .flatMap((segment) => segment.selectors)
    .map((selector) => {
      if (selector.kind === 'index') {
        return (run: Run, node: number) => elementAt(run, node, selector.index)
      }
      const name = nameOf(selector.kind === 'name' ? selector.name : '')
      return (run: Run, node: number) => onlyMember(run, node, name)
    })
  const absolute = query.from === 'root'
  return (run, candidate) => {
    let node = absolute ? run.root : candidate
    for (const step of steps) {
      node = step(run, node)
      if (node < 0) return undefined
    }
    return node
  }
}

function compileQuery(query: FilterQuery): Visitor {
  const visit = compileSegments(query.segments, { compileTest, insideFilter: true })
  if (query.from === 'candidate') return visit
  return (run, _candidate, sink) => visit(run, run.root, sink)
}

/** `length`, `count` and `value`: functions whose result is compared. */
function compileValueFunction(call: FunctionCall): Evaluate {
  const [argument] = call.args
  if (call.name === 'length') {
    const value = compileValueArgument(argument)
    return (run, candidate) => lengthOf(run, value(run, candidate))
  }
  assert(argument?.kind === 'query', `${call.name} takes a query`)
  const visit = compileQuery(argument.query)
  const answer = call.name === 'count' ? countOf : onlyNodeOf
  return (run, candidate) => answer(run, visit, candidate)
}

/** `match` and `search`. */
function compileMatch(call: FunctionCall): Test {
  const [text, pattern] = call.args
  const whole = call.name === 'match'
  assert(whole || call.name === 'search', `${call.name} is no test`)
  const subject = compileValueArgument(text)
  if (pattern?.kind === 'literal' && typeof pattern.value === 'string') {
    const regexp = compileRegexp(pattern.value)
    return (run, candidate) => {
      const value = stringOf(run, subject(run, candidate))
      return value !== undefined && textMatches(regexp, value, whole, run.budget)
    }
  }
  const dynamic = compileValueArgument(pattern)
  return (run, candidate) => {
    const value = stringOf(run, subject(run, candidate))
    const source = stringOf(run, dynamic(run, candidate))
    if (value === undefined || source === undefined) return false
    return textMatches(patternFromDocument(source, run.budget), value, whole, run.budget)
  }
}

function stringOf(run: Run, value: Value): string | undefined {
  if (value === undefined || kindOf(run, value) !== KIND_STRING) return undefined
  return textOf(run, value)
}

function compileValueArgument(argument: FunctionArgument | undefined): Evaluate {
  assert(argument !== undefined && argument.kind !== 'logical', 'an argument that has a value')
  return compileComparable(argument)
}
