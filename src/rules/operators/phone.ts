/** `phone`: the last two digits of a telephone number. */
import { defineOperator } from './shared/define-operator.ts'
import { MARK } from './shared/marks.ts'
import { textOperator } from './shared/text-operator.ts'

// E.164 6.2.1 allows 15 digits; fewer than 7 are too few to hide among. Two more for a prefix such as 00.
const PHONE = /^\+?\d{7,17}$/
const SEPARATORS = /[\s().\-/\u2010-\u2015]/g
const MASKED = /^\*{3}\d{2}$/

export const phone = defineOperator({
  name: 'phone',
  summary:
    'Keeps the last two digits of a telephone number, in a form that shows neither country nor length: ***78. What is no number of 7 to 17 digits is redacted.',
  parameters: undefined,
  example: 'phone',
  build: () =>
    textOperator({
      name: 'phone',
      id: 'phone',
      mask: (text) => {
        if (MASKED.test(text)) return text
        const number = text.replaceAll(SEPARATORS, '')
        return PHONE.test(number) ? MARK + number.slice(-2) : undefined
      },
    }),
})
