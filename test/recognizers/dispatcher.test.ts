/** What the pre-filter leaves out is nothing: recognizers that are asked at every place propose the same. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { Dispatcher } from '../../src/recognizers/dispatcher.ts'
import { NumberRun } from '../../src/recognizers/numbers/number-run.ts'
import type { Report } from '../../src/recognizers/recognizer.ts'
import { DEFAULT_COUNTRIES, RECOGNIZERS } from '../../src/recognizers/registry.ts'
import { Units } from '../../src/recognizers/view/units.ts'
import { generateCorpus } from '../helpers/text-corpus/generate.ts'

const RUNS = 400

const dispatcher = new Dispatcher()
const memory = new Units()
let proposed: string[] = []

const asked = RECOGNIZERS.flatMap(({ name, finder: make }) => {
  const finder = make({ countries: DEFAULT_COUNTRIES })
  const report: Report = (start, end, { plain }, check) => {
    proposed.push(`${name} ${start}-${end} ${plain} ${check?.() ?? true}`)
  }
  if (finder === undefined) return []
  dispatcher.add(finder, report)
  return [{ finder, report, from: 0 }]
})

/** What is proposed while `ask` runs, in order of name and place. */
function proposals(ask: () => void): string {
  proposed = []
  ask()
  return proposed.toSorted().join('\n')
}

const dispatched = (text: string): string => proposals(() => dispatcher.run(text, memory.of(text)))

/** Every recognizer at every place of the text. */
const plain = (text: string): string =>
  proposals(() => {
    const run = new NumberRun()
    run.begin(text, memory.of(text))
    for (const { finder, report } of asked) if (finder.on === 'text') finder.find(text, report)
    for (const each of asked) each.from = 0
    let runEnd = 0
    for (let at = 0; at < text.length; at += 1) {
      const isRun = at >= runEnd && /\d/.test(text.charAt(at))
      if (isRun) runEnd = run.read(at)
      for (const each of asked) {
        const { finder, report } = each
        if (finder.on === 'number' && isRun) finder.find(run, report)
        if (finder.on === 'character' && finder.characters.includes(text.charAt(at))) {
          finder.find(text, at, report)
        }
        if (finder.on === 'literal' && at >= each.from && begins(text, at, finder.literals)) {
          each.from = finder.find(text, at, report)
        }
      }
    }
  })

const begins = (text: string, at: number, literals: readonly string[]): boolean =>
  literals.some((literal) => text.startsWith(literal, at))

const VALUES = [
  '4111 1111 1111 1111',
  'DE89370400440532013000',
  'jane@example.com',
  '(at)',
  '[dot]',
  '+34 612 345 678',
  '123-45-6789',
  '12345678Z',
  '192.0.2.7',
  '2001:db8::7',
  '://',
  '@',
  'eyJhbGciOiJIUzI1NiJ9.',
  'ghp_',
  'AKIA',
  '-----BEGIN PRIVATE KEY-----',
  'xoxb-',
  'sk-',
  'March 1, 1984',
  '12/03/1984',
  'né le ',
  '54Ol 737l 6595 9447',
  '612 ',
  '06 ',
  '00',
  ' ',
  'Calle Mayor 12, 28013 Madrid',
  '742 Evergreen Terrace',
  '?token=abcdef',
  '\ud800',
  '’',
]

const pieces = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ maxLength: 12 }),
  fc
    .array(fc.constantFrom(...'0123456789 -./()+:@aZé'), { maxLength: 60 })
    .map((units) => units.join('')),
)
const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))

/** Halves of characters, too. */
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
  .map((units) => String.fromCharCode(...units))

test('of any text, recognizers propose the same behind the pre-filter as without it', (t) => {
  fc.assert(
    fc.property(texts, (text) => dispatched(text) === plain(text)),
    { numRuns: RUNS },
  )
  t.end()
})

test('so they do of tickets of the corpus', (t) => {
  const { tickets, decoys } = generateCorpus('writing')
  let found = 0
  for (const { text } of [...tickets.slice(0, 400), ...decoys.slice(0, 400)]) {
    const [proposal, expected] = [dispatched(text), plain(text)]
    if (proposal !== expected) t.equal(proposal, expected, text)
    if (proposal !== '') found += 1
  }
  t.ok(found > 400, `${found} with proposals`)
  t.end()
})

test('the units of a text are its units, whatever text was there before', (t) => {
  const own = new Units()
  const law = fc.property(anyUnits, fc.boolean(), isHeld)
  function isHeld(text: string, clear: boolean): boolean {
    if (clear) own.clear()
    const units = own.of(text)
    const held = String.fromCharCode(...units.subarray(0, text.length))
    return held === text && units[text.length] === 0
  }
  fc.assert(law, { numRuns: RUNS })
  t.equal(own.of('x'.repeat(70_000))[69_999], 0x78)
  own.clear()
  t.ok(own.of('short').length < 70_000, 'what a long text took is given back')
  t.end()
})
