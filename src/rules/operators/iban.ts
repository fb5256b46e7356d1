/** `iban`: country and last four characters of an account number. */
import { defineOperator } from './shared/define-operator.ts'
import { MARK } from './shared/marks.ts'
import { textOperator } from './shared/text-operator.ts'

// ISO 13616: country, two check digits, an account number of 11 to 30 characters.
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/
const SEPARATORS = /[ \-\u00a0]/g
const MASKED = /^[A-Z]{2}\*{3}[A-Z0-9]{4}$/

export const iban = defineOperator({
  name: 'iban',
  summary:
    'Keeps the country and the last four characters of an IBAN: DE***3000. What has not the form of one is redacted.',
  parameters: undefined,
  example: 'iban',
  build: () =>
    textOperator({
      name: 'iban',
      id: 'iban',
      mask: (text) => {
        if (MASKED.test(text)) return text
        const account = text.replaceAll(SEPARATORS, '').toUpperCase()
        return IBAN.test(account) ? account.slice(0, 2) + MARK + account.slice(-4) : undefined
      },
    }),
})
