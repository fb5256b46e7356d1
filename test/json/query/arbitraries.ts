/** Makes random queries as trees: whatever the grammar of RFC 9535 can say, up to a few levels deep. */
import * as fc from 'fast-check'
import type {
  Comparable,
  FilterQuery,
  FunctionCall,
  Literal,
  LogicalExpression,
  Segment,
  Selector,
} from '../../../src/json/query/ast.ts'

/** Records with the prototype of any other object, so that they equal what the parser makes. */
function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true })
}

const name = fc.oneof(
  fc.constantFrom('a', 'b', "it's", '"', '\\', '\n', '\u0000', '\u007f', '😀', 'é', ''),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const integer = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4, max: 4 }) },
  fc.maxSafeInteger(),
)
const optionalInteger = fc.option(integer, { nil: undefined })
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.nat(),
    fc.constantFrom('', '.0', '.50', '.001'),
    fc.constantFrom('', 'e0', 'E+12', 'e-3', 'e99999'),
  )
  .map((parts) => ({ number: parts.join('') }))
const literal: fc.Arbitrary<Literal> = fc.oneof(name, fc.boolean(), fc.constant(null), numberText)
const singularSelector: fc.Arbitrary<Selector> = fc.oneof(
  record({ kind: fc.constant('name' as const), name }),
  record({ kind: fc.constant('index' as const), index: integer }),
)
const from = fc.constantFrom('candidate' as const, 'root' as const)
const singular: fc.Arbitrary<FilterQuery> = record({
  from,
  segments: fc.array(
    singularSelector.map((selector): Segment => ({ kind: 'child', selectors: [selector] })),
    { maxLength: 3 },
  ),
})

interface Parts {
  readonly segments: readonly Segment[]
  readonly test: LogicalExpression
  readonly comparable: Comparable
  readonly call: FunctionCall
}

const { segments } = fc.letrec<Parts>((tie: fc.LetrecTypedTie<Parts>) => {
  const filterQuery = record({ from, segments: tie('segments') })
  const queryArgument = record({ kind: fc.constant('query' as const), query: filterQuery })
  const selector: fc.Arbitrary<Selector> = fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    singularSelector,
    fc.constant<Selector>({ kind: 'wildcard' }),
    record({
      kind: fc.constant('slice' as const),
      start: optionalInteger,
      end: optionalInteger,
      step: integer,
    }),
    record({ kind: fc.constant('filter' as const), test: tie('test') }),
  )
  return {
    segments: fc.array(
      record({
        kind: fc.constantFrom('child' as const, 'descendant' as const),
        selectors: fc.array(selector, { minLength: 1, maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
    test: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      record({ kind: fc.constant('exists' as const), query: filterQuery }),
      record({
        kind: fc.constant('compare' as const),
        operator: fc.constantFrom('==' as const, '!=', '<', '<=', '>', '>='),
        left: tie('comparable'),
        right: tie('comparable'),
      }),
      record({
        kind: fc.constant('function' as const),
        call: record({
          name: fc.constantFrom('match' as const, 'search'),
          args: fc.tuple(tie('comparable'), tie('comparable')),
        }),
      }),
      record({ kind: fc.constant('not' as const), operand: tie('test') }),
      record({
        kind: fc.constantFrom('and' as const, 'or'),
        operands: fc.array(tie('test'), { minLength: 2, maxLength: 3 }),
      }),
    ),
    comparable: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal.map((value): Comparable => ({ kind: 'literal', value })),
      singular.map((query): Comparable => ({ kind: 'query', query })),
      tie('call').map((call): Comparable => ({ kind: 'function', call })),
    ),
    call: fc.oneof(
      record({
        name: fc.constant('length' as const),
        args: fc.tuple(tie('comparable')),
      }),
      record({
        name: fc.constantFrom('count' as const, 'value'),
        args: fc.tuple(queryArgument),
      }),
    ),
  }
})

/** The segments of a query. */
export const arbitrarySegments: fc.Arbitrary<readonly Segment[]> = segments

/** Text that is nearly a query: its tokens in any order, between other characters. */
export const arbitraryTokens: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'$@.*[](),?:!\'"\\ \n01-eE=<>&|'.split('')),
      fc.constantFrom(
        '..',
        '[?',
        '==',
        '&&',
        '||',
        'length(',
        'match(',
        '"a"',
        '.a',
        'null',
        '\\u',
      ),
      fc.string({ unit: 'binary', maxLength: 2 }),
      fc.string({ unit: fc.constantFrom('\ud800', '\udc00', '\u0000'), maxLength: 1 }),
    ),
    { maxLength: 24 },
  )
  .map((tokens) => `$${tokens.join('')}`)
