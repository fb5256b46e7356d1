/** Names of fields in a list, to sort or select by: `-created_at,status`, `created_at desc`. To name a field is to ask it. */
import { TERMS_MAX } from './expression.ts'
import type { Term } from './expression.ts'
import type { TextGrammar } from './grammar.ts'

const NAME = /^([+-]?)([A-Za-z_][\w.]{0,63}(?:\{[^{}'",]{1,64}\})?)(?: (asc|desc))?$/i

export const names: TextGrammar = {
  name: 'names',
  wholeValues: false,
  parse: (text) => {
    const terms = text.split(/, ?/).map(parseName)
    const known = terms.filter((term) => term !== undefined)
    const distinct = new Set(known.map(({ field }) => field))
    if (distinct.size !== terms.length || terms.length > TERMS_MAX) return undefined
    return known.length === 1 ? known[0] : { kind: 'and', operands: known }
  },
  format: (expression) => {
    const operands = expression.kind === 'and' ? expression.operands : [expression]
    return operands.map((one) => (one.kind === 'term' ? one.value : '')).join(',')
  },
}

function parseName(text: string): Term | undefined {
  const [, sign, field, order] = NAME.exec(text) ?? []
  if (field === undefined || (sign !== '' && order !== undefined)) return undefined
  const operator = sign === '' ? (order ?? '') : (sign ?? '')
  return { kind: 'term', field, operator, value: text, quoted: false, equals: false }
}
