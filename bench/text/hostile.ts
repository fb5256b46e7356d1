/** Texts made to take long. */
import { corpusScanner } from '../../test/helpers/text-corpus/evaluate.ts'

const CARD = '4111 1111 1111 1111 '

/** What is repeated until the text is long enough. */
const UNITS: readonly (readonly [what: string, unit: string])[] = [
  ['one letter', 'a'],
  ['one digit', '1'],
  ['digits with blanks', '1 '],
  ['groups of four digits', '4444 '],
  ['cards', CARD],
  ['cards without blanks', '4111111111111111 '],
  ['wrong cards', '4111 1111 1111 1112 '],
  ['telephone numbers', '+34 612 345 678 '],
  ['national telephone numbers', '612 345 678 '],
  ['groups of two digits', '06 '],
  ['zeros', '00 '],
  ['at signs', '@'],
  ['a letter and an at sign', 'a@'],
  ['an at sign between blanks', 'a @ '],
  ['addresses', 'a@b.co '],
  ['dots after an at sign', 'a@b.'],
  ['opening brackets', '('],
  ['words for signs', 'a (at) b (dot) '],
  ['colons', ':'],
  ['hexadecimal groups', 'a:'],
  ['IPv4 addresses', '1.1.1.1.'],
  ['URLs', 'a://a'],
  ['long URL', 'a'.repeat(2_000) + '://'],
  ['hyphens', '-'],
  ['heads of keys', '-----BEGIN PRIVATE KEY-----'],
  ['heads of tokens', 'eyJa.'],
  ['key prefixes', 'ghp_ sk_live_ AKIA '],
  ['IBANs', 'ES9121000418450200051332 '],
  ['wrong IBANs', 'DE11 '],
  ['dates of birth', 'born 12/03/1984 '],
  ['years', 'March 1, 1984 '],
  ['national numbers', '12345678Z 123-45-6789 '],
  ['less-than signs', '<'],
  ['tags', '<b>'],
  ['open tags', '<b '],
  ['tags around digits', '<b>4</b>'],
  ['attributes', '<a title="4111">'],
  ['comments', '<!-- -->'],
  ['entities', '&#52;'],
  ['ampersands', '&'],
  ['percent escapes', '%34'],
  ['quoted-printable', '=34'],
  ['soft breaks', '4=\r\n'],
  ['zero-width characters', '\u200b'],
  ['zero-width characters between digits', '4\u200b'],
  ['fullwidth digits', '\uff14'],
  ['mathematical digits', '\u{1d7d2}'],
  ['encoded words', '=?utf-8?q?a?= '],
  ['long words', `${'a'.repeat(24)} `],
  ['hexadecimal words', `${Buffer.from('card 4111 1111').toString('hex')} `],
  ['words in base64', `${Buffer.from('card 4111 1111 1111 1111').toString('base64')} `],
  ['one word in base64', Buffer.from('card 4111 1111 1111 1111 ').toString('base64')],
  ['turned texts', '\u202e1111 1111 1111 1114\u202c '],
  ['context words', 'card phone born order '],
]

export interface HostileTime {
  readonly what: string
  readonly milliseconds: number
}

/** Each text's time, the best of five, after a warm-up. */
export function hostileTimes(bytes: number): readonly HostileTime[] {
  const scanner = corpusScanner()
  for (const [, unit] of UNITS) scanner.find(unit.repeat(Math.ceil(20_000 / unit.length)))
  return UNITS.map(([what, unit]) => {
    const text = Buffer.from(unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit)))).toString()
    let best = Infinity
    for (let round = 0; round < 5; round += 1) {
      const before = process.cpuUsage()
      scanner.find(text)
      const { user, system } = process.cpuUsage(before)
      best = Math.min(best, (user + system) / 1000)
    }
    return { what, milliseconds: best }
  })
}
