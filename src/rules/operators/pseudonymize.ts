/** `pseudonymize`: the same value of the same class always gets the same other one, which nobody without the key can undo. */
import { strict as assert } from 'node:assert'
import { Buffer } from 'node:buffer'
import type { Pseudonymizer } from '../pseudonymizer.ts'
import { defineOperator } from './shared/define-operator.ts'
import { OperatorParameterError } from './errors.ts'
import { readableWords } from './shared/readable-words.ts'
import { textOperator } from './shared/text-operator.ts'

/** Long values too, since nothing of them leaves. */
const VALUE_UNITS_MAX = 65_536

/** What every Pseudonymizer answers: 132 bits as base64url. */
const PSEUDONYM = /^[A-Za-z0-9_-]{22}$/

type Form = 'short' | 'readable' | 'email'

export const pseudonymize = defineOperator<{ readonly form?: Form }>({
  name: 'pseudonymize',
  summary:
    'Replaces the value by a keyed pseudonym of it, stable within the data class: 22 characters, with form: readable words (66 bits), with form: email an address below pseudonym.invalid. The number 7 and the string "7" get the same. Needs a key.',
  parameters: {
    type: 'object',
    properties: { form: { enum: ['short', 'readable', 'email'] } },
    additionalProperties: false,
    default: {},
  },
  example: '{ pseudonymize: { form: readable } }',
  build: ({ form = 'short' }, { pseudonymizer, dataClass }) => {
    if (pseudonymizer === undefined) {
      throw new OperatorParameterError(
        'operator pseudonymize: needs a key for pseudonyms, and none is configured',
      )
    }
    return textOperator({
      name: 'pseudonymize',
      // With the class: instances of two classes give different pseudonyms, so they are not the same.
      id: `pseudonymize(${form}, ${JSON.stringify(dataClass)})`,
      mask: (text) => FORMS[form](pseudonymOf(pseudonymizer, dataClass, text)),
      unitsMax: VALUE_UNITS_MAX,
    })
  },
})

function pseudonymOf(pseudonymizer: Pseudonymizer, dataClass: string, text: string): string {
  const pseudonym = pseudonymizer.pseudonym(dataClass, text)
  assert.match(pseudonym, PSEUDONYM)
  return pseudonym
}

const FORMS: Readonly<Record<Form, (pseudonym: string) => string>> = {
  short: (pseudonym) => pseudonym,
  readable: readableWords,
  // Hexadecimal, since mail systems fold the case of the local part; .invalid never resolves (RFC 6761 6.4).
  email: (pseudonym) => `${Buffer.from(pseudonym, 'base64url').toString('hex')}@pseudonym.invalid`,
}
