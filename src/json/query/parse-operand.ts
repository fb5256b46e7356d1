/** Parses what filters are made of: literals, queries and function calls (RFC 9535 2.3.5.1, 2.4). */
import { compileRegexp } from '../regexp/program.ts'
import {
  isSingular,
  type Comparable,
  type FilterQuery,
  type FunctionArgument,
  type FunctionCall,
} from './ast.ts'
import { FUNCTIONS, isFunctionName } from './functions.ts'
import { parseSegments, type ParseTest } from './parse-segments.ts'
import { parseString, seesString } from './parse-string.ts'
import type { QueryReader } from './reader.ts'

/** A literal, query or call, with what decides whether it may be compared. */
export interface Operand {
  readonly operand: Comparable
  readonly position: number
  /** As in ParsedSegments. */
  readonly blankAt: number | undefined
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const WORD = /[a-z][a-z_0-9]*/y
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** The operand that begins here; a query in it may select many nodes. Throws a QuerySyntaxError or QueryLimitError. */
export function parseOperand(reader: QueryReader, parseTest: ParseTest): Operand {
  const { position } = reader
  if (reader.seesAny('@$')) {
    const { query, blankAt } = parseFilterQuery(reader, parseTest)
    return { operand: { kind: 'query', query }, position, blankAt }
  }
  return { operand: parseLiteralOrCall(reader, parseTest), position, blankAt: undefined }
}

/** Makes sure that an operand can be a side of a comparison. Throws a QuerySyntaxError. */
export function requireComparable(
  reader: QueryReader,
  { operand, position, blankAt }: Operand,
): Comparable {
  if (operand.kind === 'query') {
    if (!isSingular(operand.query.segments)) failSingular(reader, position)
    if (blankAt !== undefined) {
      reader.fail('no white space inside the brackets of a query that is compared', blankAt)
    }
  }
  if (operand.kind === 'function') requireValue(reader, operand.call, position)
  return operand
}

function parseFilterQuery(
  reader: QueryReader,
  parseTest: ParseTest,
): { readonly query: FilterQuery; readonly blankAt: number | undefined } {
  const from = reader.take('@') ? 'candidate' : 'root'
  if (from === 'root') reader.take('$')
  const { segments, blankAt } = parseSegments(reader, parseTest)
  return { query: { from, segments }, blankAt }
}

function parseLiteralOrCall(reader: QueryReader, parseTest: ParseTest): Comparable {
  if (seesString(reader)) return { kind: 'literal', value: parseString(reader) }
  if (reader.seesAny('-0123456789')) {
    const number = reader.takePattern(NUMBER)
    if (number === undefined) return reader.fail('a digit', reader.position + 1)
    if (reader.seesAny('0123456789')) return reader.fail('the end of the number')
    return { kind: 'literal', value: { number } }
  }
  const { position } = reader
  const word = reader.takePattern(WORD)
  if (word !== undefined && reader.sees('(')) {
    return { kind: 'function', call: parseCall(reader, word, parseTest) }
  }
  const value = word === undefined ? undefined : CONSTANTS.get(word)
  if (value === undefined) {
    return reader.fail('"@", "$", a literal or a function', position)
  }
  return { kind: 'literal', value }
}

/** A call, its name passed already. */
function parseCall(reader: QueryReader, name: string, parseTest: ParseTest): FunctionCall {
  if (!isFunctionName(name)) {
    const known = Object.keys(FUNCTIONS).join(', ')
    return reader.fail(`a function of RFC 9535 (${known})`, reader.position - name.length)
  }
  reader.take('(')
  const { parameters } = FUNCTIONS[name]
  const args = reader.nested(() =>
    parameters.map((parameter, index) => {
      if (index > 0 && !reader.take(',')) reader.fail(`"," and another argument of ${name}`)
      reader.skipBlanks()
      const argument = parseArgument(reader, parameter, parseTest)
      reader.skipBlanks()
      return argument
    }),
  )
  if (!reader.take(')')) {
    reader.fail(
      `")" after ${parameters.length === 1 ? 'the argument' : 'the arguments'} of ${name}`,
    )
  }
  requirePatternSize(reader, name, args)
  return { name, args }
}

function parseArgument(
  reader: QueryReader,
  parameter: 'value' | 'nodes',
  parseTest: ParseTest,
): FunctionArgument {
  if (parameter === 'nodes' && !reader.seesAny('@$')) reader.fail('a query ("@" or "$")')
  const { operand, position } = parseOperand(reader, parseTest)
  if (parameter === 'nodes') return operand
  if (operand.kind === 'query' && !isSingular(operand.query.segments)) {
    return failSingular(reader, position)
  }
  if (operand.kind === 'function') requireValue(reader, operand.call, position)
  return operand
}

function requireValue(reader: QueryReader, call: FunctionCall, position: number): void {
  if (FUNCTIONS[call.name].result === 'logical') {
    reader.fail(`a value; ${call.name} is a test and has none`, position)
  }
}

function failSingular(reader: QueryReader, position: number): never {
  return reader.fail('a query of at most one node (only names and indices)', position)
}

/** A pattern that is no I-Regexp matches nothing (2.4.6), but one that is too large could not be decided. */
function requirePatternSize(
  reader: QueryReader,
  name: FunctionCall['name'],
  args: readonly FunctionArgument[],
): void {
  const pattern = args[1]
  if (name !== 'match' && name !== 'search') return
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return
  const { fault } = compileRegexp(pattern.value)
  if (fault?.kind === 'size') reader.failLimit(`the pattern before has ${fault.message}`)
}
