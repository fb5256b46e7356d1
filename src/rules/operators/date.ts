/** `date`: year and month, year, or decade of a date. No age: operators have no clock. */
import { defineOperator } from './shared/define-operator.ts'
import { textOperator } from './shared/text-operator.ts'

// RFC 3339 dates, with or without a time of day; also those shortened already.
const MONTH = '(0[1-9]|1[0-2])'
const DAY = '(?:0[1-9]|[12]\\d|3[01])'
const TIME = '[Tt ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?(?:[Zz]|[ ]?[+-]\\d{2}:?\\d{2})?'
const DATE = new RegExp(`^(\\d{4})(?:-${MONTH}(?:-${DAY}(?:${TIME})?)?)?$`)
const DECADE = /^\d{3}0s$/

type Kept = 'year' | 'month' | 'decade'

export const date = defineOperator<Kept>({
  name: 'date',
  summary:
    'Keeps the year, 1985, year and month, 1985-03, or the decade, 1980s, of a date as RFC 3339 writes it, with or without time. What is no such date is redacted.',
  parameters: { enum: ['year', 'month', 'decade'] },
  example: '{ date: year }',
  build: (kept) =>
    textOperator({ name: 'date', id: `date(${kept})`, mask: (text) => shortDate(text, kept) }),
})

function shortDate(text: string, kept: Kept): string | undefined {
  if (kept === 'decade' && DECADE.test(text)) return text
  const [, year, month] = DATE.exec(text) ?? []
  if (year === undefined) return undefined
  if (kept === 'decade') return `${year.slice(0, 3)}0s`
  return kept === 'month' && month !== undefined ? `${year}-${month}` : year
}
