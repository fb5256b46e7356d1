/** Values of an answer, found again in its other texts. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { ValueDictionary } from '../../src/recognizers/dictionary/value-dictionary.ts'

function foundIn(values: readonly string[], text: string): readonly string[] {
  const dictionary = new ValueDictionary()
  for (const value of values) dictionary.add(value, 'a.class')
  const places: { start: number; end: number }[] = []
  dictionary.find(text, (start, end) => places.push({ start, end }))
  // Of places in each other only the widest is told.
  return places
    .filter(
      (place) =>
        !places.some(
          (other) => other !== place && other.start <= place.start && other.end >= place.end,
        ),
    )
    .map(({ start, end }) => text.slice(start, end))
}

const FOUND: readonly (readonly [
  values: readonly string[],
  text: string,
  found: readonly string[],
])[] = [
  [['Jane Doe'], 'Dear Jane, JANE DOE and jane  doe', ['Jane', 'JANE DOE', 'jane  doe']],
  [
    ['José García'],
    'jose garcia, Jose\u0301 Garci\u0301a, García',
    ['jose garcia', 'Jose\u0301 Garci\u0301a', 'García'],
  ],
  [['jane.doe@example.com'], 'to JANE.DOE@EXAMPLE.COM.', ['JANE.DOE@EXAMPLE.COM']],
  [['+34 612 345 678'], 'call 34612345678, 34-612-345-678', ['34612345678', '34-612-345-678']],
  [['+34 612 345 678'], 'call 612 34 56 78', ['612 34 56 78']],
  [['DE89 3704 0044'], 'to de8937040044', ['de8937040044']],
  [['山田太郎'], '山田太郎です', ['山田太郎']],
  [['山田 太郎'], 'こんにちは山田さん', ['山田']],
  [['Straße 7 B'], 'in der strasse 7b', []],
  [['Ana Li'], 'Ana wrote, ana too, and Li', ['Ana']],
  [['Will May'], 'It will rain in may. Will, May?', ['Will, May']],
  [['Mr Smith'], 'Mr Jones and Smith', ['Smith']],
  [['Jane Doe'], 'Jane', []],
  [['Jane Doe'], 'janet and McDoe', []],
  [['ab', '12345', '7'], 'ab 12345 7', []],
  [['123456'], '1234567 x123456 123456', ['123456']],
  [['Jane Doe'], 'Jane -- -- Doe', ['Jane', 'Doe']],
  [['a'.repeat(97)], 'a'.repeat(97), []],
  [[''], '', []],
]

test('values are found whatever their case, accents and separators, as whole words', (t) => {
  for (const [values, text, expected] of FOUND) {
    t.same(foundIn(values, text), expected, `${values.join()} in ${text}`)
  }
  t.end()
})

test('a value is found in whatever text it stands in, between words that it is no part of', (t) => {
  const word = fc.string({
    unit: fc.constantFrom(...'abcdeé0123'.split('')),
    minLength: 6,
    maxLength: 9,
  })
  const law = fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), word, (words, other) => {
    const value = words.join(' ')
    const found = foundIn([value], `${other} ${value.toUpperCase()}, ${other}`)
    return found.some((entry) => entry.toLowerCase().includes(value.toLowerCase()))
  })
  fc.assert(law)
  t.end()
})

test('what is found is a value, folded', (t) => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'á', ' ', '-', '1', 'B'),
    maxLength: 40,
  })
  const fold = (value: string): string =>
    value
      .normalize('NFD')
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase()
  const law = fc.property(fc.array(text, { maxLength: 4 }), text, (values, subject) => {
    const folded = new Set(
      values.flatMap((value) => [value, ...value.trim().split(/\s+/)]).map(fold),
    )
    return foundIn(values, subject).every((entry) => folded.has(fold(entry)))
  })
  fc.assert(law, { numRuns: 500 })
  t.end()
})

test('with too many values it says so, and knows those that it had', (t) => {
  const dictionary = new ValueDictionary()
  dictionary.add('Jane Doe', 'person.name')
  for (let index = 0; !dictionary.overflowed && index < 20_000; index += 1) {
    dictionary.add(`value number ${String(index).padStart(10, '0')} of many`, 'id.account')
  }
  t.ok(dictionary.overflowed)
  const found: string[] = []
  dictionary.find('for Jane Doe', (_start, _end, { dataClass }) => found.push(dataClass))
  t.ok(found.includes('person.name'))
  t.end()
})
