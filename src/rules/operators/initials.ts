/** `initials`: the first character of each word of a name. */
import { defineOperator } from './shared/define-operator.ts'
import { canAbbreviate, initialOf, isInitial, nameWords } from './shared/name-words.ts'
import { textOperator } from './shared/text-operator.ts'

const INITIALS_MAX = 3

export const initials = defineOperator({
  name: 'initials',
  summary:
    'Keeps the first character of each of the first three words: J. D. Names so short that hardly anything would be hidden, and what has no words, are redacted.',
  parameters: undefined,
  example: 'initials',
  build: () => textOperator({ name: 'initials', id: 'initials', mask: initialsOf }),
})

function initialsOf(text: string): string | undefined {
  const words = nameWords(text).slice(0, INITIALS_MAX)
  const short = words.map(initialOf).join(' ')
  // Masked already.
  if (short === text && words.every(isInitial)) return text
  return words.length > 0 && canAbbreviate(words) ? short : undefined
}
