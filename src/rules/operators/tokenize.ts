/** `tokenize`: the digits of a number become other digits, and whoever has the key can undo it. */
import { strict as assert } from 'node:assert'
import { OperatorParameterError } from './errors.ts'
import { defineOperator } from './shared/define-operator.ts'
import { NUMBER_UNITS_MAX, replaceDigits } from './shared/replace-digits.ts'
import { textOperator } from './shared/text-operator.ts'

/** As PCI DSS 3.4.1 allows for payment cards. */
const KEPT_MAX = 4

export const tokenize = defineOperator<{ readonly keepLast?: number }>({
  name: 'tokenize',
  summary:
    'Replaces the digits of a number by as many other digits, which the key turns back (FF1, NIST SP 800-38G); with keepLast up to four at the end stay. Separators and up to four letters stay. The same number of the same class always gets the same token; the number 7 and the string "7" get the same, a string. Where fewer than six digits would be replaced, and what is no such number, is redacted. Needs a key.',
  parameters: {
    type: 'object',
    properties: { keepLast: { type: 'integer', minimum: 1, maximum: KEPT_MAX } },
    additionalProperties: false,
    default: {},
  },
  example: '{ tokenize: { keepLast: 4 } }',
  build: ({ keepLast = 0 }, { tokenizer, dataClass }) => {
    if (tokenizer === undefined) {
      throw new OperatorParameterError(
        'operator tokenize: needs a key for tokens, and none is configured',
      )
    }
    return textOperator({
      name: 'tokenize',
      // With the class: instances of two classes give different tokens, so they are not the same.
      id: `tokenize(${keepLast}, ${JSON.stringify(dataClass)})`,
      mask: (text) =>
        replaceDigits(text, keepLast, (digits, kept) => {
          const token = tokenizer.tokenize(dataClass, digits, kept)
          assert(token.length === digits.length && /^[0-9]+$/.test(token), 'a token is digits')
          return token
        }),
      unitsMax: NUMBER_UNITS_MAX,
    })
  },
})
