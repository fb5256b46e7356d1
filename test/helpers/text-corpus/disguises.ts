/** Personal data written so that plain patterns miss it: how much is found is published, without a goal. */
import { seededRandom } from '../../../demo/random.ts'
import type { Random } from '../../../demo/random.ts'
import type { LabelledText } from './generate.ts'
import { LABELLED_VALUES } from './labelled-values.ts'
import type { LabelledSlot, Language } from './templates/templates.ts'
import { LANGUAGES } from './templates/templates.ts'

type Change = (value: string, random: Random) => string

export interface DisguisedText extends LabelledText {
  readonly disguise: string
}

const PER_DISGUISE = 60
const SEED = 55_001

const everyOther =
  (change: (char: string) => string): Change =>
  (value, random) =>
    Array.from(value, (char) => (random.chance(50) ? change(char) : char)).join('')

const between =
  (marks: readonly string[]): Change =>
  (value, random) =>
    Array.from(value, (char, index) =>
      index > 0 && random.chance(40) ? random.pick(marks) + char : char,
    ).join('')

const atMiddle =
  (insert: string): Change =>
  (value) => {
    const middle = Math.floor(value.length / 2)
    return value.slice(0, middle) + insert + value.slice(middle)
  }

const codePoint = (char: string): number => char.codePointAt(0) ?? 0
const digitsFrom =
  (zero: number): Change =>
  (value) =>
    value.replaceAll(/\d/g, (char) => String.fromCodePoint(zero + Number(char)))

const ALL: readonly LabelledSlot[] = ['card', 'email', 'phone', 'iban']
const NUMBERS: readonly LabelledSlot[] = ['card', 'phone']

/** Each disguise with the kinds of values that it is put on. */
const DISGUISES: readonly (readonly [string, readonly LabelledSlot[], Change])[] = [
  ['entities of characters', ALL, everyOther((char) => `&#${codePoint(char)};`)],
  ['hexadecimal entities', ALL, everyOther((char) => `&#x${codePoint(char).toString(16)};`)],
  ['no-break spaces as entities', NUMBERS, (value) => value.replaceAll(/[ \u00a0-]/g, '&nbsp;')],
  ['zero-width characters', ALL, between(['\u200b', '\u200d', '\u2060', '\ufeff'])],
  ['soft hyphens', ALL, between(['\u00ad'])],
  ['marks of direction', ALL, between(['\u200e', '\u202d', '\u2069'])],
  [
    'fullwidth forms',
    ALL,
    everyOther((char) =>
      /[!-~]/.test(char) ? String.fromCodePoint(codePoint(char) + 0xfee0) : char,
    ),
  ],
  ['mathematical digits', NUMBERS, digitsFrom(0x1d7ce)],
  ['Arabic digits', NUMBERS, digitsFrom(0x0660)],
  ['Devanagari digits', NUMBERS, digitsFrom(0x0966)],
  ['letters for digits', NUMBERS, (value) => value.replaceAll('0', 'O').replaceAll('1', 'l')],
  [
    'Cyrillic letters',
    ['email'],
    (value) => value.replaceAll('a', 'а').replaceAll('e', 'е').replaceAll('o', 'о'),
  ],
  ['an element in the middle', ALL, atMiddle('<wbr>')],
  ['an emphasis around a half', ALL, (value) => `<b>${value.slice(0, 4)}</b>${value.slice(4)}`],
  ['a comment in the middle', ALL, atMiddle('<!-- x -->')],
  ['a soft line break', ALL, atMiddle('=\r\n')],
  [
    'quoted-printable signs',
    ['email'],
    (value) => value.replace('@', '=40').replaceAll('.', '=2E'),
  ],
  ['a percent-encoded sign', ['email'], (value) => value.replace('@', '%40')],
  [
    'words for signs',
    ['email'],
    (value) => value.replace('@', ' (at) ').replaceAll('.', ' (dot) '),
  ],
  [
    'words in brackets for signs',
    ['email'],
    (value) => value.replace('@', '[at]').replaceAll('.', '[dot]'),
  ],
  ['blanks around signs', ['email'], (value) => value.replace('@', ' @ ').replaceAll('.', ' . ')],
  [
    'a blank after each digit',
    ['card'],
    (value) => value.replaceAll(/\D/g, '').replaceAll(/.(?=.)/g, '$& '),
  ],
  [
    'a line break between groups',
    NUMBERS,
    (value) => value.replace(/[ \u00a0](?=[^ \u00a0]*$)/, '\n'),
  ],
]

const CARRIERS: Readonly<Record<Language, string>> = {
  en: 'Hi, my details are {} for order 10442, thanks.',
  es: 'Hola, mis datos son {} para el pedido 10442, gracias.',
  fr: 'Bonjour, mes coordonnées sont {} pour la commande 10442, merci.',
  de: 'Hallo, meine Daten sind {} zur Bestellung 10442, danke.',
  pt: 'Olá, os meus dados são {} para o pedido 10442, obrigado.',
}

/** Every disguise on every kind that it fits, in all languages. */
export function generateDisguised(): readonly DisguisedText[] {
  const random = seededRandom(SEED)
  return DISGUISES.flatMap(([disguise, kinds, change]) =>
    kinds.flatMap((kind) =>
      Array.from({ length: PER_DISGUISE }, (_empty, index) => {
        const language = LANGUAGES[index % LANGUAGES.length] ?? 'en'
        const plain = LABELLED_VALUES[kind](random, language).replace('%40', '@')
        return disguised({ disguise, kind, language, value: change(plain, random) })
      }),
    ),
  )
}

interface Disguised {
  readonly disguise: string
  readonly kind: LabelledSlot
  readonly language: Language
  readonly value: string
}

function disguised({ disguise, kind, language, value }: Disguised): DisguisedText {
  const [before = '', after = ''] = CARRIERS[language].split('{}')
  const start = before.length
  const labels = [{ kind, start, end: start + value.length }]
  return { disguise, language, text: before + value + after, labels }
}
