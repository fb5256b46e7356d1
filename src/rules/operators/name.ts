/** `name`: one word of a name in full, the other as its initial. */
import { defineOperator } from './shared/define-operator.ts'
import { canAbbreviate, initialOf, isInitial, nameWords } from './shared/name-words.ts'
import { textOperator } from './shared/text-operator.ts'

// What may stay in full must be a word as names have them, not an address or number in a field for names.
const WORD = /^\p{L}[\p{L}\p{M}'’.-]{0,31}$/u

type Kept = 'first' | 'last'

export const name = defineOperator<Kept>({
  name: 'name',
  summary:
    'Keeps the first word and the initial of the last, Jane D., or with last the other way round, J. Doe. A single word becomes its initial; what is no name, or too short to hide anything, is redacted.',
  parameters: { enum: ['first', 'last'] },
  example: '{ name: first }',
  build: (kept) =>
    textOperator({ name: 'name', id: `name(${kept})`, mask: (text) => shortName(text, kept) }),
})

function shortName(text: string, kept: Kept): string | undefined {
  const words = nameWords(text)
  const first = words[0]
  const last = words.at(-1)
  if (first === undefined || last === undefined) return undefined
  if (words.length === 1) return shortWord(text, first)
  const whole = kept === 'first' ? first : last
  const cut = kept === 'first' ? last : first
  const short = kept === 'first' ? `${first} ${initialOf(last)}` : `${initialOf(first)} ${last}`
  if (!WORD.test(whole)) return undefined
  // Masked already.
  if (short === text && isInitial(cut)) return text
  return canAbbreviate([cut]) ? short : undefined
}

function shortWord(text: string, word: string): string | undefined {
  if (text === word && isInitial(word)) return text
  return canAbbreviate([word]) ? initialOf(word) : undefined
}
