/** Random expressions of each search language, most of them well-formed, over a few fields and values. */
import * as fc from 'fast-check'

export const FIELDS = ['email', 'phone', 'status', 'name'] as const
export const VALUES = [
  'jane@x.example',
  'ali@x.example',
  '0612345678',
  'open',
  'Jane',
  'a',
  '7',
] as const

const field = fc.constantFrom(...FIELDS)
const value = fc.constantFrom(...VALUES, 'jane*', 'JANE@x.example', '')
const join = fc.constantFrom('and', 'or', 'AND', 'OR')

/** Terms between joins, some of them in parentheses or negated. */
function joined(term: fc.Arbitrary<string>, negates: boolean): fc.Arbitrary<string> {
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 3, arbitrary: term },
      {
        weight: 2,
        arbitrary: fc
          .tuple(tie('expression'), join, tie('expression'))
          .map(([a, how, b]) => `${a} ${how} ${b}`),
      },
      { weight: 1, arbitrary: tie('expression').map((inside) => `(${inside})`) },
      ...(negates
        ? [{ weight: 1, arbitrary: tie('expression').map((inside) => `not (${inside})`) }]
        : []),
    ),
  }))
  return expression
}

const sqlTerm = fc
  .tuple(field, fc.constantFrom('=', '!=', '<', 'LIKE', 'NOT LIKE', 'STARTSWITH'), value)
  .map(([name, operator, text]) => `${name} ${operator} '${text}'`)

const odataTerm = fc.oneof(
  fc
    .tuple(field, fc.constantFrom('eq', 'ne', 'lt', 'ge'), value)
    .map(([name, operator, text]) => `${name} ${operator} '${text}'`),
  fc
    .tuple(fc.constantFrom('startswith', 'contains'), field, value)
    .map(([name, of, text]) => `${name}(${of},'${text}')`),
)

const zendeskTerm = fc
  .tuple(fc.constantFrom('', '', '', '-'), field, fc.constantFrom(':', ':', ':', '<', '>='), value)
  .map(([minus, name, operator, text]) => `${minus}${name}${operator}${text}`)

export const SENTENCES = {
  ticketsql: joined(sqlTerm, false),
  odata: joined(odataTerm, true),
  zendesk: fc.array(zendeskTerm, { minLength: 1, maxLength: 4 }).map((terms) => terms.join(' ')),
  names: fc.array(field, { minLength: 1, maxLength: 3 }).map((some) => some.join(',')),
  value,
} as const
