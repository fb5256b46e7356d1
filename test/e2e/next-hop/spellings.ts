/** The ways to write one text in a query string or a form. Written apart from the gateway's own encoder on purpose. */

/** One way to write. */
export interface Spelling {
  readonly name: string
  readonly spell: (text: string) => string
}

/** What stands for itself in what the gateway writes: RFC 3986 2.3, and five that no encoder of the web escapes. */
const PLAIN = /[A-Za-z0-9._~!'()*-]/
/** What may stand as it is in a name or a value of what the gateway takes. */
const TAKEN = /[\x21\x24-\x7e]/

/** The text in the only spelling that goes on. */
export function canonical(text: string): string {
  return spellBytes(text, (character) => PLAIN.test(character), 'upper')
}

/** Canonical, as little escaped as possible, and as much as possible, in lower case. */
export const SPELLINGS: readonly Spelling[] = [
  { name: 'in the spelling that goes on', spell: canonical },
  {
    name: 'hardly escaped',
    spell: (text) =>
      text
        .split(' ')
        .map((word) => spellBytes(word, (one) => TAKEN.test(one) && !/[%&+=]/.test(one), 'upper'))
        .join('+'),
  },
  { name: 'escaped whole', spell: (text) => spellBytes(text, () => false, 'lower') },
]

function spellBytes(
  text: string,
  stays: (character: string) => boolean,
  letters: 'upper' | 'lower',
): string {
  const parts = Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCodePoint(byte)
    if (byte < 0x80 && stays(character)) return character
    const digits = byte.toString(16).padStart(2, '0')
    return `%${letters === 'upper' ? digits.toUpperCase() : digits}`
  })
  return parts.join('')
}
